//! The events of conversation groups: what came, left, got another name or other data, and their order.

use std::collections::BTreeMap;

use super::Event;
use crate::{AccountState, ConversationGroup, ConversationGroupId, Head, StateDiff, order};

pub(super) fn tell(events: &mut Vec<Event>, before: &AccountState, diff: &StateDiff, head: &Head) {
    if diff.conversation_groups.is_empty() && head.group_order == before.head.group_order {
        return;
    }
    let old = order::members(&before.head.group_order, before.conversation_groups.keys().copied());
    for (id, group) in &diff.conversation_groups {
        match (before.conversation_groups.get(id), group) {
            (None, None) => {}
            (Some(was), None) => events.push(deleted(*id, was, &old, before, diff)),
            (None, Some(is)) => {
                events.push(Event::GroupCreated { id: *id, name: is.name.clone() });
                events.extend(data_changed(*id, None, is));
            }
            (Some(was), Some(is)) => {
                events.extend(renamed(*id, was, is));
                events.extend(data_changed(*id, Some(was), is));
            }
        }
    }
    events.extend(ordered(old, diff, head));
}

fn deleted(
    id: ConversationGroupId,
    was: &ConversationGroup,
    old: &[ConversationGroupId],
    before: &AccountState,
    diff: &StateDiff,
) -> Event {
    let place = old.iter().zip(0..).find(|(other, _)| **other == id).map_or(0, |(_, place)| place);
    let conversations = diff.records.iter().map(|(conversation, _)| conversation);
    let members = conversations.filter(|conversation| before.arrangement(conversation).is_in(id)).cloned().collect();
    Event::GroupDeleted { id, name: was.name.clone(), data: was.data.clone(), place, members }
}

fn renamed(id: ConversationGroupId, was: &ConversationGroup, is: &ConversationGroup) -> Option<Event> {
    let renamed = || Event::GroupRenamed { id, old_name: was.name.clone(), name: is.name.clone() };
    (was.name != is.name).then(renamed)
}

fn data_changed(id: ConversationGroupId, was: Option<&ConversationGroup>, is: &ConversationGroup) -> Option<Event> {
    let old_data = was.and_then(|group| group.data.as_ref());
    (old_data != is.data.as_ref()).then(|| Event::GroupDataChanged {
        id,
        name: is.name.clone(),
        old_data: old_data.cloned(),
        data: is.data.clone(),
    })
}

/// The order, where it is not the one before without those that left and with those that came at its end.
fn ordered(old: Vec<ConversationGroupId>, diff: &StateDiff, head: &Head) -> Option<Event> {
    let mut changed: BTreeMap<_, _> =
        diff.conversation_groups.iter().map(|(id, group)| (*id, group.is_some())).collect();
    let mut expected: Vec<_> = old.iter().copied().filter(|id| changed.remove(id).unwrap_or(true)).collect();
    expected.extend(changed.into_iter().filter(|(_, exists)| *exists).map(|(id, _)| id));
    let new = order::members(&head.group_order, expected.iter().copied());
    (new != expected).then_some(Event::GroupsOrdered { old, new })
}
