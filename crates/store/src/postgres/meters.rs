//! What is counted about the connections of one instance.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use deadpool::Status;

use super::failure::Failure;
use crate::stats::{Meter, PoolFailures, PoolStats, micros};

/// From a free connection or a statement on this machine to the time-outs.
const STEPS_US: [u64; 14] =
    [10, 100, 250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000, 2_500_000];

pub(super) struct Meters {
    made: AtomicU64,
    waiting: AtomicU64,
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
            waiting: AtomicU64::new(0),
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

    /// A call waits for a connection, until this is dropped.
    pub(super) fn waits(&self) -> Waits<'_> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        Waits(self, Instant::now())
    }

    /// A statement ended, well or not.
    pub(super) fn answered(&self, time: Duration) {
        self.statements_us.add(micros(time));
    }

    pub(super) fn failed(&self, failure: &Failure) {
        let count = match failure {
            Failure::Lost | Failure::NameRefused => return,
            Failure::Broken(_) => &self.broken,
            Failure::TimedOut | Failure::Locked => &self.timed_out,
            Failure::Refused(_) | Failure::ReadOnly(_) | Failure::Unknown(_) => &self.refused,
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
            waiting: self.waiting.load(Ordering::Relaxed),
            made,
            waits_us: self.waits_us.read(),
            statements_us: self.statements_us.read(),
            failures: PoolFailures { broken, timed_out, refused },
        }
    }
}

/// A call that waits for a connection.
pub(super) struct Waits<'a>(&'a Meters, Instant);

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        let Self(meters, began) = self;
        meters.waiting.fetch_sub(1, Ordering::Relaxed);
        meters.waits_us.add(micros(began.elapsed()));
    }
}
