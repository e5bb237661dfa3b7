//! Events are exact: what they tell, done to what was arranged, gives what is arranged.

use pinfold_core::{Conversation, CustomMark, Event, GroupData, GroupName};

use crate::account::Group;
use crate::arranged::Arranged;
use crate::real::peer;

/// What is arranged after these events.
///
/// # Panics
/// Where an event tells something that was not so before, or says nothing.
pub(crate) fn replay(before: &Arranged, events: &[Event]) -> Arranged {
    assert!(events.iter().map(rank).is_sorted(), "groups, members, marks, pins: {events:?}");
    let mut now = before.clone();
    for event in events {
        groups(before, &mut now, event);
        conversations(&mut now, event);
        lists(before, &mut now, event);
    }
    now
}

/// The place of an event in its change.
fn rank(event: &Event) -> usize {
    match event {
        Event::AccountImported | Event::ProfileChanged | Event::AccountRestored | Event::Forgotten => 0,
        Event::GroupCreated { .. } | Event::GroupRenamed { .. } | Event::GroupDeleted { .. } => 1,
        Event::GroupDataChanged { .. } => 1,
        Event::GroupsOrdered { .. } => 2,
        Event::ConversationsAdded { .. } => 3,
        Event::ConversationsRemoved { .. } => 4,
        Event::MarkChanged { .. } => 5,
        Event::Unpinned { .. } => 6,
        Event::ConversationDeleted { .. } => 7,
        Event::Pinned { .. } => 8,
        Event::PinsOrdered { .. } => 9,
        Event::ConversationRestored { .. } => 10,
    }
}

fn groups(before: &Arranged, now: &mut Arranged, event: &Event) {
    match event {
        Event::GroupCreated { id, name } => {
            assert_eq!(before.group(id.0), None);
            now.groups.push(Group { id: id.0, name: name.as_str().to_owned(), data: String::new() });
        }
        Event::GroupRenamed { id, old_name, name } => {
            assert_eq!(now.group_mut(id.0).name, old_name.as_str());
            assert_ne!(old_name, name);
            now.group_mut(id.0).name = name.as_str().to_owned();
        }
        Event::GroupDataChanged { id, name, old_data, data } => {
            assert_eq!(now.group(id.0), Some(&group(id.0, name, old_data)));
            assert_ne!(old_data, data);
            now.group_mut(id.0).data = text(data).to_owned();
        }
        Event::GroupDeleted { id, name, data, place, members } => {
            assert_eq!(before.groups[*place as usize], group(id.0, name, data));
            let held = before.members.iter().filter(|(group, _)| *group == id.0).map(|(_, peer)| *peer);
            assert_eq!(sorted(members), held.collect::<Vec<_>>());
            now.groups.retain(|group| group.id != id.0);
            now.members.retain(|(group, _)| *group != id.0);
        }
        Event::GroupsOrdered { old, new } => {
            assert_eq!(old.iter().map(|id| id.0).collect::<Vec<_>>(), before.group_order());
            now.groups = new.iter().map(|id| now.group_mut(id.0).clone()).collect();
        }
        _ => {}
    }
}

fn conversations(now: &mut Arranged, event: &Event) {
    match event {
        Event::ConversationsAdded { id, name, members } => {
            assert!(!members.is_empty() && now.group_mut(id.0).name == name.as_str());
            assert!(members.iter().all(|who| now.members.insert((id.0, peer(who)))), "it was in there");
        }
        Event::ConversationsRemoved { id, name, members } => {
            assert!(!members.is_empty() && now.group_mut(id.0).name == name.as_str());
            assert!(members.iter().all(|who| now.members.remove(&(id.0, peer(who)))), "it was not in there");
        }
        Event::MarkChanged { conversation, old_standard, standard, old_custom, custom } => {
            let peer = peer(conversation);
            assert_eq!((now.bits_of(peer), now.custom_of(peer)), (old_standard.0, mark(old_custom)));
            assert_ne!((old_standard, old_custom), (standard, custom));
            now.set_bits(peer, standard.0);
            now.set_custom(peer, mark(custom));
        }
        _ => {}
    }
}

fn lists(before: &Arranged, now: &mut Arranged, event: &Event) {
    match event {
        Event::Pinned { conversation, pinned_at, place } => {
            assert!(!before.is_pinned(peer(conversation)));
            now.pins.insert(*place as usize, (peer(conversation), pinned_at.0));
        }
        Event::Unpinned { conversation, pinned_at, place } => unpin(before, now, conversation, (pinned_at.0, *place)),
        Event::PinsOrdered { old, new } => {
            assert_eq!(old.iter().map(peer).collect::<Vec<_>>(), before.pin_order());
            let pin = |who: &Conversation| now.pins.iter().find(|(pinned, _)| *pinned == peer(who)).copied();
            now.pins = new.iter().map(|who| pin(who).expect("it is pinned")).collect();
        }
        Event::ConversationDeleted { conversation, entry, pin } => {
            assert!(entry.is_some() || pin.is_some());
            assert_eq!(now.entries.remove(&peer(conversation)), entry.map(|at| at.0));
            pin.iter().for_each(|(at, place)| unpin(before, now, conversation, (at.0, *place)));
        }
        Event::ConversationRestored { conversation, entry } => {
            assert!(now.entries.get(&peer(conversation)).is_none_or(|at| *at < entry.0), "nothing came back");
            now.touch(peer(conversation), entry.0);
        }
        _ => {}
    }
}

fn unpin(before: &Arranged, now: &mut Arranged, conversation: &Conversation, (at, place): (u32, u32)) {
    assert_eq!(before.pins[place as usize], (peer(conversation), at));
    assert!(now.is_pinned(peer(conversation)), "it is told twice");
    now.pins.retain(|(pinned, _)| *pinned != peer(conversation));
}

fn group(id: u32, name: &GroupName, data: &Option<GroupData>) -> Group {
    Group { id, name: name.as_str().to_owned(), data: text(data).to_owned() }
}

pub(crate) fn text(data: &Option<GroupData>) -> &str {
    data.as_ref().map_or("", |data| data.as_str())
}

pub(crate) fn mark(custom: &Option<CustomMark>) -> &str {
    custom.as_ref().map_or("", |custom| custom.as_str())
}

fn sorted(conversations: &[Conversation]) -> Vec<usize> {
    let mut peers: Vec<_> = conversations.iter().map(peer).collect();
    peers.sort_unstable();
    peers
}
