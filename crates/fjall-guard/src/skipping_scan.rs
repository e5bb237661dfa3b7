//! Rows of a keyspace in the order of their keys, past those that cannot be read.

use std::ops::Bound;

/// The bytes of a key that the search compares. Keys that differ only after these bytes are skipped together.
const PLACE_BYTES: usize = 48;

/// The beginning of a key, filled up with zeros.
type Place = [u8; PLACE_BYTES];

/// A scan that can go on after rows that cannot be read.
///
/// fjall ends a scan at a damaged block and does not say how far the block reaches. After an error,
/// [`SkippingScan::skip_unreadable`] searches for the next key from which a scan can begin: by growing steps, then by
/// halves. Without that call the scan goes on as the one of fjall does.
pub struct SkippingScan<F, I, K> {
    rows_from: F,
    /// None once there is nothing more to be read.
    rows: Option<I>,
    last: Option<K>,
}

/// A range of keys in which rows may exist that cannot be read.
#[derive(Debug)]
pub struct Unreadable<K> {
    /// The last key before the range; `None` if the scan had read nothing.
    pub last: Option<K>,
    /// The first key after the range; `None` if nothing after it can be read.
    pub next: Option<K>,
}

impl<F, I, K, V, E> SkippingScan<F, I, K>
where
    F: Fn(Bound<Vec<u8>>) -> I,
    I: Iterator<Item = Result<(K, V), E>>,
    K: AsRef<[u8]> + Clone,
{
    /// Begins at `from`. `rows_from` scans one snapshot of a keyspace from a key on, without an upper bound.
    pub fn new(from: Bound<Vec<u8>>, rows_from: F) -> Self {
        Self { rows: Some(rows_from(from)), rows_from, last: None }
    }

    /// Goes on at the next row that can be read, and says what was skipped.
    pub fn skip_unreadable(&mut self) -> Unreadable<K> {
        let last = self.last.clone();
        let from = |start: &[u8]| (self.rows_from)(Bound::Included(start.to_vec()));
        let next = next_readable(last.as_ref().map_or(&[], K::as_ref), |place| {
            from(place).next().transpose().map(|row| row.map(|(key, _)| key))
        });
        self.rows = next.as_ref().map(|next| from(next.as_ref()));
        Unreadable { last, next }
    }
}

impl<F, I, K, V, E> Iterator for SkippingScan<F, I, K>
where
    I: Iterator<Item = Result<(K, V), E>>,
    K: Clone,
{
    type Item = Result<(K, V), E>;

    fn next(&mut self) -> Option<Self::Item> {
        let row = self.rows.as_mut()?.next()?;
        if let Ok((key, _)) = &row {
            self.last = Some(key.clone());
        }
        Some(row)
    }
}

/// The first key after `last` from which rows can be read; `None` if there is none or the search finds none.
/// `first_from` reads the first key at or after a place.
fn next_readable<K, E>(last: &[u8], first_from: impl Fn(&Place) -> Result<Option<K>, E>) -> Option<K> {
    let mut low: Place = [0; PLACE_BYTES];
    let length = last.len().min(PLACE_BYTES);
    low[..length].copy_from_slice(&last[..length]);
    let (begin, mut high, mut found) = (low, low, None);
    for place in (0..8 * PLACE_BYTES).map_while(|step| after(&begin, step)).chain([[0xff; PLACE_BYTES]]) {
        if let Ok(key) = first_from(&place) {
            (found, high) = (Some(key), place);
            break;
        }
        low = place;
    }
    while found.is_some() {
        let middle = middle(&low, &high);
        if middle == low {
            break;
        }
        match first_from(&middle) {
            Ok(key) => (found, high) = (Some(key), middle),
            Err(_) => low = middle,
        }
    }
    found.flatten()
}

/// The place plus 2 to the power of `step`, read as one big-endian number; `None` if that is more than the last place.
fn after(place: &Place, step: usize) -> Option<Place> {
    let (mut farther, mut added) = (*place, 1u16 << (step % 8));
    for byte in farther[..PLACE_BYTES - step / 8].iter_mut().rev() {
        let sum = u16::from(*byte) + added;
        (*byte, added) = ((sum & 0xff) as u8, sum >> 8);
    }
    (added == 0).then_some(farther)
}

/// The mean of two places, rounded down.
fn middle(low: &Place, high: &Place) -> Place {
    let mut middle = [0; PLACE_BYTES];
    let mut carried = 0u16;
    // The sum, from the last byte to the first; its carry comes before the first byte.
    for byte in (0..PLACE_BYTES).rev() {
        let sum = u16::from(low[byte]) + u16::from(high[byte]) + carried;
        (middle[byte], carried) = ((sum & 0xff) as u8, sum >> 8);
    }
    for byte in &mut middle {
        let halved = carried << 8 | u16::from(*byte);
        (*byte, carried) = ((halved >> 1) as u8, halved & 1);
    }
    middle
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// The next readable key of 1,000, some of them damaged, after the one with number `last`; and the number of tries.
    fn next(damaged: &[usize], last: usize) -> (Option<usize>, u32) {
        let (tried, key) = (Cell::new(0), |number: usize| format!("user {number:03}").into_bytes());
        let found = next_readable(&key(last), |place| {
            tried.set(tried.get() + 1);
            match (0..1000).find(|number| key(*number).as_slice() >= place.as_slice()) {
                Some(number) if damaged.contains(&number) => Err(()),
                found => Ok(found),
            }
        });
        (found, tried.get())
    }

    #[test]
    fn the_search_ends_at_the_first_key_after_the_damage() {
        assert_eq!(next(&[101], 100).0, Some(102));
        let many: Vec<_> = (101..350).collect();
        assert_eq!(next(&many, 100).0, Some(350));
        assert_eq!(
            next(&[101, 102, 103, 160, 161], 100).0,
            Some(104),
            "a readable key between two damaged ranges is not lost"
        );
    }

    #[test]
    fn after_damage_at_the_end_nothing_is_found_and_the_search_is_short() {
        let (found, tried) = next(&[998, 999], 997);
        assert_eq!(found, None);
        assert!(tried < 800, "{tried}");
    }

    #[test]
    fn the_middle_lies_between_two_places_whatever_is_carried() {
        let (mut low, mut high) = ([0; PLACE_BYTES], [0xff; PLACE_BYTES]);
        assert_eq!((middle(&low, &high)[0], middle(&low, &high)[1]), (0x7f, 0xff));
        low[PLACE_BYTES - 1] = 1;
        high[0] = 0;
        let half = middle(&low, &high);
        assert!(low < half && half < high);
        assert_eq!(middle(&low, &low), low);
        assert_eq!(after(&[0xff; PLACE_BYTES], 0), None);
    }
}
