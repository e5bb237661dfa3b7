//! The events of pins, and of conversations that left the list of recent conversations.

use std::collections::HashSet;

use super::Event;
use crate::{AccountState, Conversation, Head, Pin, StateDiff, order};

/// A pinned conversation with its place in the account's order.
type Placed<'a> = (&'a Conversation, Pin, u32);

pub(super) fn tell(events: &mut Vec<Event>, before: &AccountState, diff: &StateDiff, head: &Head) {
    if diff.pins.is_empty() && diff.unlisted.is_empty() && head.pin_order == before.head.pin_order {
        return;
    }
    let removed = diff.pins.iter().filter(|(_, pin)| pin.is_none()).map(|(conversation, _)| conversation).collect();
    let (old, new) = (placed(before.ordered_pins()), placed(pins_after(before, diff, head, &removed)));
    let (left, stayed): (Vec<Placed<'_>>, _) =
        old.iter().partition(|(conversation, ..)| removed.contains(conversation));
    let unpinned = left.iter().filter(|(conversation, ..)| !diff.unlisted.contains(conversation));
    events.extend(unpinned.map(|&(conversation, pin, place)| Event::Unpinned {
        conversation: conversation.clone(),
        pinned_at: pin.pinned_at,
        place,
    }));
    events.extend(diff.unlisted.iter().map(|conversation| deleted(conversation, &left, diff)));
    let (kept, came): (Vec<Placed<'_>>, _) =
        new.iter().partition(|(conversation, ..)| before.pins.contains_key(conversation));
    events.extend(came.into_iter().map(|(conversation, pin, place)| Event::Pinned {
        conversation: conversation.clone(),
        pinned_at: pin.pinned_at,
        place,
    }));
    if stayed.iter().map(|(conversation, ..)| conversation).ne(kept.iter().map(|(conversation, ..)| conversation)) {
        events.push(Event::PinsOrdered { old: conversations(&old), new: conversations(&new) });
    }
}

fn pins_after<'a>(
    before: &'a AccountState,
    diff: &'a StateDiff,
    head: &Head,
    removed: &HashSet<&Conversation>,
) -> Vec<(&'a Conversation, Pin)> {
    let stayed = before.pins.iter().filter(|(conversation, _)| !removed.contains(conversation));
    let mut pins: Vec<_> = stayed.map(|(conversation, pin)| (conversation, *pin)).collect();
    let came = diff.pins.iter().filter(|(conversation, _)| !before.pins.contains_key(conversation));
    pins.extend(came.filter_map(|(conversation, pin)| Some((conversation, (*pin)?))));
    let by = order::by(&head.pin_order);
    pins.sort_by_key(|(_, pin)| by(pin.change));
    pins
}

fn placed(pins: Vec<(&Conversation, Pin)>) -> Vec<Placed<'_>> {
    pins.into_iter().zip(0..).map(|((conversation, pin), place)| (conversation, pin, place)).collect()
}

fn conversations(pins: &[Placed<'_>]) -> Vec<Conversation> {
    pins.iter().map(|(conversation, ..)| (*conversation).clone()).collect()
}

fn deleted(conversation: &Conversation, left: &[Placed<'_>], diff: &StateDiff) -> Event {
    let pin = left.iter().find(|(left, ..)| *left == conversation);
    let entry = diff.removed_entries.iter().find(|entry| entry.conversation == *conversation);
    Event::ConversationDeleted {
        conversation: conversation.clone(),
        entry: entry.map(|entry| entry.at),
        pin: pin.map(|(_, pin, place)| (pin.pinned_at, *place)),
    }
}
