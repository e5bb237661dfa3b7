//! One bound for the memory of large bodies that are read or worked on, and of large answers that are not read yet.
//!
//! A caller with a valid signature may have a hundred of each on every connection.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Smaller bodies and answers are not counted: there is at most one for each stream of each connection.
pub(crate) const UNCOUNTED_BYTES_MAX: usize = 16 * 1024;

/// The bound, and how much of it is reserved.
pub(crate) struct MemoryBudget {
    bytes_max: usize,
    reserved_bytes: AtomicUsize,
}

/// What a body, or an answer that outlives its call, has reserved; released when this is dropped.
pub(crate) struct Reservation<B: Deref<Target = MemoryBudget>> {
    budget: B,
    bytes: usize,
}

impl MemoryBudget {
    pub(crate) fn new(bytes_max: usize) -> Arc<Self> {
        Arc::new(Self { bytes_max, reserved_bytes: AtomicUsize::new(0) })
    }

    /// The same with its size as the configuration has it.
    pub(crate) fn of_mib(mib_max: u32) -> Arc<Self> {
        Self::new((mib_max as usize).saturating_mul(1 << 20))
    }

    /// Whether a further call may begin.
    pub(crate) fn has_room(&self) -> bool {
        self.reserved_bytes.load(Ordering::Relaxed) < self.bytes_max
    }

    /// A reservation of nothing yet.
    pub(crate) fn reservation(&self) -> Reservation<&Self> {
        Reservation { budget: self, bytes: 0 }
    }

    /// Reserves this much if it fits; whether it does.
    pub(crate) fn reserve(&self, bytes: usize) -> bool {
        let fits = |reserved: usize| reserved.checked_add(bytes).filter(|reserved| *reserved <= self.bytes_max);
        self.reserved_bytes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).is_ok()
    }

    /// Releases what was reserved.
    pub(crate) fn release(&self, bytes: usize) {
        // Nearly all calls are small, and many threads would meet here.
        if bytes > 0 {
            self.reserved_bytes.fetch_sub(bytes, Ordering::Relaxed);
        }
    }

    /// Reserves this much for an answer even if it does not fit: its work is done. `None` for a small one.
    pub(crate) fn force_reserve(self: &Arc<Self>, bytes: usize) -> Option<Reservation<Arc<Self>>> {
        if bytes <= UNCOUNTED_BYTES_MAX {
            return None;
        }
        self.reserved_bytes.fetch_add(bytes, Ordering::Relaxed);
        Some(Reservation { budget: Arc::clone(self), bytes })
    }
}

impl Reservation<&MemoryBudget> {
    /// Lets the reservation grow to this size if that fits; whether it does.
    pub(crate) fn grow(&mut self, bytes: usize) -> bool {
        let more = bytes.saturating_sub(self.bytes);
        if bytes <= UNCOUNTED_BYTES_MAX || more == 0 {
            return true;
        }
        let fits = self.budget.reserve(more);
        self.bytes += if fits { more } else { 0 };
        fits
    }
}

impl<B: Deref<Target = MemoryBudget>> Drop for Reservation<B> {
    fn drop(&mut self) {
        self.budget.release(self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: usize = 1 << 20;

    #[test]
    fn reservations_grow_until_the_budget_is_used_up_and_release_it() {
        let budget = MemoryBudget::new(MIB);
        let (mut first, mut second) = (budget.reservation(), budget.reservation());
        assert!(first.grow(MIB / 2) && first.grow(MIB / 2) && second.grow(MIB / 4) && second.grow(MIB / 2));
        assert!(!second.grow(MIB / 2 + 1) && !budget.has_room());
        drop(first);
        assert!(budget.has_room() && second.grow(MIB) && !budget.has_room());
        drop(second);
        assert_eq!(budget.reserved_bytes.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn small_ones_are_not_counted() {
        let budget = MemoryBudget::new(1);
        let mut body = budget.reservation();
        assert!(body.grow(UNCOUNTED_BYTES_MAX) && !body.grow(UNCOUNTED_BYTES_MAX + 1));
        assert!(budget.force_reserve(UNCOUNTED_BYTES_MAX).is_none() && budget.has_room());
    }

    #[test]
    fn an_answer_reserves_more_than_is_left_and_leaves_nothing_for_further_calls() {
        let budget = MemoryBudget::new(MIB);
        let answer = budget.force_reserve(2 * MIB);
        assert!(!budget.has_room() && !budget.reservation().grow(MIB / 2));
        drop(answer);
        assert!(budget.has_room());
    }
}
