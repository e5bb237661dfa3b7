//! The numbers of messages in chat groups.

use std::sync::atomic::{AtomicU32, Ordering};

/// Counts up from 1 while the process runs, and is not kept. After 2³¹−1 it begins anew.
pub(crate) struct MessageNumbers(AtomicU32);

impl MessageNumbers {
    pub(crate) const fn new() -> Self {
        Self(AtomicU32::new(0))
    }

    /// The next number.
    pub(crate) fn next(&self) -> u32 {
        loop {
            match self.0.fetch_add(1, Ordering::Relaxed).wrapping_add(1) & (u32::MAX >> 1) {
                0 => {}
                number => return number,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_count_up_from_1_and_fit_31_bits_without_a_0() {
        let numbers = MessageNumbers::new();
        assert_eq!((numbers.next(), numbers.next()), (1, 2));
        for last in [u32::MAX >> 1, u32::MAX] {
            numbers.0.store(last, Ordering::Relaxed);
            assert_eq!((numbers.next(), numbers.next()), (1, 2));
        }
    }
}
