//! What happened to an account: the story of a set of changes, for change feeds and webhooks.

use crate::{AccountState, Arrangement, Conversation, ConversationGroupId, GroupName, StateDiff};

/// One thing that happened to an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The account was imported, or its profile changed.
    AccountImported,
    /// The account was deleted with all that was kept for it.
    AccountDeleted,
    /// A conversation group came into being.
    ConversationGroupCreated(ConversationGroupId, GroupName),
    /// A conversation group got this name.
    ConversationGroupRenamed(ConversationGroupId, GroupName),
    /// A conversation group was deleted.
    ConversationGroupDeleted(ConversationGroupId),
    /// A conversation was put into a conversation group.
    ConversationAdded(ConversationGroupId, Conversation),
    /// A conversation was taken out of a conversation group, or the group was deleted.
    ConversationRemoved(ConversationGroupId, Conversation),
    /// Standard or custom marks of a conversation changed.
    MarksChanged(Conversation),
    /// A conversation was pinned.
    Pinned(Conversation),
    /// A conversation was unpinned.
    Unpinned(Conversation),
}

impl Event {
    /// What the changes say happened to the account that was in state `before`. Made on demand: most
    /// changes are not followed by anybody.
    pub fn between(before: &AccountState, changes: &StateDiff) -> Vec<Self> {
        if changes.head.is_none() {
            return vec![Self::AccountDeleted];
        }
        let mut events = Vec::new();
        if changes.profile.is_some() || changes.head.as_ref().is_some_and(|head| head.imported != before.head.imported)
        {
            events.push(Self::AccountImported);
        }
        events.extend(changes.conversation_groups.iter().filter_map(|(id, group)| {
            match (before.conversation_groups.get(id), group) {
                (Some(before), Some(group)) if before.name == group.name => None,
                (Some(_), Some(group)) => Some(Self::ConversationGroupRenamed(*id, group.name.clone())),
                (None, Some(group)) => Some(Self::ConversationGroupCreated(*id, group.name.clone())),
                (_, None) => Some(Self::ConversationGroupDeleted(*id)),
            }
        }));
        for (conversation, record) in &changes.records {
            let after = record.as_ref().map_or(Arrangement::EMPTY, |record| &record.arrangement);
            rearranged(&mut events, conversation, before.arrangement(conversation), after);
        }
        events.extend(changes.pins.iter().map(|(conversation, pin)| match pin {
            Some(_) => Self::Pinned(conversation.clone()),
            None => Self::Unpinned(conversation.clone()),
        }));
        events
    }
}

fn rearranged(events: &mut Vec<Event>, conversation: &Conversation, before: &Arrangement, after: &Arrangement) {
    let added = after.conversation_groups.iter().filter(|id| !before.is_in(**id));
    events.extend(added.map(|id| Event::ConversationAdded(*id, conversation.clone())));
    let removed = before.conversation_groups.iter().filter(|id| !after.is_in(**id));
    events.extend(removed.map(|id| Event::ConversationRemoved(*id, conversation.clone())));
    if (before.standard, &before.custom) != (after.standard, &after.custom) {
        events.push(Event::MarksChanged(conversation.clone()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AccountId, PeerStatuses, StandardMarks, Timestamp, decide};

    #[test]
    fn events_tell_what_changed_and_nothing_that_stayed() {
        let bob = Conversation::OneToOne(AccountId::parse("bob").unwrap());
        let mut state = AccountState::default();
        let mut step = |arrangement: Arrangement| {
            let ((), changes) = decide(&state, true, &PeerStatuses::default(), Timestamp(1), |draft| {
                draft.arrange(&bob, arrangement);
                Ok(())
            })
            .unwrap();
            let changes = changes.unwrap();
            let events = Event::between(&state, &changes);
            state.apply(&changes);
            events
        };
        let work = ConversationGroupId(1);
        let marked = Arrangement { standard: StandardMarks(1), ..Arrangement::default() };
        assert_eq!(step(marked.clone()), [Event::MarksChanged(bob.clone())]);
        assert_eq!(step(marked.with_conversation_group(work)), [Event::ConversationAdded(work, bob.clone())]);
        let both = [Event::ConversationRemoved(work, bob.clone()), Event::MarksChanged(bob.clone())];
        assert_eq!(step(Arrangement::default()), both);
    }
}
