//! Accounts with commits on their way: what the next change of an account begins from, so that several
//! changes of one account can share a batch.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::cache::Cached;
use crate::{AccountKey, StoreError, Version};

const SHARDS: usize = 64;

type Shard = HashMap<AccountKey, Arc<Cached>>;

/// The newest state of each account that has a commit in the writer's queue. No larger than that queue.
pub(super) struct Pending {
    shards: [Mutex<Shard>; SHARDS],
    hasher: RandomState,
}

impl Pending {
    pub(super) fn new() -> Self {
        Self { shards: std::array::from_fn(|_| Mutex::default()), hasher: RandomState::new() }
    }

    /// The newest state, if it is not durable yet.
    pub(super) fn get(&self, account: &AccountKey) -> Option<Arc<Cached>> {
        self.shard(account).get(account).cloned()
    }

    /// Queues a change of the version `base`, and makes `next` the newest state, in one step: the queue has
    /// the changes of an account in the order they build on each other. False if another one was faster; one
    /// that is durable by now is for the writer to see.
    pub(super) fn queue(
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
        send()?;
        shard.insert(account.clone(), Arc::clone(next));
        Ok(true)
    }

    /// Forgets a state that became durable, or never will, unless a newer one came after it.
    pub(super) fn ended(&self, account: &AccountKey, state: &Arc<Cached>) {
        let mut shard = self.shard(account);
        if shard.get(account).is_some_and(|newest| Arc::ptr_eq(newest, state)) {
            shard.remove(account);
        }
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

    fn state(version: u64) -> Arc<Cached> {
        Arc::new(Cached { version: Some(Version(version)), state: Arc::default() })
    }

    #[test]
    fn a_change_of_an_older_version_than_the_newest_is_not_queued() {
        let pending = Pending::new();
        let account = AccountKey { app: AppId(1), account: AccountId::parse("alice").unwrap() };
        let first = state(1);
        assert!(pending.queue(&account, None, &first, || Ok(())).unwrap());
        assert!(!pending.queue(&account, None, &state(2), || panic!("it is older")).unwrap());
        let second = state(2);
        assert!(pending.queue(&account, Some(Version(1)), &second, || Ok(())).unwrap());
        pending.ended(&account, &first);
        assert!(Arc::ptr_eq(&pending.get(&account).unwrap(), &second));
        pending.ended(&account, &second);
        assert!(pending.get(&account).is_none());
    }

    #[test]
    fn a_change_that_the_queue_has_no_place_for_is_not_the_newest() {
        let pending = Pending::new();
        let account = AccountKey { app: AppId(1), account: AccountId::parse("alice").unwrap() };
        let full = || Err(StoreError::Overloaded { waiting_max: 1 });
        assert!(pending.queue(&account, None, &state(1), full).is_err());
        assert!(pending.get(&account).is_none());
    }
}
