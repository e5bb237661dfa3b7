//! What is counted about the connections of one instance.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use deadpool_postgres::Status;

use super::failure::Failure;
use crate::stats::{Meter, PoolFailures, PoolStats, micros};

/// From a free connection or a statement on this machine to the time-outs.
const STEPS_US: [u64; 14] =
    [10, 100, 250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000, 2_500_000];

pub(super) struct Meters {
    made: AtomicU64,
    waits_us: Meter,
    statements_us: Meter,
    broken: AtomicU64,
    timed_out: AtomicU64,
    refused: AtomicU64,
}

impl Meters {
    pub(super) fn new() -> Self {
        Self {
            made: AtomicU64::new(0),
            waits_us: Meter::new(&STEPS_US),
            statements_us: Meter::new(&STEPS_US),
            broken: AtomicU64::new(0),
            timed_out: AtomicU64::new(0),
            refused: AtomicU64::new(0),
        }
    }

    pub(super) fn connection_made(&self) {
        self.made.fetch_add(1, Ordering::Relaxed);
    }

    /// A call has a connection, or was told that there is none.
    pub(super) fn waited(&self, time: Duration) {
        self.waits_us.add(micros(time));
    }

    /// A statement ended, well or not.
    pub(super) fn answered(&self, time: Duration) {
        self.statements_us.add(micros(time));
    }

    pub(super) fn failed(&self, failure: &Failure) {
        let count = match failure {
            Failure::Lost => return,
            Failure::Broken(_) => &self.broken,
            Failure::TimedOut => &self.timed_out,
            Failure::Refused(_) => &self.refused,
        };
        count.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn read(&self, pool: &Status) -> PoolStats {
        let [made, broken, timed_out, refused] =
            [&self.made, &self.broken, &self.timed_out, &self.refused].map(|count| count.load(Ordering::Relaxed));
        PoolStats {
            open: pool.size as u64,
            in_use: pool.size.saturating_sub(pool.available) as u64,
            open_max: pool.max_size as u64,
            waiting: pool.waiting as u64,
            made,
            waits_us: self.waits_us.read(),
            statements_us: self.statements_us.read(),
            failures: PoolFailures { broken, timed_out, refused },
        }
    }
}
