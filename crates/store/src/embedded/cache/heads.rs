//! A cache that says which accounts are imported. Every change of a conversation asks for the peer, who is often not in
//! the cache of accounts.

use quick_cache::sync::Cache;

use super::read_through;
use crate::embedded::engine::Engine;
use crate::embedded::format::{heads, keys};
use crate::{AccountKey, StoreError};

/// About 16 MiB.
const KEPT_MAX: usize = 131_072;

/// The accounts asked for last. Never stale: the writer publishes each change.
pub(crate) struct HeadCache(Cache<AccountKey, bool>);

impl HeadCache {
    pub(crate) fn new() -> Self {
        Self(Cache::new(KEPT_MAX))
    }

    /// Whether the account is imported; `None` if the cache does not know.
    pub(crate) fn known(&self, account: &AccountKey) -> Option<bool> {
        self.0.get(account)
    }

    /// Whether the account is imported, read from the disk if necessary. A change published meanwhile is kept.
    pub(crate) fn read(&self, engine: &Engine, account: &AccountKey) -> Result<bool, StoreError> {
        read_through(&self.0, account, || {
            let head = engine.get(&keys::row(&keys::account_prefix(account), &keys::Row::Head))?;
            head.map_or(Ok(false), |value| Ok(heads::decode_head(&value)?.1.imported))
        })
    }

    /// Removes all entries.
    pub(crate) fn clear(&self) {
        self.0.clear();
    }

    /// Stores a change that is durable.
    pub(crate) fn publish(&self, account: AccountKey, imported: bool) {
        self.0.insert(account, imported);
    }
}

#[cfg(test)]
mod tests {
    use pinfold_core::{AccountId, AppId};
    use quick_cache::sync::GuardResult;

    use super::*;

    fn alice() -> AccountKey {
        AccountKey { app: AppId(1), account: AccountId::parse("alice").unwrap() }
    }

    #[test]
    fn an_account_that_was_read_once_is_known_without_the_disk() {
        let place = tempfile::tempdir().unwrap();
        let (engine, head_cache) = (Engine::open(place.path(), true).unwrap(), HeadCache::new());
        assert_eq!(head_cache.known(&alice()), None);
        assert!(!head_cache.read(&engine, &alice()).unwrap());
        assert_eq!(head_cache.known(&alice()), Some(false));
    }

    #[test]
    fn a_slow_reader_does_not_replace_a_newer_commit() {
        let head_cache = HeadCache::new();
        let GuardResult::Guard(slow_reader) = head_cache.0.get_value_or_guard(&alice(), None) else {
            panic!("the cache is empty");
        };
        head_cache.publish(alice(), true);
        let _ = slow_reader.insert(false);
        assert_eq!(head_cache.known(&alice()), Some(true));
    }
}
