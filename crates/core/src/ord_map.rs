//! An ordered map whose clones share what they have in common.

use std::fmt;
use std::ops::Index;
use std::sync::Arc;

/// The most entries in a chunk.
const ENTRIES_MAX: usize = 16;

/// Entries that ascend and lie side by side.
type Chunk<K, V> = Arc<[(K, V)]>;

/// An ordered map for up to thousands of entries, used as a [`std::collections::BTreeMap`] is. Its clones share their
/// entries: a change copies one chunk of at most 16, and a pointer for each other chunk (docs/decisions/0015).
#[derive(Clone)]
pub struct OrdMap<K, V> {
    /// Chunks that ascend; none is empty.
    chunks: Vec<Chunk<K, V>>,
}

impl<K, V> OrdMap<K, V> {
    /// The number of entries. Costs a look at each chunk.
    pub fn len(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.len()).sum()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    /// The entries in the order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.chunks.iter().flat_map(|chunk| chunk.iter()).map(|(key, value)| (key, value))
    }

    /// The keys, ascending.
    pub fn keys(&self) -> impl Iterator<Item = &K> {
        self.iter().map(|(key, _)| key)
    }

    /// The values in the order of their keys.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }
}

impl<K: Ord, V> OrdMap<K, V> {
    /// The entry of a key.
    pub fn get_key_value(&self, key: &K) -> Option<(&K, &V)> {
        let (chunk, place) = self.find(key);
        self.chunks.get(chunk)?.get(place.ok()?).map(|(key, value)| (key, value))
    }

    /// The value of a key.
    pub fn get(&self, key: &K) -> Option<&V> {
        self.get_key_value(key).map(|(_, value)| value)
    }

    /// Whether the key has a value.
    pub fn contains_key(&self, key: &K) -> bool {
        self.get(key).is_some()
    }

    /// The chunk of a key, and the key's place there, or the place to insert it at. The first chunk may be missing.
    fn find(&self, key: &K) -> (usize, Result<usize, usize>) {
        let after = self.chunks.partition_point(|chunk| chunk[0].0 <= *key);
        let chunk = after.saturating_sub(1);
        (chunk, self.entries(chunk).binary_search_by(|(other, _)| other.cmp(key)))
    }

    fn entries(&self, chunk: usize) -> &[(K, V)] {
        self.chunks.get(chunk).map_or(&[], |entries| entries)
    }
}

impl<K: Ord + Clone, V: Clone> OrdMap<K, V> {
    /// The value of a key, to be changed.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let (chunk, place) = self.find(key);
        let place = place.ok()?;
        Some(&mut Arc::make_mut(self.chunks.get_mut(chunk)?)[place].1)
    }

    /// Gives a key a value; the value that it had before.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        let (chunk, place) = self.find(&key);
        match place {
            Ok(place) => Some(std::mem::replace(&mut Arc::make_mut(&mut self.chunks[chunk])[place].1, value)),
            Err(place) => {
                self.insert_at(chunk, place, (key, value));
                None
            }
        }
    }

    fn insert_at(&mut self, chunk: usize, place: usize, entry: (K, V)) {
        let (left, right) = self.entries(chunk).split_at(place);
        let entries: Chunk<K, V> = left.iter().cloned().chain([entry]).chain(right.iter().cloned()).collect();
        let replaced = chunk..self.chunks.len().min(chunk + 1);
        if entries.len() <= ENTRIES_MAX {
            drop(self.chunks.splice(replaced, [entries]));
        } else {
            let (left, right) = entries.split_at(entries.len() / 2);
            drop(self.chunks.splice(replaced, [left.into(), right.into()]));
        }
    }

    /// Removes a key; the value that it had.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        let (chunk, place) = self.find(key);
        let (left, rest) = self.entries(chunk).split_at(place.ok()?);
        let ((_, value), right) = rest.split_first()?;
        let (value, entries) = (value.clone(), joined(left, right));
        if entries.is_empty() {
            self.chunks.remove(chunk);
        } else {
            self.chunks[chunk] = entries;
            self.join_with_next(chunk);
            self.join_with_next(chunk.saturating_sub(1));
        }
        Some(value)
    }

    /// Makes one of two chunks of few entries, so that a map that shrinks has few chunks.
    fn join_with_next(&mut self, chunk: usize) {
        if let Some([one, next]) = self.chunks.get(chunk..chunk + 2)
            && one.len() + next.len() <= ENTRIES_MAX / 2
        {
            self.chunks[chunk] = joined(one, next);
            self.chunks.remove(chunk + 1);
        }
    }
}

fn joined<K: Clone, V: Clone>(left: &[(K, V)], right: &[(K, V)]) -> Chunk<K, V> {
    left.iter().chain(right).cloned().collect()
}

impl<K, V> Default for OrdMap<K, V> {
    fn default() -> Self {
        Self { chunks: Vec::new() }
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for OrdMap<K, V> {
    /// Of several entries of one key the last one counts.
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut entries = Vec::from_iter(entries);
        entries.sort_by(|(key, _), (other, _)| key.cmp(other));
        entries.dedup_by(|later, earlier| {
            let is_same = later.0 == earlier.0;
            if is_same {
                std::mem::swap(later, earlier);
            }
            is_same
        });
        let count = entries.len().div_ceil(ENTRIES_MAX);
        let mut entries = entries.into_iter();
        Self { chunks: (0..count).map(|_| entries.by_ref().take(ENTRIES_MAX).collect()).collect() }
    }
}

impl<K: Ord, V, const N: usize> From<[(K, V); N]> for OrdMap<K, V> {
    fn from(entries: [(K, V); N]) -> Self {
        Self::from_iter(entries)
    }
}

impl<K: Ord, V> Index<&K> for OrdMap<K, V> {
    type Output = V;

    fn index(&self, key: &K) -> &V {
        self.get(key).expect("the key has a value")
    }
}

impl<K: PartialEq, V: PartialEq> PartialEq for OrdMap<K, V> {
    /// Whether the entries are the same, whichever chunks they are in.
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl<K: Eq, V: Eq> Eq for OrdMap<K, V> {}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for OrdMap<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn ascending(entries: u16) -> OrdMap<u16, u16> {
        (0..entries).map(|number| (number, number)).collect()
    }

    /// Chunks that two maps do not share.
    fn unshared(map: &OrdMap<u16, u16>, other: &OrdMap<u16, u16>) -> usize {
        let is_shared = |chunk: &&Chunk<u16, u16>| other.chunks.iter().any(|other| Arc::ptr_eq(chunk, other));
        map.chunks.iter().filter(|chunk| !is_shared(chunk)).count()
    }

    proptest! {
        #[test]
        fn it_holds_what_a_map_of_the_standard_library_holds(
            built in prop::collection::vec((0_u16..200, any::<u16>()), 0..100),
            changes in prop::collection::vec((0_u16..200, prop::option::of(any::<u16>())), 0..300),
        ) {
            let (mut map, mut model) = (OrdMap::from_iter(built.clone()), BTreeMap::from_iter(built));
            for (key, value) in changes {
                let (clone, before) = (map.clone(), model.clone());
                match value {
                    Some(value) => prop_assert_eq!(map.insert(key, value), model.insert(key, value)),
                    None => prop_assert_eq!(map.remove(&key), model.remove(&key)),
                }
                prop_assert_eq!(map.get_key_value(&key), model.get_key_value(&key));
                prop_assert_eq!((map.len(), map.is_empty()), (model.len(), model.is_empty()));
                prop_assert!(map.iter().eq(model.iter()) && clone.iter().eq(before.iter()));
                prop_assert!(map.chunks.iter().all(|chunk| (1..=ENTRIES_MAX).contains(&chunk.len())));
            }
        }
    }

    #[test]
    fn a_change_of_a_clone_copies_one_chunk() {
        let map = ascending(1000);
        let (mut replaced, mut inserted, mut removed) = (map.clone(), map.clone(), map.clone());
        replaced.insert(500, 0);
        inserted.insert(2000, 0);
        removed.remove(&500);
        assert_eq!([&replaced, &inserted, &removed].map(|changed| unshared(changed, &map)), [1; 3]);
    }

    #[test]
    fn an_entry_into_a_full_chunk_makes_two_of_it_and_leaves_the_others() {
        let map = ascending(160);
        let mut split = map.clone();
        split.insert(1000, 0);
        assert_eq!((unshared(&split, &map), split.chunks.len()), (2, 11));
    }

    #[test]
    fn a_map_that_shrinks_has_few_chunks() {
        let mut map = ascending(1600);
        for number in (0..1600).filter(|number| number % 16 != 0) {
            map.remove(&number);
        }
        assert_eq!(map.len(), 100);
        assert!(map.chunks.len() <= 100 / (ENTRIES_MAX / 4) + 1, "{} chunks", map.chunks.len());
    }

    #[test]
    fn maps_of_the_same_entries_are_equal_whatever_their_chunks() {
        let mut one_by_one = OrdMap::default();
        for number in (0..100).rev() {
            one_by_one.insert(number, number);
        }
        assert_ne!(one_by_one.chunks.len(), ascending(100).chunks.len());
        assert_eq!(one_by_one, ascending(100));
    }
}
