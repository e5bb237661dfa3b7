//! The cache of decoded accounts, bounded by their weight in memory.

use std::sync::Arc;

use pinfold_core::{AccountState, Conversation};
use quick_cache::{Weighter, sync::Cache};

use crate::{AccountKey, Version};

/// An account as the disk has it.
#[derive(Debug)]
pub(super) struct Cached {
    /// `None` for an account that nothing is kept for.
    pub(super) version: Option<Version>,
    pub(super) state: Arc<AccountState>,
}

pub(super) type Accounts = Cache<AccountKey, Arc<Cached>, Bytes>;

/// A cache of this many bytes.
pub(super) fn accounts(bytes_max: u64) -> Accounts {
    const ACCOUNT_BYTES_USUAL: u64 = 4096;
    Cache::with_weighter((bytes_max / ACCOUNT_BYTES_USUAL).max(16) as usize, bytes_max, Bytes)
}

/// Weighs accounts in bytes of memory.
#[derive(Clone)]
pub(super) struct Bytes;

impl Weighter<AccountKey, Arc<Cached>> for Bytes {
    fn weight(&self, _: &AccountKey, cached: &Arc<Cached>) -> u64 {
        const ACCOUNT: usize = 512;
        const RECORD: usize = size_of::<Conversation>() + size_of::<pinfold_core::Record>() + 64;
        const PIN: usize = size_of::<Conversation>() + 48;
        const CONVERSATION_GROUP: usize = 80;
        let state = &cached.state;
        let arrangements = state.records.values().map(|record| &record.arrangement);
        let texts: usize = arrangements
            .map(|kept| kept.custom.as_ref().map_or(0, |mark| mark.as_str().len()) + kept.conversation_groups.len() * 4)
            .sum();
        let parts = state.records.len() * RECORD
            + state.pins.len() * PIN
            + state.conversation_groups.len() * CONVERSATION_GROUP
            + state.profile.nick.len()
            + state.profile.face_url.len();
        (ACCOUNT + texts + parts) as u64
    }
}
