//! Times of calls, corrected for coordinated omission.
//!
//! A connection sends its next request only after an answer, so a stall delays requests that then count as quick ones. As
//! `wrk` does, the correction adds the times that requests sent at the connection's mean interval would have waited.

use hdrhistogram::Histogram;

/// Times of single calls, in microseconds up to a minute.
pub(crate) struct Latencies {
    measured: Histogram<u64>,
    corrected: Histogram<u64>,
}

impl Latencies {
    /// None yet.
    pub(crate) fn new() -> Self {
        let empty = || Histogram::new_with_bounds(1, 60_000_000, 3).expect("the bounds are right");
        Self { measured: empty(), corrected: empty() }
    }

    /// Records the time of one call, without correction.
    pub(crate) fn record(&mut self, us: u64) {
        self.measured.saturating_record(us);
    }

    /// Corrects what was recorded by connections that took turns of these seconds.
    pub(crate) fn correct(&mut self, connections: usize, seconds: f64) {
        let interval_us = seconds * 1e6 * connections as f64 / self.count() as f64;
        self.corrected = self.measured.clone_correct(interval_us as u64);
    }

    /// Adds those of other connections or turns.
    pub(crate) fn add(&mut self, other: &Self) {
        self.measured.add(&other.measured).expect("the bounds are the same");
        self.corrected.add(&other.corrected).expect("the bounds are the same");
    }

    /// Calls that were made.
    pub(crate) fn count(&self) -> u64 {
        self.measured.len()
    }

    /// The corrected time at a quantile, in milliseconds.
    pub(crate) fn ms_at(&self, quantile: f64) -> f64 {
        self.corrected.value_at_quantile(quantile) as f64 / 1000.0
    }

    /// The time at a quantile as it was measured, in milliseconds.
    pub(crate) fn measured_ms_at(&self, quantile: f64) -> f64 {
        self.measured.value_at_quantile(quantile) as f64 / 1000.0
    }

    /// The longest time, in milliseconds; a correction does not change it.
    pub(crate) fn longest_ms(&self) -> f64 {
        self.measured.max() as f64 / 1000.0
    }

    /// The median as it was measured, to compare with times that are not corrected.
    pub(crate) fn measured_p50_us(&self) -> f64 {
        self.measured.value_at_quantile(0.5) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stall_among_quick_calls_shows_in_the_corrected_p99_only() {
        let mut times = Latencies::new();
        (0..999).for_each(|_| times.record(1000));
        times.record(100_000);
        times.correct(1, 1.099);
        assert_eq!(times.measured.value_at_quantile(0.99), 1000);
        assert!(times.ms_at(0.99) > 80.0, "{} ms", times.ms_at(0.99));
        assert!(times.ms_at(0.5) < 1.2, "{} ms", times.ms_at(0.5));
        assert_eq!(times.count(), 1000);
    }

    #[test]
    fn steady_calls_over_many_connections_need_no_correction() {
        let mut times = Latencies::new();
        (0..6400).for_each(|_| times.record(2000));
        times.correct(64, 0.2);
        assert!(times.ms_at(0.999) < 2.1, "{} ms", times.ms_at(0.999));
    }
}
