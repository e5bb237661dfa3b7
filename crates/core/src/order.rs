//! An order of an account's own: of its conversation groups by number, of its pins by change number.
//!
//! Without one, members ascend, and what is new comes last. An order is kept only where it differs from that: the kept
//! list is empty, or it names every member once.

use std::collections::{BTreeMap, BTreeSet};

use crate::{AccountState, ChangeNumber, Conversation, ConversationGroup, ConversationGroupId, OrdMap, Pin};

/// What sorts members by a kept order; those that it does not name come last and ascend.
pub(crate) fn by<T: Ord + Copy>(kept: &[T]) -> impl Fn(T) -> (usize, T) {
    let places: BTreeMap<T, usize> = kept.iter().copied().enumerate().map(|(place, member)| (member, place)).collect();
    move |member| (places.get(&member).copied().unwrap_or(usize::MAX), member)
}

/// The members in a kept order.
pub(crate) fn members<T: Ord + Copy>(kept: &[T], members: impl IntoIterator<Item = T>) -> Vec<T> {
    let (mut members, by) = (Vec::from_iter(members), by(kept));
    members.sort_by_key(|member| by(*member));
    members
}

/// These members in their order, each once, then the others in theirs.
pub(crate) fn these_first<T: Ord + Copy>(these: impl IntoIterator<Item = T>, members: Vec<T>) -> Vec<T> {
    let mut seen = BTreeSet::new();
    these.into_iter().chain(members).filter(|member| seen.insert(*member)).collect()
}

/// What is kept of an order of all members.
pub(crate) fn kept<T: Ord>(order: Vec<T>) -> Vec<T> {
    if order.is_sorted() { Vec::new() } else { order }
}

/// Conversation groups in a kept order.
pub(crate) fn conversation_groups<'a>(
    order: &[ConversationGroupId],
    groups: &'a OrdMap<ConversationGroupId, ConversationGroup>,
) -> Vec<(ConversationGroupId, &'a ConversationGroup)> {
    let (mut groups, by) = (groups.iter().map(|(id, group)| (*id, group)).collect::<Vec<_>>(), by(order));
    groups.sort_by_key(|(id, _)| by(*id));
    groups
}

/// Pinned conversations in a kept order.
pub(crate) fn pins<'a>(order: &[ChangeNumber], pins: &'a OrdMap<Conversation, Pin>) -> Vec<(&'a Conversation, Pin)> {
    let (mut pins, by) = (pins.iter().map(|(who, pin)| (who, *pin)).collect::<Vec<_>>(), by(order));
    pins.sort_by_key(|(_, pin)| by(pin.change));
    pins
}

impl AccountState {
    /// The conversation groups in the account's order.
    pub fn ordered_conversation_groups(&self) -> Vec<(ConversationGroupId, &ConversationGroup)> {
        conversation_groups(&self.head.group_order, &self.conversation_groups)
    }

    /// The pinned conversations in the account's order.
    pub fn ordered_pins(&self) -> Vec<(&Conversation, Pin)> {
        pins(&self.head.pin_order, &self.pins)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_that_an_order_does_not_name_come_last_and_those_that_are_gone_are_skipped() {
        assert_eq!(members(&[3, 9, 1], [1, 2, 3, 4]), [3, 1, 2, 4]);
        assert_eq!(members(&[], [4, 1, 2]), [1, 2, 4]);
    }

    #[test]
    fn of_a_member_named_twice_the_first_place_counts_and_the_others_keep_theirs() {
        assert_eq!(these_first([4, 1, 4], vec![3, 1, 2, 4]), [4, 1, 3, 2]);
    }

    #[test]
    fn an_ascending_order_is_not_kept() {
        assert_eq!(kept(vec![1, 2, 5]), []);
        assert_eq!(kept(vec![2, 1]), [2, 1]);
    }
}
