//! A cache of two facts of heads: whether an account is imported, and which life it has. Every change of a conversation
//! asks for the peer, and every touch for the account, which are often not in the cache of accounts.

use pinfold_core::Head;
use quick_cache::sync::Cache;

use super::read_through;
use crate::embedded::engine::Engine;
use crate::{AccountKey, Life, StoreError, Version};

/// About 18 MiB.
const KEPT_MAX: usize = 131_072;

/// What others need to know of a head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HeadFacts {
    pub(crate) life: Life,
    pub(crate) imported: bool,
}

impl HeadFacts {
    /// Those of an account; `None` for one without a head.
    pub(crate) fn of(version: Option<Version>, head: &Head) -> Option<Self> {
        version.map(|version| Self { life: version.life, imported: head.imported })
    }
}

/// The accounts asked for last, `None` for one without a head. Never stale: the writer publishes each change.
pub(crate) struct HeadCache(Cache<AccountKey, Option<HeadFacts>>);

impl HeadCache {
    pub(crate) fn new() -> Self {
        Self(Cache::new(KEPT_MAX))
    }

    /// The facts of an account; `None` if the cache does not know.
    pub(crate) fn known(&self, account: &AccountKey) -> Option<Option<HeadFacts>> {
        self.0.get(account)
    }

    /// The facts of an account, read from the disk if necessary. A change published meanwhile is kept.
    pub(crate) fn read(&self, engine: &Engine, account: &AccountKey) -> Result<Option<HeadFacts>, StoreError> {
        read_through(&self.0, account, || {
            let head = engine.head(account)?;
            Ok(head.and_then(|(version, head)| HeadFacts::of(Some(version), &head)))
        })
    }

    /// Removes all entries.
    pub(crate) fn clear(&self) {
        self.0.clear();
    }

    /// Stores a change that is durable.
    pub(crate) fn publish(&self, account: AccountKey, facts: Option<HeadFacts>) {
        self.0.insert(account, facts);
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
        assert_eq!(head_cache.read(&engine, &alice()).unwrap(), None);
        assert_eq!(head_cache.known(&alice()), Some(None));
    }

    #[test]
    fn a_slow_reader_does_not_replace_a_newer_commit() {
        let head_cache = HeadCache::new();
        let GuardResult::Guard(slow_reader) = head_cache.0.get_value_or_guard(&alice(), None) else {
            panic!("the cache is empty");
        };
        let facts = Some(HeadFacts { life: Life(7), imported: true });
        head_cache.publish(alice(), facts);
        let _ = slow_reader.insert(None);
        assert_eq!(head_cache.known(&alice()), Some(facts));
    }
}
