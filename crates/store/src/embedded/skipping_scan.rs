//! Rows in their order, past those that cannot be read.
//!
//! The engine ends a scan at a damaged block and does not say how far that reaches. So the next key at which a scan
//! can begin is searched: by growing steps, then by halves.

use std::ops::Bound;

use fjall::Slice;

use super::engine::{Instant, Rows};
use crate::{OnDamage, StoreError};

/// Bytes of a key that are told apart in the search: longer than an account's id with what stands before it.
const DIGITS: usize = 48;

type Place = [u8; DIGITS];

/// What comes next.
pub(super) enum Read {
    Row(Slice, Slice),
    /// Rows between the last one and the next may be there and cannot be read.
    Unreadable {
        last: Option<Slice>,
        next: Option<Slice>,
        problem: StoreError,
    },
}

/// A scan that goes on behind what cannot be read, if it is told to.
pub(super) struct SkippingScan<'i> {
    instant: &'i Instant,
    rows: Rows,
    last: Option<Slice>,
    on_damage: OnDamage,
}

impl<'i> SkippingScan<'i> {
    pub(super) fn new(instant: &'i Instant, from: Bound<Vec<u8>>, on_damage: OnDamage) -> Self {
        Self { instant, rows: instant.rows(from), last: None, on_damage }
    }

    fn unreadable(&mut self, problem: StoreError) -> Read {
        let last = self.last.clone();
        let next = next_readable(last.as_deref().unwrap_or_default(), |place| {
            self.instant.rows(Bound::Included(place.to_vec())).next().transpose().map(|row| row.map(|(key, _)| key))
        });
        self.rows = match &next {
            Some(next) => self.instant.rows(Bound::Included(next.to_vec())),
            None => Box::new(std::iter::empty()),
        };
        Read::Unreadable { last, next, problem }
    }
}

impl Iterator for SkippingScan<'_> {
    type Item = Result<Read, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.rows.next()? {
            Ok((key, value)) => {
                self.last = Some(key.clone());
                Some(Ok(Read::Row(key, value)))
            }
            // What the system does not let this process read now may be whole.
            Err(problem @ StoreError::Unreadable(_)) => Some(Err(problem)),
            Err(problem) if self.on_damage == OnDamage::Skip => Some(Ok(self.unreadable(problem))),
            Err(problem) => Some(Err(problem)),
        }
    }
}

/// The first key behind `last` from which on rows can be read; none if there is none, or none is found. `first_from`
/// gives the first key from a place on, if it can be read.
fn next_readable<K>(last: &[u8], first_from: impl Fn(&Place) -> Result<Option<K>, StoreError>) -> Option<K> {
    let mut low: Place = [0; DIGITS];
    let length = last.len().min(DIGITS);
    low[..length].copy_from_slice(&last[..length]);
    let (begin, mut high, mut found) = (low, low, None);
    for place in (0..8 * DIGITS).map_while(|step| behind(&begin, step)).chain([[0xff; DIGITS]]) {
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

/// The place 2 to the power of `step` farther on; none behind the last place.
fn behind(place: &Place, step: usize) -> Option<Place> {
    let (mut farther, mut added) = (*place, 1u16 << (step % 8));
    for digit in farther[..DIGITS - step / 8].iter_mut().rev() {
        let sum = u16::from(*digit) + added;
        (*digit, added) = ((sum & 0xff) as u8, sum >> 8);
    }
    (added == 0).then_some(farther)
}

fn middle(low: &Place, high: &Place) -> Place {
    let mut middle = [0; DIGITS];
    let mut carried = 0u16;
    // The sum, from the last digit to the first; its carry is the first digit of all.
    for digit in (0..DIGITS).rev() {
        let sum = u16::from(low[digit]) + u16::from(high[digit]) + carried;
        (middle[digit], carried) = ((sum & 0xff) as u8, sum >> 8);
    }
    for digit in &mut middle {
        let halved = carried << 8 | u16::from(*digit);
        (*digit, carried) = ((halved >> 1) as u8, halved & 1);
    }
    middle
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// The next readable of 1,000 keys behind the one with number `last`, of which some cannot be read; and how often
    /// was tried.
    fn next(damaged: &[usize], last: usize) -> (Option<usize>, u32) {
        let (tried, key) = (Cell::new(0), |number: usize| format!("user {number:03}").into_bytes());
        let found = next_readable(&key(last), |place| {
            tried.set(tried.get() + 1);
            match (0..1000).find(|number| key(*number).as_slice() >= place.as_slice()) {
                Some(number) if damaged.contains(&number) => Err(StoreError::Damaged("of the test".into())),
                found => Ok(found),
            }
        });
        (found, tried.get())
    }

    #[test]
    fn the_search_ends_at_the_first_key_behind_the_damage() {
        assert_eq!(next(&[101], 100).0, Some(102));
        let many: Vec<_> = (101..350).collect();
        assert_eq!(next(&many, 100).0, Some(350));
        assert_eq!(next(&[101, 102, 103, 160, 161], 100).0, Some(104), "what lies between two damages is not lost");
    }

    #[test]
    fn behind_damage_at_the_end_there_is_nothing_and_the_search_is_short() {
        let (found, tried) = next(&[998, 999], 997);
        assert_eq!(found, None);
        assert!(tried < 800, "{tried}");
    }

    #[test]
    fn the_middle_lies_between_whatever_the_carries_are() {
        let (mut low, mut high) = ([0; DIGITS], [0xff; DIGITS]);
        assert_eq!((middle(&low, &high)[0], middle(&low, &high)[1]), (0x7f, 0xff));
        low[DIGITS - 1] = 1;
        high[0] = 0;
        let half = middle(&low, &high);
        assert!(low < half && half < high);
        assert_eq!(middle(&low, &low), low);
        assert_eq!(behind(&[0xff; DIGITS], 0), None);
    }
}
