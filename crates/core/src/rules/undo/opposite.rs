//! What is put back to undo a change.

use super::super::StandardChange;
use super::Entries;
use super::elements::Elements;
use crate::{
    AccountState, Arrangement, Conversation, ConversationGroup, ConversationGroupId, CustomMark, Draft, Element, Event,
    GroupData, GroupName, RecentEntry, Refusal, Timestamp,
};

/// What is put back. It is done in the order of the fields, whatever the order of the events: groups before their
/// members, and orders when everything is there.
#[derive(Debug, Default)]
pub(super) struct Opposite<'e> {
    /// Conversation groups that come back, each with the place that it had.
    pub(super) restored_groups: Vec<(u32, ConversationGroupId, ConversationGroup)>,
    pub(super) names: Vec<(ConversationGroupId, &'e GroupName)>,
    pub(super) data: Vec<(ConversationGroupId, Option<&'e GroupData>)>,
    pub(super) parts: Vec<(&'e Conversation, Part<'e>)>,
    pub(super) deleted_groups: Vec<ConversationGroupId>,
    pub(super) unpinned: Vec<&'e Conversation>,
    /// Conversations that are pinned again, each with the place that its pin had and since when it was pinned.
    pub(super) restored_pins: Vec<(u32, &'e Conversation, Timestamp)>,
    pub(super) group_order: Option<&'e [ConversationGroupId]>,
    pub(super) pin_order: Option<&'e [Conversation]>,
    pub(super) removed_entries: Vec<RecentEntry>,
    pub(super) restored_entries: Vec<RecentEntry>,
}

/// A part of what is kept about a conversation, as it is put back.
#[derive(Debug)]
pub(super) enum Part<'e> {
    In(ConversationGroupId),
    NotIn(ConversationGroupId),
    Standard(StandardChange),
    Custom(Option<&'e CustomMark>),
}

impl<'e> Opposite<'e> {
    /// Looks at every element of the events, in their order.
    ///
    /// # Errors
    /// The first that is neither as the change left it nor as it was before.
    pub(super) fn of(state: &AccountState, events: &'e [Event], entries: &Entries) -> Result<Self, Element> {
        let mut elements = Elements { state, events, entries, opposite: Self::default() };
        events.iter().try_for_each(|event| elements.look_at(event))?;
        Ok(elements.opposite)
    }

    /// The groups that get a name.
    pub(super) fn named(&self) -> Vec<ConversationGroupId> {
        self.restored_groups.iter().map(|(_, id, _)| *id).chain(self.names.iter().map(|(id, _)| *id)).collect()
    }

    /// Puts everything back.
    ///
    /// # Errors
    /// [`Refusal::NumbersUsedUp`].
    pub(super) fn apply(mut self, draft: &mut Draft<'_>) -> Result<(), Refusal> {
        self.restore_groups(draft);
        self.names.iter().for_each(|(id, name)| draft.name_conversation_group(*id, name));
        self.data.iter().for_each(|(id, data)| draft.set_group_data(*id, data.cloned()));
        // No rule makes such a change, but a dump that was written by hand may have one.
        self.parts.retain(|(_, part)| !matches!(part, Part::In(id) if self.deleted_groups.contains(id)));
        for (conversation, part) in &self.parts {
            draft.arrange(conversation, part.put_back(draft.arrangement(conversation)));
        }
        self.deleted_groups.iter().for_each(|id| draft.remove_conversation_group(*id));
        self.unpinned.iter().for_each(|conversation| draft.unpin(conversation));
        self.restore_pins(draft)?;
        self.put_in_order(draft);
        self.removed_entries.into_iter().for_each(|entry| draft.remove_entry(entry));
        self.restored_entries.into_iter().for_each(|entry| draft.restore_entry(entry));
        Ok(())
    }

    fn restore_groups(&mut self, draft: &mut Draft<'_>) {
        let mut groups = std::mem::take(&mut self.restored_groups);
        groups.sort_by_key(|(place, ..)| *place);
        let mut order: Vec<_> = draft.ordered_conversation_groups().into_iter().map(|(id, _)| id).collect();
        for (place, id, group) in groups {
            draft.restore_group(id, group);
            insert(&mut order, place, id);
        }
        draft.order_conversation_groups(order);
    }

    fn restore_pins(&mut self, draft: &mut Draft<'_>) -> Result<(), Refusal> {
        self.restored_pins.sort_by_key(|(place, ..)| *place);
        let mut order: Vec<_> = draft.ordered_pins().into_iter().map(|(_, pin)| pin.change).collect();
        for (place, conversation, pinned_at) in &self.restored_pins {
            insert(&mut order, *place, draft.restore_pin(conversation, *pinned_at)?);
        }
        draft.order_pins(order);
        Ok(())
    }

    /// What is gone by now is skipped, and what the order does not name stays last.
    fn put_in_order(&self, draft: &mut Draft<'_>) {
        draft.order_conversation_groups(self.group_order.iter().copied().flatten().copied());
        let pins = self.pin_order.iter().copied().flatten();
        let first: Vec<_> = pins.filter_map(|who| draft.pins().get(who)).map(|pin| pin.change).collect();
        draft.order_pins(first);
    }
}

impl Part<'_> {
    fn put_back(&self, arrangement: &Arrangement) -> Arrangement {
        match self {
            Self::In(id) => arrangement.with_conversation_group(*id),
            Self::NotIn(id) => arrangement.without_conversation_group(*id),
            Self::Standard(StandardChange { clear, set }) => {
                Arrangement { standard: arrangement.standard.changed(*clear, *set), ..arrangement.clone() }
            }
            Self::Custom(custom) => Arrangement { custom: custom.cloned(), ..arrangement.clone() },
        }
    }
}

/// Inserts a member at a place that it had before; last where there are fewer by now.
fn insert<T>(order: &mut Vec<T>, place: u32, member: T) {
    order.insert(order.len().min(place as usize), member);
}
