//! The elements of a change: each is as the change left it and is put back, or as it was before and stays.

use std::collections::BTreeSet;

use super::super::StandardChange;
use super::Entries;
use super::opposite::{Opposite, Part};
use crate::{
    AccountState, Conversation, ConversationGroup, CustomMark, Element, Event, RecentEntry, StandardMarks, Timestamp,
};

/// Looks at the elements of a change, and gathers what is put back.
pub(super) struct Elements<'s, 'e> {
    /// The account before anything is put back.
    pub(super) state: &'s AccountState,
    /// The events of the change.
    pub(super) events: &'e [Event],
    pub(super) entries: &'s Entries,
    pub(super) opposite: Opposite<'e>,
}

impl<'e> Elements<'_, 'e> {
    /// # Errors
    /// The element of the event that is neither as the change left it nor as it was before.
    pub(super) fn look_at(&mut self, event: &'e Event) -> Result<(), Element> {
        match event {
            Event::GroupCreated { id, name } => self.created(*id, name)?,
            Event::GroupRenamed { id, old_name, name } => self.renamed(*id, old_name, name)?,
            Event::GroupDeleted { id, name, data, place, members } => {
                let group = ConversationGroup { name: name.clone(), data: data.clone() };
                self.deleted(*id, group, *place, members)?;
            }
            Event::GroupDataChanged { id, name, old_data, data } => self.data_changed(*id, name, old_data, data)?,
            Event::GroupsOrdered { old, new } => self.group_order(old, new)?,
            Event::ConversationsAdded { id, members, .. } => self.added(*id, members),
            Event::ConversationsRemoved { id, name, members } => self.removed(*id, name, members)?,
            Event::MarkChanged { conversation, old_standard, standard, old_custom, custom } => {
                self.bits(conversation, *old_standard, *standard);
                self.custom(conversation, old_custom, custom)?;
            }
            Event::Pinned { conversation, .. } => self.pinned(conversation),
            Event::Unpinned { conversation, pinned_at, place } => self.unpinned(conversation, (*pinned_at, *place)),
            Event::PinsOrdered { old, new } => self.pin_order(old, new)?,
            Event::ConversationDeleted { conversation, entry, pin } => {
                pin.iter().for_each(|pin| self.unpinned(conversation, *pin));
                entry.iter().for_each(|at| self.entry_removed(conversation, *at));
            }
            Event::ConversationRestored { conversation, entry } => self.entry_restored(conversation, *entry),
            Event::AccountImported | Event::ProfileChanged | Event::AccountRestored | Event::Forgotten => {}
        }
        Ok(())
    }

    /// A bit is always as the change left it or as it was before.
    fn bits(&mut self, conversation: &'e Conversation, old: StandardMarks, new: StandardMarks) {
        let clear = StandardMarks(old.0 ^ new.0);
        let change = StandardChange { clear, set: StandardMarks(old.0 & clear.0) };
        self.opposite.parts.push((conversation, Part::Standard(change)));
    }

    fn custom(
        &mut self,
        conversation: &'e Conversation,
        old: &'e Option<CustomMark>,
        new: &'e Option<CustomMark>,
    ) -> Result<(), Element> {
        let now = &self.state.arrangement(conversation).custom;
        if old == new || now == old {
            return Ok(());
        }
        if now != new {
            return Err(Element::CustomMark(conversation.clone()));
        }
        self.opposite.parts.push((conversation, Part::Custom(old.as_ref())));
        Ok(())
    }

    fn pinned(&mut self, conversation: &'e Conversation) {
        if self.state.pins.contains_key(conversation) {
            self.opposite.unpinned.push(conversation);
        }
    }

    fn unpinned(&mut self, conversation: &'e Conversation, (pinned_at, place): (Timestamp, u32)) {
        if !self.state.pins.contains_key(conversation) {
            self.opposite.restored_pins.push((place, conversation, pinned_at));
        }
    }

    fn pin_order(&mut self, old: &'e [Conversation], new: &[Conversation]) -> Result<(), Element> {
        let now: Vec<_> = self.state.ordered_pins().into_iter().map(|(conversation, _)| conversation).collect();
        self.opposite.pin_order = order_before(&now, old, new).ok_or(Element::PinOrder)?;
        Ok(())
    }

    /// An entry that is as late, or later, stays as it is.
    fn entry_removed(&mut self, conversation: &'e Conversation, at: Timestamp) {
        if self.entries.get(conversation).is_none_or(|now| *now < at) {
            self.opposite.restored_entries.push(RecentEntry { conversation: conversation.clone(), at });
        }
    }

    /// An entry of another time is that of another message, and stays.
    fn entry_restored(&mut self, conversation: &'e Conversation, at: Timestamp) {
        if self.entries.get(conversation) == Some(&at) {
            self.opposite.removed_entries.push(RecentEntry { conversation: conversation.clone(), at });
        }
    }
}

/// The order to put back: none where all stand as before, and `None` where they stand neither so nor as the change left
/// them.
#[allow(clippy::option_option, reason = "neither of the two is an absent order")]
pub(super) fn order_before<'e, T: Ord>(now: &[&T], old: &'e [T], new: &[T]) -> Option<Option<&'e [T]>> {
    if stand_as(now, old) {
        return Some(None);
    }
    stand_as(now, new).then_some(Some(old))
}

/// Whether those that an order names and that are still there stand in it.
fn stand_as<T: Ord>(now: &[&T], order: &[T]) -> bool {
    let (there, named): (BTreeSet<&T>, BTreeSet<&T>) = (now.iter().copied().collect(), order.iter().collect());
    let still_named = now.iter().copied().filter(|member| named.contains(member));
    still_named.eq(order.iter().filter(|member| there.contains(member)))
}
