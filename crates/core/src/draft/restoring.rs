//! What comes back to an account as it was: by `undo`.

use super::Draft;
use crate::{ChangeNumber, Conversation, ConversationGroup, ConversationGroupId, Pin, Refusal, Timestamp};

impl Draft<'_> {
    /// Puts a conversation group back with the number that it had. It stands where a new one would; its members are the
    /// caller's to arrange. No later group gets the number, even if the account never gave it.
    pub fn restore_group(&mut self, id: ConversationGroupId, group: ConversationGroup) {
        self.head.last_conversation_group_id = self.head.last_conversation_group_id.max(id.0);
        self.conversation_groups.to_mut().insert(id, group);
    }

    /// Pins a conversation as it was pinned at this time, after those that are pinned, by a change of this number.
    ///
    /// # Errors
    /// [`Refusal::NumbersUsedUp`] after 2³¹ − 1 changes.
    pub fn restore_pin(&mut self, conversation: &Conversation, pinned_at: Timestamp) -> Result<ChangeNumber, Refusal> {
        let pin = Pin { change: self.next_change()?, pinned_at };
        self.pins.to_mut().insert(conversation.clone(), pin);
        Ok(pin.change)
    }
}
