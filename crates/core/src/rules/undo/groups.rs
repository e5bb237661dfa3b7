//! The elements of conversation groups: existence, name, data, memberships, order.

use std::collections::BTreeSet;

use super::elements::{Elements, order_before};
use super::opposite::Part;
use crate::{Conversation, ConversationGroup, ConversationGroupId, Element, Event, GroupData, GroupName};

impl<'e> Elements<'_, 'e> {
    /// The group is deleted where it is all that the change made, and nothing else is in it.
    pub(super) fn created(&mut self, id: ConversationGroupId, name: &GroupName) -> Result<(), Element> {
        let Some(group) = self.group(id) else { return Ok(()) };
        is_as_told(id, group, name, self.data_told(id))?;
        let put_in = self.members_told(id);
        let inside = self.state.records.iter().filter(|(_, record)| record.arrangement.is_in(id));
        if let Some((conversation, _)) = inside.into_iter().find(|(conversation, _)| !put_in.contains(conversation)) {
            return Err(Element::GroupHolds { id, name: name.clone(), conversation: conversation.clone() });
        }
        self.opposite.deleted_groups.push(id);
        Ok(())
    }

    /// A group that is there was put back before. Each of its members is an element then.
    pub(super) fn deleted(
        &mut self,
        id: ConversationGroupId,
        deleted: ConversationGroup,
        place: u32,
        members: &'e [Conversation],
    ) -> Result<(), Element> {
        match self.group(id) {
            Some(group) => is_as_told(id, group, &deleted.name, deleted.data.as_ref())?,
            None => self.opposite.restored_groups.push((place, id, deleted)),
        }
        self.put_in(id, members);
        Ok(())
    }

    pub(super) fn renamed(
        &mut self,
        id: ConversationGroupId,
        old: &'e GroupName,
        new: &GroupName,
    ) -> Result<(), Element> {
        let group = self.group_still_there(id, new)?;
        if group.name == *new {
            self.opposite.names.push((id, old));
        } else if group.name != *old {
            return Err(Element::GroupRenamed { id, name: new.clone(), now: group.name.clone() });
        }
        Ok(())
    }

    /// The data that a new group came with belongs to its existence.
    pub(super) fn data_changed(
        &mut self,
        id: ConversationGroupId,
        name: &GroupName,
        old: &'e Option<GroupData>,
        new: &Option<GroupData>,
    ) -> Result<(), Element> {
        let is_of = |event: &Event| matches!(event, Event::GroupCreated { id: created, .. } if *created == id);
        if self.events.iter().any(is_of) {
            return Ok(());
        }
        let group = self.group_still_there(id, name)?;
        if group.data == *new {
            self.opposite.data.push((id, old.as_ref()));
        } else if group.data != *old {
            return Err(Element::GroupData { id, name: name.clone() });
        }
        Ok(())
    }

    pub(super) fn group_order(
        &mut self,
        old: &'e [ConversationGroupId],
        new: &[ConversationGroupId],
    ) -> Result<(), Element> {
        let now: Vec<_> = self.state.ordered_conversation_groups().into_iter().map(|(id, _)| id).collect();
        let order = order_before(&now.iter().collect::<Vec<_>>(), old, new);
        self.opposite.group_order = order.ok_or(Element::GroupOrder)?;
        Ok(())
    }

    pub(super) fn added(&mut self, id: ConversationGroupId, members: &'e [Conversation]) {
        let inside = members.iter().filter(|member| self.state.arrangement(member).is_in(id));
        self.opposite.parts.extend(inside.map(|member| (member, Part::NotIn(id))));
    }

    pub(super) fn removed(
        &mut self,
        id: ConversationGroupId,
        name: &GroupName,
        members: &'e [Conversation],
    ) -> Result<(), Element> {
        self.group_still_there(id, name)?;
        self.put_in(id, members);
        Ok(())
    }

    fn put_in(&mut self, id: ConversationGroupId, members: &'e [Conversation]) {
        let outside = members.iter().filter(|member| !self.state.arrangement(member).is_in(id));
        self.opposite.parts.extend(outside.map(|member| (member, Part::In(id))));
    }

    fn group(&self, id: ConversationGroupId) -> Option<&ConversationGroup> {
        self.state.conversation_groups.get(&id)
    }

    fn group_still_there(&self, id: ConversationGroupId, name: &GroupName) -> Result<&ConversationGroup, Element> {
        self.group(id).ok_or_else(|| Element::GroupGone { id, name: name.clone() })
    }

    /// The data that the change gave a group.
    fn data_told(&self, id: ConversationGroupId) -> Option<&'e GroupData> {
        self.events.iter().find_map(|event| {
            let Event::GroupDataChanged { id: changed, data, .. } = event else { return None };
            data.as_ref().filter(|_| *changed == id)
        })
    }

    /// The conversations that the change put into a group.
    fn members_told(&self, id: ConversationGroupId) -> BTreeSet<&'e Conversation> {
        let put_in = self.events.iter().filter_map(|event| {
            let Event::ConversationsAdded { id: filled, members, .. } = event else { return None };
            (*filled == id).then_some(members)
        });
        put_in.flatten().collect()
    }
}

/// Refuses a group that has another name or other data than a change told.
fn is_as_told(
    id: ConversationGroupId,
    group: &ConversationGroup,
    name: &GroupName,
    data: Option<&GroupData>,
) -> Result<(), Element> {
    if group.name != *name {
        return Err(Element::GroupRenamed { id, name: name.clone(), now: group.name.clone() });
    }
    if group.data.as_ref() == data { Ok(()) } else { Err(Element::GroupData { id, name: name.clone() }) }
}
