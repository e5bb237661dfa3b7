//! The counters of one store.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::cache::accounts::Accounts;
use super::commit::in_flight::InFlightCommits;
use crate::stats::{CacheMeter, CacheStats, Meter, WriterStats, micros};

const BATCH_STEPS: [u64; 11] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];
/// From a sync to memory up to a disk that hardly responds.
const COMMIT_STEPS_US: [u64; 14] =
    [100, 250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 5_000_000];

pub(super) struct Meters {
    /// Lookups of accounts; an account in flight counts as a hit.
    pub(super) accounts: CacheMeter,
    waiting: AtomicU64,
    batches: Meter,
    commits_us: Meter,
}

impl Meters {
    pub(super) fn new() -> Self {
        Self {
            accounts: CacheMeter::default(),
            waiting: AtomicU64::new(0),
            batches: Meter::new(&BATCH_STEPS),
            commits_us: Meter::new(&COMMIT_STEPS_US),
        }
    }

    /// A job is about to be queued.
    pub(super) fn queued(&self) {
        self.waiting.fetch_add(1, Ordering::Relaxed);
    }

    /// The writer took a job, or the queue was full.
    pub(super) fn taken(&self) {
        self.waiting.fetch_sub(1, Ordering::Relaxed);
    }

    /// Jobs in the queue.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed) as usize
    }

    /// A commit of this many changes ended, with or without an error.
    pub(super) fn committed(&self, changes: usize, time: Duration) {
        self.batches.add(changes as u64);
        self.commits_us.add(micros(time));
    }

    pub(super) fn accounts(&self, accounts: &Accounts) -> CacheStats {
        self.accounts.read(accounts.len(), accounts.weight(), accounts.capacity())
    }

    pub(super) fn writer(&self, takes_writes: bool, in_flight: &InFlightCommits, waiting_max: usize) -> WriterStats {
        WriterStats {
            takes_writes,
            waiting: self.waiting() as u64,
            waiting_max: waiting_max as u64,
            waiting_bytes: in_flight.bytes(),
            batches: self.batches.read(),
            commits_us: self.commits_us.read(),
        }
    }
}
