//! The events of a change. Most changes are marks: only what the difference names is looked at, and an order only where
//! it can have changed.

use std::collections::BTreeMap;

use super::{Event, groups, pins};
use crate::{AccountState, Arrangement, Conversation, ConversationGroupId, GroupName, StateDiff};

/// Conversations by the group that they were put into or taken out of.
type Members = BTreeMap<ConversationGroupId, Vec<Conversation>>;

impl Event {
    /// What the difference says happened to the account that was in state `before`: groups, members, marks, pins. `before`
    /// may hold only those records that the difference names. None for a deletion, which has no history.
    pub fn between(before: &AccountState, diff: &StateDiff) -> Vec<Self> {
        let Some(head) = &diff.head else { return Vec::new() };
        if head.imported && !before.head.imported {
            return vec![Self::AccountImported];
        }
        let mut events = Vec::new();
        events.extend(diff.profile.as_ref().map(|_| Self::ProfileChanged));
        groups::tell(&mut events, before, diff, head);
        tell_members(&mut events, before, diff);
        tell_marks(&mut events, before, diff);
        pins::tell(&mut events, before, diff, head);
        let restored = diff.restored_entries.iter().cloned();
        events.extend(
            restored.map(|entry| Self::ConversationRestored { conversation: entry.conversation, entry: entry.at }),
        );
        events
    }
}

/// The conversations of the difference, each with what was and what is kept about it.
fn arrangements<'a>(
    before: &'a AccountState,
    diff: &'a StateDiff,
) -> impl Iterator<Item = (&'a Conversation, &'a Arrangement, &'a Arrangement)> {
    diff.records.iter().map(|(conversation, record)| {
        let is = record.as_ref().map_or(Arrangement::EMPTY, |record| &record.arrangement);
        (conversation, before.arrangement(conversation), is)
    })
}

fn tell_members(events: &mut Vec<Event>, before: &AccountState, diff: &StateDiff) {
    let (mut added, mut removed) = (Members::new(), Members::new());
    for (conversation, was, is) in arrangements(before, diff) {
        only_in(is, was).for_each(|id| added.entry(id).or_default().push(conversation.clone()));
        only_in(was, is).for_each(|id| removed.entry(id).or_default().push(conversation.clone()));
    }
    let named = |(id, members)| Some((id, name_after(id, before, diff)?, members));
    let added = added.into_iter().filter_map(named);
    events.extend(added.map(|(id, name, members)| Event::ConversationsAdded { id, name, members }));
    let removed = removed.into_iter().filter_map(named);
    events.extend(removed.map(|(id, name, members)| Event::ConversationsRemoved { id, name, members }));
}

/// The groups that the one has and the other does not.
fn only_in<'a>(one: &'a Arrangement, other: &'a Arrangement) -> impl Iterator<Item = ConversationGroupId> + 'a {
    one.conversation_groups.iter().copied().filter(|id| !other.is_in(*id))
}

/// The name of a group after the change; `None` if it is gone.
fn name_after(id: ConversationGroupId, before: &AccountState, diff: &StateDiff) -> Option<GroupName> {
    let changed = diff.conversation_groups.iter().find(|(changed, _)| *changed == id);
    let group = changed.map_or_else(|| before.conversation_groups.get(&id), |(_, group)| group.as_ref());
    group.map(|group| group.name.clone())
}

fn tell_marks(events: &mut Vec<Event>, before: &AccountState, diff: &StateDiff) {
    for (conversation, was, is) in arrangements(before, diff) {
        if (was.standard, &was.custom) != (is.standard, &is.custom) {
            events.push(Event::MarkChanged {
                conversation: conversation.clone(),
                old_standard: was.standard,
                standard: is.standard,
                old_custom: was.custom.clone(),
                custom: is.custom.clone(),
            });
        }
    }
}
