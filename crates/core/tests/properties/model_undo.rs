//! The model of `undo`: whether a change can be undone, and what is arranged then, written from the protocol.

use std::collections::BTreeSet;

use pinfold_core::{AppPolicy, Conversation, Event};

use crate::account::{Group, Kind};
use crate::arranged::Arranged;
use crate::events::{mark, text};
use crate::real::peer;

/// Whether all these events have an opposite.
pub(crate) fn is_undoable(events: &[Event]) -> bool {
    !events.iter().any(|event| matches!(event, Event::AccountImported | Event::ProfileChanged))
}

/// What undoing these events gives; [`is_ordered`] looks at the orders.
pub(crate) fn undo(policy: &AppPolicy, before: &Arranged, events: &[Event]) -> Result<Arranged, Kind> {
    if !is_undoable(events) {
        return Err("not undoable");
    }
    if events.iter().any(|event| is_of_a_third_state(before, events, event)) {
        return Err("changed since");
    }
    let mut after = before.clone();
    events.iter().for_each(|event| put_back(&mut after, event));
    let names: BTreeSet<_> = after.groups.iter().map(|group| &group.name).collect();
    if names.len() < after.groups.len() {
        return Err("changed since");
    }
    let limits = &policy.limits;
    let counts = |arranged: &Arranged| {
        let marked: BTreeSet<_> = arranged.bits.keys().chain(arranged.custom.keys()).collect();
        let grouped: BTreeSet<_> = arranged.members.iter().map(|(_, peer)| *peer).collect();
        [arranged.groups.len(), grouped.len(), marked.len(), arranged.pins.len()]
    };
    let max = [
        (limits.conversation_groups_max, "groups full"),
        (limits.grouped_conversations_max, "grouped full"),
        (limits.marked_conversations_max, "marked full"),
        (limits.pins_max, "pins full"),
    ];
    let over = counts(&after).into_iter().zip(max).find(|(count, (max, _))| count > max);
    over.map_or(Ok(after), |(_, (_, kind))| Err(kind))
}

/// Whether something is neither as the change left it nor as it was before.
fn is_of_a_third_state(now: &Arranged, events: &[Event], event: &Event) -> bool {
    match event {
        Event::GroupCreated { id, name } => now.group(id.0).is_some_and(|group| {
            let (mut data, mut put_in) = (String::new(), BTreeSet::new());
            for event in events {
                match event {
                    Event::GroupDataChanged { data: given, .. } => data = text(given).to_owned(),
                    Event::ConversationsAdded { id: filled, members, .. } if filled == id => {
                        put_in.extend(members.iter().map(peer));
                    }
                    _ => {}
                }
            }
            let inside = now.members.iter().filter(|(filled, _)| *filled == id.0);
            let holds_others = inside.into_iter().any(|(_, peer)| !put_in.contains(peer));
            holds_others || *group != Group { id: id.0, name: name.as_str().to_owned(), data }
        }),
        Event::GroupDeleted { id, name, data, .. } => {
            let deleted = Group { id: id.0, name: name.as_str().to_owned(), data: text(data).to_owned() };
            now.group(id.0).is_some_and(|group| *group != deleted)
        }
        Event::GroupRenamed { id, old_name, name } => {
            now.group(id.0).is_none_or(|group| ![old_name.as_str(), name.as_str()].contains(&&*group.name))
        }
        Event::GroupDataChanged { id, old_data, data, .. } => {
            let is_new = events.iter().any(|event| matches!(event, Event::GroupCreated { .. }));
            let other = |group: &Group| ![text(old_data), text(data)].contains(&&*group.data);
            !is_new && now.group(id.0).is_none_or(other)
        }
        Event::ConversationsRemoved { id, .. } => now.group(id.0).is_none(),
        Event::MarkChanged { conversation, old_custom, custom, .. } => {
            let now = now.custom_of(peer(conversation));
            old_custom != custom && now != mark(old_custom) && now != mark(custom)
        }
        Event::GroupsOrdered { old, new } => {
            let [old, new] = [old, new].map(|order| order.iter().map(|id| id.0).collect::<Vec<_>>());
            !stand_as(&now.group_order(), &old) && !stand_as(&now.group_order(), &new)
        }
        Event::PinsOrdered { old, new } => {
            !stand_as(&now.pin_order(), &peers(old)) && !stand_as(&now.pin_order(), &peers(new))
        }
        _ => false,
    }
}

/// Puts an element back, wherever it stands then: what is as before already stays so.
fn put_back(arranged: &mut Arranged, event: &Event) {
    match event {
        Event::GroupCreated { id, .. } => {
            arranged.groups.retain(|group| group.id != id.0);
            arranged.members.retain(|(group, _)| *group != id.0);
        }
        Event::GroupDeleted { id, name, data, members, .. } => {
            if arranged.group(id.0).is_none() {
                let (name, data) = (name.as_str().to_owned(), text(data).to_owned());
                arranged.groups.push(Group { id: id.0, name, data });
            }
            arranged.members.extend(members.iter().map(|who| (id.0, peer(who))));
        }
        Event::GroupRenamed { id, old_name, .. } => arranged.group_mut(id.0).name = old_name.as_str().to_owned(),
        Event::GroupDataChanged { id, old_data, .. } if arranged.group(id.0).is_some() => {
            arranged.group_mut(id.0).data = text(old_data).to_owned();
        }
        Event::ConversationsAdded { id, members, .. } => {
            let taken_out: BTreeSet<_> = members.iter().map(|who| (id.0, peer(who))).collect();
            arranged.members.retain(|member| !taken_out.contains(member));
        }
        Event::ConversationsRemoved { id, members, .. } => {
            arranged.members.extend(members.iter().map(|who| (id.0, peer(who))));
        }
        Event::MarkChanged { conversation, old_standard, standard, old_custom, custom } => {
            let (peer, bits) = (peer(conversation), old_standard.0 ^ standard.0);
            arranged.set_bits(peer, (arranged.bits_of(peer) & !bits) | (old_standard.0 & bits));
            if old_custom != custom {
                arranged.set_custom(peer, mark(old_custom));
            }
        }
        Event::Pinned { conversation, .. } => arranged.pins.retain(|(pinned, _)| *pinned != peer(conversation)),
        Event::Unpinned { conversation, pinned_at, .. } => pin(arranged, conversation, pinned_at.0),
        Event::ConversationDeleted { conversation, entry, pin: pinned } => {
            pinned.iter().for_each(|(at, _)| pin(arranged, conversation, at.0));
            entry.iter().for_each(|at| arranged.touch(peer(conversation), at.0));
        }
        Event::ConversationRestored { conversation, entry } => {
            arranged.entries.retain(|who, at| (*who, *at) != (peer(conversation), entry.0));
        }
        _ => {}
    }
}

fn pin(arranged: &mut Arranged, conversation: &Conversation, at: u32) {
    if !arranged.is_pinned(peer(conversation)) {
        arranged.pins.push((peer(conversation), at));
    }
}

/// Whether the orders are those of the change that is undone, or as they were where it put none.
pub(crate) fn is_ordered(before: &Arranged, events: &[Event], after: &Arranged) -> bool {
    let (mut groups, mut pins) = (before.group_order(), before.pin_order());
    for event in events {
        match event {
            Event::GroupsOrdered { old, .. } => groups = old.iter().map(|id| id.0).collect(),
            Event::PinsOrdered { old, .. } => pins = peers(old),
            _ => {}
        }
    }
    stand_as(&after.group_order(), &groups) && stand_as(&after.pin_order(), &pins)
}

/// The same without the orders.
pub(crate) fn without_orders(mut arranged: Arranged) -> Arranged {
    arranged.groups.sort_by_key(|group| group.id);
    arranged.pins.sort_unstable();
    arranged
}

fn stand_as<T: PartialEq>(now: &[T], order: &[T]) -> bool {
    now.iter().filter(|one| order.contains(one)).eq(order.iter().filter(|one| now.contains(one)))
}

fn peers(conversations: &[Conversation]) -> Vec<usize> {
    conversations.iter().map(peer).collect()
}
