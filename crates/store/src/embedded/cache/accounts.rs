//! The cache of decoded accounts, bounded by their size in memory.

use std::sync::Arc;

use pinfold_core::{AccountState, StateDiff};
use quick_cache::{Weighter, sync::Cache};

use crate::embedded::format::bulk::Bulk;
use crate::embedded::format::rows::Account;
use crate::stats::Evictions;
use crate::sync::HashBuilder;
use crate::{AccountKey, Durability, Loaded, Version, weight};

/// A decoded account; durable, or in a commit that is in flight.
#[derive(Debug)]
pub(crate) struct Cached {
    /// `None` for an account without data.
    pub(crate) version: Option<Version>,
    pub(crate) state: Arc<AccountState>,
    /// The change number of its bulk row.
    pub(crate) bulk: Bulk,
    /// Whether the state is durable.
    pub(crate) durability: Durability,
    /// Its approximate size in memory.
    pub(crate) bytes: u64,
}

impl Cached {
    pub(crate) fn new(account: Account, durability: Durability) -> Arc<Self> {
        let bytes = weight::of_account(&account.state) + size_of::<Self>() as u64;
        Self::of_bytes(bytes, account, durability)
    }

    /// What these changes make of the account, on its way to the disk.
    pub(crate) fn after(&self, changes: &StateDiff, account: Account) -> Arc<Self> {
        Self::of_bytes(weight::after(self.bytes, &self.state, changes), account, Durability::pending())
    }

    fn of_bytes(bytes: u64, Account { version, state, bulk }: Account, durability: Durability) -> Arc<Self> {
        Arc::new(Self { version, state: Arc::new(state), bulk, durability, bytes })
    }

    /// The account as a backend returns it.
    pub(crate) fn loaded(&self) -> Loaded {
        Loaded { version: self.version, state: Arc::clone(&self.state), durability: self.durability.clone() }
    }
}

pub(crate) type Accounts = Cache<AccountKey, Arc<Cached>, Bytes, HashBuilder, Evictions>;

/// A cache of this many bytes.
pub(crate) fn accounts(bytes_max: u64, evictions: Evictions) -> Accounts {
    Cache::with(weight::usual_count(bytes_max), bytes_max, Bytes, HashBuilder::default(), evictions)
}

/// Puts a state that was just committed into the cache, and replaces an older one.
///
/// The cache does not keep an account that is too large. The placeholder of a reader that began before the commit is
/// removed in that case: the older state that this reader found must not enter the cache.
pub(crate) fn publish(accounts: &Accounts, account: AccountKey, committed: Arc<Cached>) {
    accounts.insert(account.clone(), Arc::clone(&committed));
    if accounts.peek(&account).is_none_or(|kept| !Arc::ptr_eq(&kept, &committed)) {
        accounts.remove(&account);
    }
}

/// Weighs accounts in bytes of memory.
#[derive(Clone)]
pub(crate) struct Bytes;

impl Weighter<AccountKey, Arc<Cached>> for Bytes {
    fn weight(&self, _: &AccountKey, cached: &Arc<Cached>) -> u64 {
        cached.bytes
    }
}

#[cfg(test)]
mod tests {
    use pinfold_core::{AccountId, AppId, Profile};
    use quick_cache::sync::GuardResult;

    use super::*;

    fn cached(version: u64, bytes: usize) -> Arc<Cached> {
        let profile = Profile { nick: "n".repeat(bytes), ..Profile::default() };
        let state = AccountState { profile, ..AccountState::default() };
        Cached::new(Account { version: Some(Version::numbered(version)), state, bulk: None }, Durability::durable())
    }

    #[test]
    fn a_slow_reader_does_not_replace_a_newer_commit() {
        for bytes_committed in [10, 100_000] {
            let accounts = accounts(50_000, Evictions::default());
            let account = AccountKey { app: AppId(1), account: AccountId::parse("alice").unwrap() };
            let GuardResult::Guard(slow_reader) = accounts.get_value_or_guard(&account, None) else {
                panic!("the cache is empty");
            };
            publish(&accounts, account.clone(), cached(2, bytes_committed));
            let _ = slow_reader.insert(cached(1, 10));
            let found = accounts.get(&account).and_then(|found| found.version);
            assert_ne!(found, Some(Version::numbered(1)), "{bytes_committed} bytes committed");
        }
    }
}
