//! Caches of durable data: decoded accounts, facts of heads, and chat groups.

pub(super) mod accounts;
pub(super) mod chat_groups;
pub(super) mod heads;

use std::hash::{BuildHasher, Hash};

use quick_cache::sync::Cache;
use quick_cache::{Lifecycle, Weighter};

/// The value of a key, from the cache or read into it; one reader of several at once does the reading. A value that is
/// inserted during the read is kept.
pub(super) fn read_through<K: Eq + Hash + Clone, V: Clone, E>(
    cache: &Cache<K, V, impl Weighter<K, V> + Clone, impl BuildHasher + Clone, impl Lifecycle<K, V> + Clone>,
    key: &K,
    read: impl FnOnce() -> Result<V, E>,
) -> Result<V, E> {
    #[cfg(not(feature = "schedules"))]
    return cache.get_or_insert_with(key, read);
    // Waits where the scheduler sees it.
    #[cfg(feature = "schedules")]
    return shuttle::future::block_on(cache.get_or_insert_async(key, async { read() }));
}
