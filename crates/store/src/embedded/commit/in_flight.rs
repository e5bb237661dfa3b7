//! Accounts with commits on their way: what the next change of an account begins from, so that several
//! changes of one account can share a batch. Bounded, like the queue it belongs to.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use quick_cache::DefaultHashBuilder;

use crate::embedded::cache::accounts::Cached;
use crate::{AccountKey, StoreError, Version};

const SHARDS: usize = 64;

type Shard = HashMap<AccountKey, Arc<Cached>, DefaultHashBuilder>;

/// The newest state of each account that has a commit in the writer's queue.
pub(crate) struct InFlightCommits {
    shards: [Mutex<Shard>; SHARDS],
    hasher: DefaultHashBuilder,
    /// What the states in the queue take in memory; each commit of an account has one of its own.
    bytes: AtomicU64,
    bytes_max: u64,
}

impl InFlightCommits {
    pub(crate) fn new(bytes_max: u64) -> Self {
        let shards = std::array::from_fn(|_| Mutex::default());
        Self { shards, hasher: DefaultHashBuilder::default(), bytes: AtomicU64::new(0), bytes_max }
    }

    /// The newest state, if it is not durable yet.
    pub(crate) fn get(&self, account: &AccountKey) -> Option<Arc<Cached>> {
        self.shard(account).get(account).cloned()
    }

    /// Queues a change of the version `base`, and makes `next` the newest state, in one step: the queue has
    /// the changes of an account in the order they build on each other. False if another one was faster; one
    /// that is durable by now is for the writer to see.
    pub(crate) fn queue(
        &self,
        account: &AccountKey,
        base: Option<Version>,
        next: &Arc<Cached>,
        send: impl FnOnce() -> Result<(), StoreError>,
    ) -> Result<bool, StoreError> {
        let mut shard = self.shard(account);
        if shard.get(account).is_some_and(|newest| newest.version != base) {
            return Ok(false);
        }
        self.reserve(next.bytes)?;
        if let Err(error) = send() {
            self.release(next.bytes);
            return Err(error);
        }
        shard.insert(account.clone(), Arc::clone(next));
        Ok(true)
    }

    /// Forgets a state that became durable, or never will, unless a newer one came after it.
    pub(crate) fn ended(&self, account: &AccountKey, state: &Arc<Cached>) {
        self.release(state.bytes);
        let mut shard = self.shard(account);
        if shard.get(account).is_some_and(|newest| Arc::ptr_eq(newest, state)) {
            shard.remove(account);
        }
    }

    /// One state always fits, however large it is.
    fn reserve(&self, bytes: u64) -> Result<(), StoreError> {
        let before = self.bytes.fetch_add(bytes, Ordering::Relaxed);
        if before > 0 && before + bytes > self.bytes_max {
            self.release(bytes);
            return Err(StoreError::OverloadedBytes { bytes_max: self.bytes_max });
        }
        Ok(())
    }

    fn release(&self, bytes: u64) {
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// What the states that are not durable yet take in memory.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    fn shard(&self, account: &AccountKey) -> MutexGuard<'_, Shard> {
        let place = self.hasher.hash_one(account) as usize % SHARDS;
        self.shards[place].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use pinfold_core::{AccountId, AppId};

    use super::*;
    use crate::Durability;
    use crate::embedded::format::rows::Account;

    fn state(version: u64) -> Arc<Cached> {
        Cached::new(Account { version: Some(Version(version)), ..Account::default() }, Durability::pending())
    }

    #[test]
    fn a_change_of_an_older_version_than_the_newest_is_not_queued() {
        let in_flight = InFlightCommits::new(1 << 20);
        let account = AccountKey { app: AppId(1), account: AccountId::parse("alice").unwrap() };
        let first = state(1);
        assert!(in_flight.queue(&account, None, &first, || Ok(())).unwrap());
        assert!(!in_flight.queue(&account, None, &state(2), || panic!("it is older")).unwrap());
        let second = state(2);
        assert!(in_flight.queue(&account, Some(Version(1)), &second, || Ok(())).unwrap());
        in_flight.ended(&account, &first);
        assert!(Arc::ptr_eq(&in_flight.get(&account).unwrap(), &second));
        in_flight.ended(&account, &second);
        assert!(in_flight.get(&account).is_none());
    }

    #[test]
    fn a_change_that_the_queue_has_no_place_for_is_not_the_newest() {
        let in_flight = InFlightCommits::new(1 << 20);
        let account = AccountKey { app: AppId(1), account: AccountId::parse("alice").unwrap() };
        let full = || Err(StoreError::Overloaded { waiting_max: 1 });
        assert!(in_flight.queue(&account, None, &state(1), full).is_err());
        assert!(in_flight.get(&account).is_none());
    }

    #[test]
    fn queued_states_are_bounded_in_bytes_and_one_always_fits() {
        let in_flight = InFlightCommits::new(1);
        let account = |id| AccountKey { app: AppId(1), account: AccountId::parse(id).unwrap() };
        let first = state(1);
        assert!(in_flight.queue(&account("alice"), None, &first, || Ok(())).unwrap());
        let full = in_flight.queue(&account("bob"), None, &state(1), || panic!("there is no room"));
        assert!(matches!(full, Err(StoreError::OverloadedBytes { bytes_max: 1 })));
        in_flight.ended(&account("alice"), &first);
        assert!(in_flight.queue(&account("bob"), None, &state(1), || Ok(())).unwrap());
    }
}
