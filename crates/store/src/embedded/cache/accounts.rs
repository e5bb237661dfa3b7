//! The cache of decoded accounts, bounded by their weight in memory.

use std::sync::Arc;

use pinfold_core::AccountState;
use quick_cache::{DefaultHashBuilder, Weighter, sync::Cache};

use crate::embedded::format::bulk::Bulk;
use crate::embedded::format::rows::Account;
use crate::stats::Evictions;
use crate::{AccountKey, Durability, Loaded, Version, weight};

/// An account as the disk has it.
#[derive(Debug)]
pub(crate) struct Cached {
    /// `None` for an account that nothing is kept for.
    pub(crate) version: Option<Version>,
    pub(crate) state: Arc<AccountState>,
    /// Where the disk has its records.
    pub(crate) bulk: Bulk,
    /// Whether the disk has it.
    pub(crate) durability: Durability,
    /// About what it takes in memory.
    pub(crate) bytes: u64,
}

impl Cached {
    pub(crate) fn new(account: Account, durability: Durability) -> Arc<Self> {
        let Account { version, state, bulk } = account;
        let bytes = weight::of_account(&state) + size_of::<Self>() as u64;
        Arc::new(Self { version, state: Arc::new(state), bulk, durability, bytes })
    }

    /// As the trait shows it.
    pub(crate) fn loaded(&self) -> Loaded {
        Loaded { version: self.version, state: Arc::clone(&self.state), durability: self.durability.clone() }
    }
}

pub(crate) type Accounts = Cache<AccountKey, Arc<Cached>, Bytes, DefaultHashBuilder, Evictions>;

/// A cache of this many bytes.
pub(crate) fn accounts(bytes_max: u64, evictions: Evictions) -> Accounts {
    Cache::with(weight::usual_count(bytes_max), bytes_max, Bytes, DefaultHashBuilder::default(), evictions)
}

/// Puts what was just committed into the cache, in the place of whatever is there.
///
/// An account too heavy for the cache is not kept; then the place of a reader that began before the
/// commit must go too, or what that reader found, older by then, would be taken for the newest.
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
        Cached::new(Account { version: Some(Version(version)), state, bulk: None }, Durability::durable())
    }

    #[test]
    fn what_a_slow_reader_found_does_not_replace_what_was_committed_meanwhile() {
        for bytes_committed in [10, 100_000] {
            let accounts = accounts(50_000, Evictions::default());
            let account = AccountKey { app: AppId(1), account: AccountId::parse("alice").unwrap() };
            let GuardResult::Guard(slow_reader) = accounts.get_value_or_guard(&account, None) else {
                panic!("the cache is empty");
            };
            publish(&accounts, account.clone(), cached(2, bytes_committed));
            let _ = slow_reader.insert(cached(1, 10));
            let found = accounts.get(&account).and_then(|found| found.version);
            assert_ne!(found, Some(Version(1)), "{bytes_committed} bytes committed");
        }
    }
}
