//! The times and bounds of webhooks, together so that tests can have short and small ones.

use std::time::Duration;

use super::leasing::LeaseTimes;

const SECOND: Duration = Duration::from_secs(1);

/// How webhooks are sent. Bounds are those of one app.
#[derive(Clone, Debug)]
pub(crate) struct Pace {
    /// After a failure that is held against an account.
    pub(super) retries: Delays,
    /// Between requests to a receiver that is down.
    pub(super) probes: Delays,
    /// After a failure of the store.
    pub(super) store: Delays,
    /// Accounts that are held in memory.
    pub(super) held_max: usize,
    /// Accounts that are worked on.
    pub(super) workers_max: usize,
    /// Requests on their way.
    pub(super) requests_max: usize,
    /// Accounts that are worked on and failed the last time.
    pub(super) retries_max: usize,
    /// Accounts that fail one after the other until the receiver counts as down.
    pub(super) row_max: usize,
    /// Changes of an account that are read at once.
    pub(super) page_changes_max: usize,
    /// A page ends after the change with which it has this many bytes.
    pub(super) page_bytes_max: usize,
    /// Changes that were sent and whose rows are not removed yet.
    pub(super) removals_max: usize,
    /// Accounts that one page of a scan holds.
    pub(super) scan_accounts_max: usize,
    /// From the end of a scan to the next one.
    pub(super) scan_every: Duration,
    /// The same where other processes commit too.
    pub(super) scan_every_shared: Duration,
    /// Of leases, and of looks at whether webhooks are paused, where other processes commit too.
    pub(super) leases: LeaseTimes,
    /// From one count of what waits to the next.
    pub(super) backlog_every: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            retries: Delays { first: SECOND, max: 600 * SECOND },
            probes: Delays { first: SECOND, max: 30 * SECOND },
            store: Delays { first: SECOND, max: 30 * SECOND },
            held_max: 10_000,
            workers_max: 128,
            requests_max: 32,
            retries_max: 16,
            row_max: 16,
            page_changes_max: 32,
            page_bytes_max: 64 << 10,
            removals_max: 1024,
            scan_accounts_max: 1000,
            scan_every: 60 * SECOND,
            scan_every_shared: SECOND,
            leases: LeaseTimes::default(),
            backlog_every: 15 * SECOND,
        }
    }
}

/// Delays that double from the first to the longest.
#[derive(Clone, Copy, Debug)]
pub(super) struct Delays {
    pub(super) first: Duration,
    pub(super) max: Duration,
}

impl Delays {
    /// The delay after so many failures in a row, the first of which is 1. `jitter` from 0 to 1 makes it up to a fifth
    /// shorter or longer.
    pub(super) fn after(self, failures: u32, jitter: f64) -> Duration {
        let doubled = self.first.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1)));
        doubled.min(self.max).mul_f64(0.8 + 0.4 * jitter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delay_doubles_from_a_second_to_ten_minutes() {
        let retries = Pace::default().retries;
        let seconds: Vec<_> = (1..=12).map(|failures| retries.after(failures, 0.5).as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600]);
        assert_eq!(retries.after(u32::MAX, 0.5), retries.max);
    }

    #[test]
    fn jitter_makes_a_delay_up_to_a_fifth_shorter_or_longer() {
        let retries = Pace::default().retries;
        assert_eq!(retries.after(1, 0.0).as_millis(), 800);
        assert_eq!(retries.after(1, 1.0).as_millis(), 1200);
    }
}
