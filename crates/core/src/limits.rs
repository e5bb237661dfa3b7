//! The numbers an account may not pass (docs/protocol.md, section 2).

/// Limits of an app. The defaults are the protocol's; every one can be configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Conversation groups of one account.
    pub conversation_groups_max: usize,
    /// Length of a conversation group's name, in bytes.
    pub name_bytes_max: usize,
    /// Conversations of an account that are in at least one conversation group.
    pub grouped_conversations_max: usize,
    /// Conversations of an account that carry a standard or custom mark.
    pub marked_conversations_max: usize,
    /// Length of a custom mark, in bytes.
    pub custom_mark_bytes_max: usize,
    /// Conversations in one update or mark call; there must be at least one.
    pub conversations_per_update_max: usize,
    /// Conversations in one create call; there may be none.
    pub conversations_per_create_max: usize,
    /// Conversations in one search call; there must be at least one.
    pub conversations_per_search_max: usize,
    /// Pinned conversations of one account.
    pub pins_max: usize,
    /// Conversations in one call that pins or unpins.
    pub conversations_per_pin_max: usize,
    /// Records on one page of `get_contact_group`.
    pub records_per_page_max: usize,
}

impl Limits {
    /// Conversations that any call which changes something may name.
    pub fn conversations_per_call_max(&self) -> usize {
        let per_call =
            [self.conversations_per_update_max, self.conversations_per_create_max, self.conversations_per_pin_max];
        per_call.into_iter().max().unwrap_or_default()
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            conversation_groups_max: 20,
            name_bytes_max: 32,
            grouped_conversations_max: 1000,
            marked_conversations_max: 1000,
            custom_mark_bytes_max: 256,
            conversations_per_update_max: 100,
            conversations_per_create_max: 100,
            conversations_per_search_max: 300,
            pins_max: 50,
            conversations_per_pin_max: 100,
            records_per_page_max: 100,
        }
    }
}
