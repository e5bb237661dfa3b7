//! Versions of the format, and what an older one has no place for.

use pinfold_core::{AccountState, Head};

/// A version of the format of dumps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DumpVersion {
    /// The only one that pinfold 0.1.0 writes and reads.
    V1,
    /// With revisions, orders, the data of conversation groups, the list of recent conversations, and the history.
    V2,
}

impl DumpVersion {
    /// The version that is written where no other is asked for.
    pub const NEWEST: Self = Self::V2;

    /// The version of this number, if this build knows it.
    pub fn of_number(number: u32) -> Option<Self> {
        [Self::V1, Self::V2].into_iter().find(|version| version.number() == number)
    }

    /// Its number, as the head of a dump has it.
    pub fn number(self) -> u32 {
        match self {
            Self::V1 => 1,
            Self::V2 => 2,
        }
    }
}

/// What a dump is to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DumpFormat {
    /// Its version.
    pub version: DumpVersion,
    /// Whether it has the history of accounts. Version 1 has no place for it.
    pub with_history: bool,
}

impl Default for DumpFormat {
    /// Everything.
    fn default() -> Self {
        Self { version: DumpVersion::NEWEST, with_history: true }
    }
}

/// How much a dump of version 1 has no place for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Accounts whose changes are counted.
    pub revisions: u64,
    /// Accounts with an order of their own, of conversation groups or of pins.
    pub orders: u64,
    /// Conversation groups with data.
    pub data: u64,
    /// Entries of recent conversations.
    pub entries: u64,
    /// Changes of the history.
    pub changes: u64,
    /// Chat groups with the time of a last message.
    pub chat_group_times: u64,
}

impl LeftOut {
    /// Counts what an account has of it.
    pub(super) fn count(&mut self, state: &AccountState) {
        let Head { revision, group_order, pin_order, .. } = &state.head;
        self.revisions += u64::from(*revision > 0);
        self.orders += u64::from(!(group_order.is_empty() && pin_order.is_empty()));
        self.data += state.conversation_groups.values().filter(|group| group.data.is_some()).count() as u64;
    }
}
