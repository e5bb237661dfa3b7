//! The last change of each account as it stands in a dump, for an export that goes on with it: the account may have
//! changed since, and its history in the store may lead further, or be that of another life.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;

use pinfold_core::{AccountState, HistoryChange, Revision, TimeMs};

use crate::AccountKey;

/// Accounts with a history that are remembered, about 40 bytes each. The history of others is left out.
const REMEMBERED_MAX: usize = 1 << 22;

/// The last changes of accounts that have a history, by hash.
#[derive(Default)]
pub(super) struct LastChanges {
    hasher: RandomState,
    of: HashMap<u64, (Revision, TimeMs)>,
}

impl LastChanges {
    pub(super) fn insert(&mut self, account: &AccountKey, state: &AccountState) {
        let head = &state.head;
        if head.history_from > 0 && self.of.len() < REMEMBERED_MAX {
            let last = (Revision(head.revision), TimeMs(head.newest_ms));
            self.of.insert(self.hasher.hash_one(account), last);
        }
    }

    /// Leaves those of the changes of an account that lead to its last one in the dump.
    pub(super) fn retain(&self, account: &AccountKey, changes: &mut VecDeque<Arc<HistoryChange>>) {
        let last = self.of.get(&self.hasher.hash_one(account)).copied();
        let found = changes.iter().rposition(|change| last == Some((change.revision, change.at)));
        changes.truncate(found.map_or(0, |place| place + 1));
    }
}
