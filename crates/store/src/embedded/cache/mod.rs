//! Caches of durable data: decoded accounts, facts of heads, chat groups, and lists of recent conversations.

pub(super) mod accounts;
pub(super) mod chat_groups;
pub(super) mod heads;
pub(super) mod lists;

use std::hash::{BuildHasher, Hash};

#[cfg(not(feature = "schedules"))]
use quick_cache::sync::GuardResult;
use quick_cache::sync::{Cache, PlaceholderGuard};
use quick_cache::{Lifecycle, Weighter};

/// The value of a key, from the cache or read into it; one reader of several at once does the reading. A value that is
/// inserted during the read is kept.
pub(super) fn read_through<K: Eq + Hash + Clone, V: Clone, E>(
    cache: &Cache<K, V, impl Weighter<K, V> + Clone, impl BuildHasher + Clone, impl Lifecycle<K, V> + Clone>,
    key: &K,
    read: impl FnOnce() -> Result<V, E>,
) -> Result<V, E> {
    match value_or_guard(cache, key) {
        Ok(value) => Ok(value),
        Err(guard) => {
            let value = read()?;
            let _ = guard.insert(value.clone());
            Ok(value)
        }
    }
}

/// The value of a key, or the right to insert it. Waits while another reader has that right.
fn value_or_guard<'c, K: Eq + Hash + Clone, V: Clone, W, B, L>(
    cache: &'c Cache<K, V, W, B, L>,
    key: &K,
) -> Result<V, PlaceholderGuard<'c, K, V, W, B, L>>
where
    W: Weighter<K, V> + Clone,
    B: BuildHasher + Clone,
    L: Lifecycle<K, V> + Clone,
{
    #[cfg(not(feature = "schedules"))]
    return match cache.get_value_or_guard(key, None) {
        GuardResult::Value(value) => Ok(value),
        GuardResult::Guard(guard) => Err(guard),
        GuardResult::Timeout => unreachable!("it waits without a limit"),
    };
    // Waits where the scheduler sees it, and lets other threads run before.
    #[cfg(feature = "schedules")]
    return {
        crate::sync::thread::switch();
        shuttle::future::block_on(cache.get_value_or_guard_async(key))
    };
}
