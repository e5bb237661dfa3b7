//! A cache of whole lists of recent conversations. A list is read by each device of a person, and scanning its rows costs
//! more than the rest of such a call.

use std::collections::HashSet;
use std::sync::{Arc, PoisonError};

use fjall::Slice;
use pinfold_core::RecentEntry;
use quick_cache::{Weighter, sync::Cache};

use super::value_or_guard;
use crate::embedded::format::times;
use crate::stats::{CacheMeter, CacheStats};
use crate::sync::{HashBuilder, Mutex, MutexGuard};
use crate::{StoreError, stats::Evictions, weight};

const BYTES_MAX: u64 = 32 << 20;
/// About 100 entries.
const LIST_BYTES_USUAL: u64 = 5_000;

pub(crate) type List = Arc<[RecentEntry]>;

/// The lists that were read last, each by the prefix of its rows' keys.
///
/// Never stale, though a batch is found on the disk before the writer knows that it is there: a list is taken out before
/// the batch that changes it is written, and none of its readers puts it back until that batch has ended.
pub(crate) struct ListCache {
    kept: Cache<Vec<u8>, List, Bytes, HashBuilder, Evictions>,
    /// The prefixes of the lists that the batch which is being written changes.
    being_written: Mutex<HashSet<Vec<u8>, HashBuilder>>,
    meter: CacheMeter,
}

impl ListCache {
    pub(crate) fn new() -> Self {
        let (meter, lists) =
            (CacheMeter::default(), usize::try_from(BYTES_MAX / LIST_BYTES_USUAL).unwrap_or(usize::MAX));
        let kept = Cache::with(lists, BYTES_MAX, Bytes, HashBuilder::default(), meter.evictions());
        Self { kept, being_written: Mutex::default(), meter }
    }

    /// The list with this prefix, if it is known without the disk.
    pub(crate) fn known(&self, prefix: &[u8]) -> Option<List> {
        let known = self.kept.get(prefix);
        self.meter.asked(known.is_some());
        known
    }

    /// The list with this prefix, read if necessary. It enters the cache unless a batch changes it meanwhile.
    pub(crate) fn read(
        &self,
        prefix: &Vec<u8>,
        read: impl FnOnce() -> Result<List, StoreError>,
    ) -> Result<List, StoreError> {
        let guard = match value_or_guard(&self.kept, prefix) {
            Ok(list) => return Ok(list),
            Err(guard) => guard,
        };
        // After the guard was taken: the writer names the list first and then makes guards useless.
        if self.being_written().contains(prefix) {
            drop(guard);
            return read();
        }
        let list = read()?;
        let _ = guard.insert(Arc::clone(&list));
        Ok(list)
    }

    /// Takes the lists out that these rows belong to, and keeps them out until [`ListCache::write_ended`]. To be called
    /// before the rows are written.
    pub(crate) fn write_begins<'r>(&self, rows: impl Iterator<Item = &'r Slice>) {
        let lists: Vec<_> = rows.filter_map(|row| times::list_of(row)).collect();
        self.being_written().extend(lists.iter().map(|list| list.to_vec()));
        for list in lists {
            self.kept.remove(list);
        }
    }

    /// The batch is on the disk, where all readers find it, or failed.
    pub(crate) fn write_ended(&self) {
        self.being_written().clear();
    }

    /// Removes all lists.
    pub(crate) fn clear(&self) {
        self.kept.clear();
    }

    pub(crate) fn stats(&self) -> CacheStats {
        self.meter.read(self.kept.len(), self.kept.weight(), self.kept.capacity())
    }

    fn being_written(&self) -> MutexGuard<'_, HashSet<Vec<u8>, HashBuilder>> {
        self.being_written.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Weighs lists in bytes of memory.
#[derive(Clone)]
struct Bytes;

impl Weighter<Vec<u8>, List> for Bytes {
    fn weight(&self, prefix: &Vec<u8>, list: &List) -> u64 {
        prefix.len() as u64 + weight::of_list(list)
    }
}

#[cfg(test)]
mod tests {
    use pinfold_core::{AccountId, AppId, Conversation, Timestamp};
    use quick_cache::sync::GuardResult;

    use super::*;
    use crate::{AccountKey, Life};

    fn alice() -> AccountKey {
        AccountKey { app: AppId(1), account: AccountId::parse("alice").unwrap() }
    }

    fn bob() -> Conversation {
        Conversation::OneToOne(AccountId::parse("bob").unwrap())
    }

    fn list() -> List {
        [RecentEntry { conversation: bob(), at: Timestamp(5) }].into()
    }

    fn prefix() -> Vec<u8> {
        times::entries(&alice(), Life(7))
    }

    /// A batch that writes alice's entry of bob in this life begins.
    fn write_begins(cache: &ListCache, life: u64) {
        cache.write_begins([times::entry(&alice(), Life(life), &bob()).into()].iter());
    }

    #[test]
    fn a_list_that_was_read_once_is_known_until_a_row_of_it_is_written() {
        let cache = ListCache::new();
        assert_eq!(cache.read(&prefix(), || Ok(list())).unwrap(), list());
        write_begins(&cache, 8);
        assert_eq!(cache.known(&prefix()), Some(list()), "another life has another list");
        write_begins(&cache, 7);
        assert_eq!(cache.known(&prefix()), None);
    }

    #[test]
    fn a_reader_that_began_before_a_batch_keeps_nothing() {
        let cache = ListCache::new();
        let GuardResult::Guard(slow_reader) = cache.kept.get_value_or_guard(&prefix(), None) else {
            panic!("the cache is empty");
        };
        write_begins(&cache, 7);
        cache.write_ended();
        let _ = slow_reader.insert(list());
        assert_eq!(cache.known(&prefix()), None);
    }

    #[test]
    fn a_reader_that_begins_during_a_batch_keeps_nothing_and_one_that_begins_after_it_does() {
        let cache = ListCache::new();
        write_begins(&cache, 7);
        cache.read(&prefix(), || Ok(list())).unwrap();
        assert_eq!(cache.known(&prefix()), None);
        cache.write_ended();
        cache.read(&prefix(), || Ok(list())).unwrap();
        assert_eq!(cache.known(&prefix()), Some(list()));
    }

    #[test]
    fn lists_are_weighed_with_the_texts_that_are_allocated_beside_them() {
        let long = Conversation::OneToOne(AccountId::parse(&"z".repeat(32)).unwrap());
        let weight = |conversation| weight::of_list(&[RecentEntry { conversation, at: Timestamp(5) }]);
        assert!(weight(long) >= weight(bob()) + 32);
        assert!(weight(bob()) >= size_of::<RecentEntry>() as u64);
    }
}
