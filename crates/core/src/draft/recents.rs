//! The list of recent conversations, of whose entries a draft knows those that a rule names.

use super::Draft;
use crate::{Conversation, RecentEntry, Timestamp};

impl Draft<'_> {
    /// Takes a conversation out of the list of recent conversations: its pin, and its entry, which has this time if it is
    /// there.
    pub fn delete_conversation(&mut self, conversation: &Conversation, entry: Option<Timestamp>) {
        let was_pinned = self.pins.contains_key(conversation);
        self.unpin(conversation);
        match entry {
            Some(at) => self.remove_entry(RecentEntry { conversation: conversation.clone(), at }),
            None if was_pinned => self.unlisted.push(conversation.clone()),
            None => {}
        }
    }

    /// Removes an entry of the list of recent conversations, which has this time.
    pub fn remove_entry(&mut self, entry: RecentEntry) {
        self.unlisted.push(entry.conversation.clone());
        self.removed_entries.push(entry);
    }

    /// Puts an entry back into the list of recent conversations; where a later one is kept by then, that stays.
    pub fn restore_entry(&mut self, entry: RecentEntry) {
        self.restored_entries.push(entry);
    }
}
