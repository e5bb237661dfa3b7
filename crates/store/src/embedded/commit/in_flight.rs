//! The states of accounts whose commits are in flight. The next change of an account begins from its newest state here,
//! so that several changes of one account can share a batch. Bounded, as the writer's queue is.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::{Arc, PoisonError};

use crate::embedded::cache::accounts::Cached;
use crate::sync::atomic::{AtomicU64, Ordering};
use crate::sync::{HashBuilder, Mutex, MutexGuard};
use crate::{AccountKey, StoreError, Version};

const SHARDS: usize = 64;

type Shard = HashMap<AccountKey, Arc<Cached>, HashBuilder>;

/// The newest state of each account that has a commit in the writer's queue.
pub(crate) struct InFlightCommits {
    shards: [Mutex<Shard>; SHARDS],
    hasher: HashBuilder,
    /// The size in memory of the states in the queue, of which each commit of an account has its own, of the changes
    /// that are kept and told of them, and of what else is written.
    bytes: AtomicU64,
    bytes_max: u64,
}

impl InFlightCommits {
    pub(crate) fn new(bytes_max: u64) -> Self {
        let shards = std::array::from_fn(|_| Mutex::default());
        Self { shards, hasher: HashBuilder::default(), bytes: AtomicU64::new(0), bytes_max }
    }

    /// The newest state of an account; `None` if no commit of it is in flight.
    pub(crate) fn get(&self, account: &AccountKey) -> Option<Arc<Cached>> {
        self.shard(account).get(account).cloned()
    }

    /// Queues a change of the version `base` and makes `next` the newest state, in one step, so that the queue holds
    /// the changes of an account in the order in which they build on each other. `change_bytes` is the memory of what
    /// waits beside the state. False if a change in flight has
    /// replaced `base`; a conflict with a durable change is found by the writer.
    pub(crate) fn queue(
        &self,
        account: &AccountKey,
        base: Option<Version>,
        next: &Arc<Cached>,
        change_bytes: u64,
        send: impl FnOnce() -> Result<(), StoreError>,
    ) -> Result<bool, StoreError> {
        let mut shard = self.shard(account);
        if shard.get(account).is_some_and(|newest| newest.version != base) {
            return Ok(false);
        }
        let bytes = next.bytes + change_bytes;
        self.reserve(bytes)?;
        if let Err(error) = send() {
            self.release(bytes);
            return Err(error);
        }
        shard.insert(account.clone(), Arc::clone(next));
        Ok(true)
    }

    /// Removes a state that is durable or failed, unless it is no longer the newest.
    pub(crate) fn ended(&self, account: &AccountKey, state: &Arc<Cached>, change_bytes: u64) {
        self.release(state.bytes + change_bytes);
        let mut shard = self.shard(account);
        if shard.get(account).is_some_and(|newest| Arc::ptr_eq(newest, state)) {
            shard.remove(account);
        }
    }

    /// A state always fits if it is the only one.
    pub(crate) fn reserve(&self, bytes: u64) -> Result<(), StoreError> {
        let before = self.bytes.fetch_add(bytes, Ordering::Relaxed);
        if before > 0 && before + bytes > self.bytes_max {
            self.release(bytes);
            return Err(StoreError::OverloadedBytes { bytes_max: self.bytes_max });
        }
        Ok(())
    }

    pub(crate) fn release(&self, bytes: u64) {
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// The size in memory of the states in flight.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    fn shard(&self, account: &AccountKey) -> MutexGuard<'_, Shard> {
        let place = BuildHasher::hash_one(&self.hasher, account) as usize % SHARDS;
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
        Cached::new(Account { version: Some(Version::numbered(version)), ..Account::default() }, Durability::pending())
    }

    #[test]
    fn a_change_of_an_older_version_than_the_newest_is_not_queued() {
        let in_flight = InFlightCommits::new(1 << 20);
        let account = AccountKey { app: AppId(1), account: AccountId::parse("alice").unwrap() };
        let first = state(1);
        assert!(in_flight.queue(&account, None, &first, 0, || Ok(())).unwrap());
        assert!(!in_flight.queue(&account, None, &state(2), 0, || panic!("it is older")).unwrap());
        let second = state(2);
        assert!(in_flight.queue(&account, Some(Version::numbered(1)), &second, 0, || Ok(())).unwrap());
        in_flight.ended(&account, &first, 0);
        assert!(Arc::ptr_eq(&in_flight.get(&account).unwrap(), &second));
        in_flight.ended(&account, &second, 0);
        assert!(in_flight.get(&account).is_none());
    }

    #[test]
    fn a_change_that_the_full_queue_rejects_is_not_the_newest() {
        let in_flight = InFlightCommits::new(1 << 20);
        let account = AccountKey { app: AppId(1), account: AccountId::parse("alice").unwrap() };
        let full = || Err(StoreError::Overloaded { waiting_max: 1 });
        assert!(in_flight.queue(&account, None, &state(1), 0, full).is_err());
        assert!(in_flight.get(&account).is_none());
    }

    #[test]
    fn changes_that_wait_beside_states_are_bounded_with_them() {
        let (first, second) = (state(1), state(1));
        let in_flight = InFlightCommits::new(first.bytes + second.bytes);
        let account = |id| AccountKey { app: AppId(1), account: AccountId::parse(id).unwrap() };
        assert!(in_flight.queue(&account("alice"), None, &first, 1, || Ok(())).unwrap());
        let full = in_flight.queue(&account("bob"), None, &second, 0, || panic!("there is no room"));
        assert!(matches!(full, Err(StoreError::OverloadedBytes { .. })));
        in_flight.ended(&account("alice"), &first, 1);
        assert_eq!(in_flight.bytes(), 0);
    }

    #[test]
    fn queued_states_are_bounded_in_bytes_and_one_always_fits() {
        let in_flight = InFlightCommits::new(1);
        let account = |id| AccountKey { app: AppId(1), account: AccountId::parse(id).unwrap() };
        let first = state(1);
        assert!(in_flight.queue(&account("alice"), None, &first, 0, || Ok(())).unwrap());
        let full = in_flight.queue(&account("bob"), None, &state(1), 0, || panic!("there is no room"));
        assert!(matches!(full, Err(StoreError::OverloadedBytes { bytes_max: 1 })));
        in_flight.ended(&account("alice"), &first, 0);
        assert!(in_flight.queue(&account("bob"), None, &state(1), 0, || Ok(())).unwrap());
    }
}
