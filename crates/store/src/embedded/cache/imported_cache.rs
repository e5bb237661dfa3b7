//! A cache of the register of accounts. Every change of a conversation asks it for the other side, who is often
//! somebody whose own arrangements nobody reads, and who is then in no cache of accounts.

use quick_cache::sync::Cache;

use crate::embedded::engine::Engine;
use crate::embedded::format::{keys, values};
use crate::{AccountKey, StoreError};

/// About 16 MiB.
const KEPT_MAX: usize = 131_072;

/// What the disk says of the accounts asked for last. Coherent, since the writer puts in what it changed.
pub(crate) struct ImportedCache(Cache<AccountKey, bool>);

impl ImportedCache {
    pub(crate) fn new() -> Self {
        Self(Cache::new(KEPT_MAX))
    }

    /// Whether the account is imported, if that is known without the disk.
    pub(crate) fn known(&self, account: &AccountKey) -> Option<bool> {
        self.0.get(account)
    }

    /// The same, from the disk if it is not known. What the writer puts in meanwhile stays.
    pub(crate) fn read(&self, engine: &Engine, account: &AccountKey) -> Result<bool, StoreError> {
        self.0.get_or_insert_with(account, || {
            let head = engine.get(&keys::row(&keys::account_prefix(account), &keys::Row::Head))?;
            head.map_or(Ok(false), |value| Ok(values::decode_head(&value)?.1.imported))
        })
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) {
        self.0.clear();
    }

    /// What is durable from now on.
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
    fn who_was_asked_for_once_is_known_without_the_disk() {
        let place = tempfile::tempdir().unwrap();
        let (engine, imported_cache) = (Engine::open(place.path(), true).unwrap(), ImportedCache::new());
        assert_eq!(imported_cache.known(&alice()), None);
        assert!(!imported_cache.read(&engine, &alice()).unwrap());
        assert_eq!(imported_cache.known(&alice()), Some(false));
    }

    #[test]
    fn what_a_slow_reader_found_does_not_replace_what_was_committed_meanwhile() {
        let imported_cache = ImportedCache::new();
        let GuardResult::Guard(slow_reader) = imported_cache.0.get_value_or_guard(&alice(), None) else {
            panic!("the cache is empty");
        };
        imported_cache.publish(alice(), true);
        let _ = slow_reader.insert(false);
        assert_eq!(imported_cache.known(&alice()), Some(true));
    }
}
