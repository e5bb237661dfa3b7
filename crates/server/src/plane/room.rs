//! Room for what calls bring and take: large bodies that are read or worked on, and large answers that nobody reads.
//!
//! A caller with a valid signature may have a hundred of each on every connection. Together they have one bound.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Smaller bodies and answers are not counted: there is at most one for each stream of each connection.
pub(super) const UNCOUNTED_BYTES_MAX: usize = 16 * 1024;

/// The bound, and what is taken of it.
pub(crate) struct Room {
    bytes_max: usize,
    taken_bytes: AtomicUsize,
}

/// A part that is taken, by a body or by an answer that outlives its call; given back when this is dropped.
pub(super) struct Share<R: Deref<Target = Room>> {
    room: R,
    bytes: usize,
}

impl Room {
    pub(super) fn new(bytes_max: usize) -> Arc<Self> {
        Arc::new(Self { bytes_max, taken_bytes: AtomicUsize::new(0) })
    }

    /// The same with its size as the configuration has it.
    pub(crate) fn of_mib(mib_max: u32) -> Arc<Self> {
        Self::new((mib_max as usize).saturating_mul(1 << 20))
    }

    /// Whether a further call may begin.
    pub(super) fn is_left(&self) -> bool {
        self.taken_bytes.load(Ordering::Relaxed) < self.bytes_max
    }

    /// A share that is empty yet.
    pub(super) fn share(&self) -> Share<&Self> {
        Share { room: self, bytes: 0 }
    }

    /// Takes this much, if there is room; whether there is.
    pub(super) fn take(&self, bytes: usize) -> bool {
        let fits = |taken: usize| taken.checked_add(bytes).filter(|taken| *taken <= self.bytes_max);
        self.taken_bytes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).is_ok()
    }

    /// Gives back what was taken.
    pub(super) fn give_back(&self, bytes: usize) {
        // Nearly all calls are small, and many threads would meet here.
        if bytes > 0 {
            self.taken_bytes.fetch_sub(bytes, Ordering::Relaxed);
        }
    }

    /// Room for an answer of this size, whether it is there or not: its work is done. None for a small one.
    pub(super) fn insist(self: &Arc<Self>, bytes: usize) -> Option<Share<Arc<Self>>> {
        if bytes <= UNCOUNTED_BYTES_MAX {
            return None;
        }
        self.taken_bytes.fetch_add(bytes, Ordering::Relaxed);
        Some(Share { room: Arc::clone(self), bytes })
    }
}

impl Share<&Room> {
    /// Lets the share grow to this size, if there is room; whether there is.
    pub(super) fn grow(&mut self, bytes: usize) -> bool {
        let more = bytes.saturating_sub(self.bytes);
        if bytes <= UNCOUNTED_BYTES_MAX || more == 0 {
            return true;
        }
        let is_taken = self.room.take(more);
        self.bytes += if is_taken { more } else { 0 };
        is_taken
    }
}

impl<R: Deref<Target = Room>> Drop for Share<R> {
    fn drop(&mut self) {
        self.room.give_back(self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: usize = 1 << 20;

    #[test]
    fn shares_grow_until_the_room_is_taken_and_give_it_back() {
        let room = Room::new(MIB);
        let (mut first, mut second) = (room.share(), room.share());
        assert!(first.grow(MIB / 2) && first.grow(MIB / 2) && second.grow(MIB / 4) && second.grow(MIB / 2));
        assert!(!second.grow(MIB / 2 + 1) && !room.is_left());
        drop(first);
        assert!(room.is_left() && second.grow(MIB) && !room.is_left());
        drop(second);
        assert_eq!(room.taken_bytes.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn small_ones_are_not_counted() {
        let room = Room::new(1);
        let mut body = room.share();
        assert!(body.grow(UNCOUNTED_BYTES_MAX) && !body.grow(UNCOUNTED_BYTES_MAX + 1));
        assert!(room.insist(UNCOUNTED_BYTES_MAX).is_none() && room.is_left());
    }

    #[test]
    fn an_answer_takes_room_that_is_not_there_and_leaves_none_for_further_calls() {
        let room = Room::new(MIB);
        let answer = room.insist(2 * MIB);
        assert!(!room.is_left() && !room.share().grow(MIB / 2));
        drop(answer);
        assert!(room.is_left());
    }
}
