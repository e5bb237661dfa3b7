//! What the writer knows of the times that it wrote last, so that it seldom reads one.
//!
//! Of two times the later one wins, whatever order they come in, without a lock from the caller's read to the writer's
//! batch. The caller reads what is kept on a thread of its own, and notes before which commit that was the last one. Only
//! commits after that one can have changed the row since, and those are here.

use std::collections::HashMap;
use std::mem;

use fjall::Slice;
use pinfold_core::Timestamp;

use crate::StoreError;
use crate::embedded::free;
use crate::sync::HashBuilder;

/// About 8 MiB. Under a scheduler so few that there is often no room for another.
const ROWS_MAX: usize = if cfg!(feature = "schedules") { 1 } else { 65_536 };

/// Rows and the times in them; `None` for a row that is not there.
pub(crate) type Times = HashMap<Slice, Option<Timestamp>, HashBuilder>;

/// What a caller found in a row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    pub(crate) at: Option<Timestamp>,
    /// The last commit that was published before the row was read.
    pub(crate) read_commit: u64,
}

/// The rows of times that were written since some commit.
pub(crate) struct RecentWrites {
    written: Times,
    /// Each row that a later commit wrote is in `written`.
    since: u64,
    rows_max: usize,
}

impl RecentWrites {
    /// Those of a store whose last commit this is.
    pub(crate) fn new(last_commit: u64) -> Self {
        Self { written: Times::default(), since: last_commit, rows_max: ROWS_MAX }
    }

    /// What is kept in a row now. Without something that was seen, or if that is too old, `read` is asked.
    pub(crate) fn kept(
        &self,
        row: &[u8],
        seen: Option<Seen>,
        read: impl FnOnce() -> Result<Option<Timestamp>, StoreError>,
    ) -> Result<Option<Timestamp>, StoreError> {
        match (self.written.get(row), seen) {
            (Some(at), _) => Ok(*at),
            (None, Some(seen)) if seen.read_commit >= self.since => Ok(seen.at),
            (None, _) => read(),
        }
    }

    /// Adds what a commit wrote. If there is no room, everything up to that commit is forgotten.
    pub(crate) fn add(&mut self, commit: u64, written: Times) {
        if self.written.len() + written.len() > self.rows_max {
            self.forget(commit);
        } else {
            self.written.extend(written);
        }
    }

    /// Forgets everything; this is the last commit.
    pub(crate) fn forget(&mut self, last_commit: u64) {
        // It takes milliseconds to free so many rows, and to let a map grow anew.
        let empty = Times::with_capacity_and_hasher(self.written.capacity(), HashBuilder::default());
        free::elsewhere(mem::replace(&mut self.written, empty));
        self.since = last_commit;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ON_DISK: Option<Timestamp> = Some(Timestamp(99));

    fn writes(rows_max: usize) -> RecentWrites {
        RecentWrites { rows_max, ..RecentWrites::new(10) }
    }

    fn times(rows: &[(&str, Option<u32>)]) -> Times {
        rows.iter().map(|(row, at)| (row.as_bytes().into(), at.map(Timestamp))).collect()
    }

    /// What is kept for a caller that found 5 when this was the last commit.
    fn kept(writes: &RecentWrites, row: &str, read_commit: u64) -> Option<Timestamp> {
        let seen = Seen { at: Some(Timestamp(5)), read_commit };
        writes.kept(row.as_bytes(), Some(seen), || Ok(ON_DISK)).unwrap()
    }

    #[test]
    fn a_row_that_was_not_written_since_it_was_read_has_what_was_found_in_it() {
        let mut writes = writes(9);
        assert_eq!(kept(&writes, "a", 10), Some(Timestamp(5)));
        writes.add(11, times(&[("b", Some(7))]));
        assert_eq!(kept(&writes, "a", 10), Some(Timestamp(5)));
    }

    #[test]
    fn what_was_written_overrides_what_was_found_also_if_it_is_earlier_or_a_removal() {
        let mut writes = writes(9);
        writes.add(11, times(&[("a", Some(3)), ("b", None), ("c", Some(4))]));
        writes.add(12, times(&[("c", Some(8))]));
        assert_eq!(["a", "b", "c"].map(|row| kept(&writes, row, 10)), [Some(Timestamp(3)), None, Some(Timestamp(8))]);
        assert_eq!(kept(&writes, "a", 12), Some(Timestamp(3)), "the last write is what is kept now");
    }

    #[test]
    fn what_was_found_too_long_ago_is_read_again() {
        let writes = writes(9);
        assert_eq!(kept(&writes, "a", 9), ON_DISK);
        assert_eq!(writes.kept(b"a", None, || Ok(ON_DISK)).unwrap(), ON_DISK);
    }

    #[test]
    fn when_there_is_no_room_everything_is_forgotten_and_what_was_found_before_is_read_again() {
        let mut writes = writes(2);
        writes.add(11, times(&[("a", Some(6)), ("b", Some(6))]));
        writes.add(12, times(&[("c", Some(6))]));
        assert!(writes.written.is_empty());
        assert_eq!(["a", "c"].map(|row| kept(&writes, row, 11)), [ON_DISK; 2]);
        assert_eq!(["a", "c"].map(|row| kept(&writes, row, 12)), [Some(Timestamp(5)); 2]);
    }

    #[test]
    fn a_failed_read_fails() {
        let failed = writes(9).kept(b"a", None, || Err(StoreError::Timeout));
        assert!(matches!(failed, Err(StoreError::Timeout)));
    }
}
