//! Counting measurements by their size.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Measurements by size, counted from any thread.
#[derive(Debug)]
pub(crate) struct Meter {
    bounds: &'static [u64],
    counts: Box<[AtomicU64]>,
    sum: AtomicU64,
}

/// What was measured so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Distribution {
    /// Ascending; each step holds what is at most this, and more than the bound before.
    pub bounds: &'static [u64],
    /// Measurements in each step; the last one, which has no bound, holds the rest.
    pub counts: Vec<u64>,
    /// Of all measurements.
    pub sum: u64,
}

impl Meter {
    /// Counts by these ascending bounds.
    pub(crate) fn new(bounds: &'static [u64]) -> Self {
        Self { bounds, counts: (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect(), sum: AtomicU64::new(0) }
    }

    /// Counts one measurement.
    pub(crate) fn add(&self, size: u64) {
        let step = self.bounds.partition_point(|bound| *bound < size);
        self.counts[step].fetch_add(1, Ordering::Relaxed);
        self.sum.fetch_add(size, Ordering::Relaxed);
    }

    /// What was counted. One that is being added right now may be in the counts and not in the sum.
    pub(crate) fn read(&self) -> Distribution {
        let counts = self.counts.iter().map(|count| count.load(Ordering::Relaxed)).collect();
        Distribution { bounds: self.bounds, counts, sum: self.sum.load(Ordering::Relaxed) }
    }
}

impl Distribution {
    /// How many there were.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }
}

/// A time in whole microseconds.
pub fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measurement_is_counted_up_to_its_bound_and_no_further() {
        let meter = Meter::new(&[1, 10]);
        for size in [0, 1, 2, 10, 11] {
            meter.add(size);
        }
        let read = meter.read();
        assert_eq!((&read.counts[..], read.sum, read.count()), (&[2, 2, 1][..], 24, 5));
    }
}
