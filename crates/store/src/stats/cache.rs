//! How well a cache does.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use quick_cache::Lifecycle;

/// Counts what happens at one cache.
#[derive(Debug, Default)]
pub struct CacheMeter {
    hits: AtomicU64,
    misses: AtomicU64,
    evictions: Evictions,
}

/// How well a cache did, and how full it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheStats {
    /// Questions it had the answer to.
    pub hits: u64,
    /// Questions it had no answer to.
    pub misses: u64,
    /// What had to make room for others, or was too heavy to be kept.
    pub evictions: u64,
    /// What is in it.
    pub entries: u64,
    /// The weight of that, in whatever the cache weighs its entries by.
    pub weight: u64,
    /// It is never heavier.
    pub weight_max: u64,
}

impl CacheMeter {
    /// Counts a question by whether the cache had the answer.
    pub fn asked(&self, found: bool) {
        let count = if found { &self.hits } else { &self.misses };
        count.fetch_add(1, Ordering::Relaxed);
    }

    /// What the cache is to be built with, so that its evictions are counted here.
    pub fn evictions(&self) -> Evictions {
        self.evictions.clone()
    }

    /// The counts, beside how full the cache is.
    pub fn read(&self, entries: usize, weight: u64, weight_max: u64) -> CacheStats {
        let [hits, misses, evictions] =
            [&self.hits, &self.misses, &*self.evictions.0].map(|count| count.load(Ordering::Relaxed));
        CacheStats { hits, misses, evictions, entries: entries as u64, weight, weight_max }
    }
}

/// Counts what a `quick_cache` throws out.
#[derive(Clone, Debug, Default)]
pub struct Evictions(Arc<AtomicU64>);

impl<Key, Val> Lifecycle<Key, Val> for Evictions {
    /// Kept until the locks of the cache are free again: dropping takes time. More than two at a time are rare.
    type RequestState = [Option<(Key, Val)>; 2];

    fn begin_request(&self) -> Self::RequestState {
        [None, None]
    }

    /// Is not called for what is replaced, unlike `on_evict`.
    fn before_evict(&self, _: &mut Self::RequestState, _: &Key, _: &mut Val) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn on_evict(&self, state: &mut Self::RequestState, key: Key, value: Val) {
        if let Some(free) = state.iter_mut().find(|place| place.is_none()) {
            *free = Some((key, value));
        }
    }
}

#[cfg(test)]
mod tests {
    use quick_cache::sync::Cache;
    use quick_cache::{DefaultHashBuilder, UnitWeighter};

    use super::*;

    #[test]
    fn what_makes_room_is_counted_and_what_is_replaced_is_not() {
        let meter = CacheMeter::default();
        let cache = Cache::with(10, 10, UnitWeighter, DefaultHashBuilder::default(), meter.evictions());
        for _ in 0..2 {
            cache.insert(0, 0);
        }
        assert_eq!(meter.read(0, 0, 0).evictions, 0);
        for key in 0..100 {
            cache.insert(key, 0);
        }
        assert_eq!(meter.read(0, 0, 0).evictions, 100 - cache.len() as u64);
    }
}
