//! What the events of an account come to, one after the other: a second, simpler account of it.

use std::collections::{BTreeMap, BTreeSet};

use pinfold_core::{AccountState, Conversation, ConversationGroupId, Event, HistoryChange};

/// Groups with their names, members, standard marks, and pins.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Folded {
    groups: BTreeMap<ConversationGroupId, String>,
    members: BTreeSet<(ConversationGroupId, Conversation)>,
    marks: BTreeMap<Conversation, u64>,
    pins: BTreeSet<Conversation>,
}

impl Folded {
    /// What is kept of an account.
    pub(crate) fn of(state: &AccountState) -> Self {
        let mut folded = Self::default();
        folded.groups.extend(state.conversation_groups.iter().map(|(id, group)| (*id, group.name.as_str().to_owned())));
        for (conversation, record) in state.records.iter() {
            let groups = record.arrangement.conversation_groups.iter();
            folded.members.extend(groups.map(|id| (*id, conversation.clone())));
            folded.mark(conversation, record.arrangement.standard.0);
        }
        folded.pins.extend(state.pins.keys().cloned());
        folded
    }

    /// Applies a change; everything has to be as it says that it was.
    pub(crate) fn apply(&mut self, change: &HistoryChange) {
        for event in &change.events {
            self.apply_event(event);
        }
    }

    fn mark(&mut self, conversation: &Conversation, bits: u64) -> u64 {
        let before =
            if bits == 0 { self.marks.remove(conversation) } else { self.marks.insert(conversation.clone(), bits) };
        before.unwrap_or_default()
    }

    fn apply_event(&mut self, event: &Event) {
        match event {
            Event::GroupCreated { id, name } => {
                assert_eq!(self.groups.insert(*id, name.as_str().to_owned()), None);
            }
            Event::GroupDeleted { id, name, members, .. } => {
                assert_eq!(self.groups.remove(id).as_deref(), Some(name.as_str()));
                members.iter().for_each(|member| assert!(self.members.remove(&(*id, member.clone()))));
                assert!(self.members.iter().all(|(group, _)| group != id), "a member of a deleted group is not told");
            }
            Event::ConversationsAdded { id, members, .. } => {
                members.iter().for_each(|member| assert!(self.members.insert((*id, member.clone()))));
            }
            Event::ConversationsRemoved { id, members, .. } => {
                members.iter().for_each(|member| assert!(self.members.remove(&(*id, member.clone()))));
            }
            Event::MarkChanged { conversation, old_standard, standard, .. } => {
                assert_eq!(self.mark(conversation, standard.0), old_standard.0);
            }
            Event::Pinned { conversation, .. } => assert!(self.pins.insert(conversation.clone())),
            Event::Unpinned { conversation, .. } => assert!(self.pins.remove(conversation)),
            Event::GroupRenamed { .. }
            | Event::GroupDataChanged { .. }
            | Event::GroupsOrdered { .. }
            | Event::PinsOrdered { .. }
            | Event::ConversationDeleted { .. }
            | Event::ConversationRestored { .. }
            | Event::AccountImported
            | Event::ProfileChanged
            | Event::AccountRestored
            | Event::Forgotten => panic!("no call here makes {event:?}"),
        }
    }
}
