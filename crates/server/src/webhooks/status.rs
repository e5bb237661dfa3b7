//! What a courier tells an operator.

use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::Instant;

use super::courier::Courier;
use super::{CourierReport, DownReport, FailingAccount};

/// Accounts that are told of.
const FAILING_MAX: usize = 10;

impl Courier {
    pub(super) fn report(&self) -> CourierReport {
        let queue = self.queue();
        let down = queue.receiver().down().map(|down| DownReport {
            since_ms: self.unix_ms(down.since),
            reason: down.reason.clone(),
            next_ms: self.unix_ms(down.next),
        });
        let failing = queue.failing().take(FAILING_MAX).map(|(account, attempts, reason, next)| FailingAccount {
            account: account.as_str().to_owned(),
            attempts,
            reason: reason.to_owned(),
            next_ms: self.unix_ms(next),
        });
        CourierReport {
            down,
            sent: self.counts.sent.load(Ordering::Relaxed),
            failed: self.counts.failed.load(Ordering::Relaxed),
            given_up: self.counts.given_up.load(Ordering::Relaxed),
            failing: failing.collect(),
        }
    }

    /// A time of this process as unix milliseconds.
    fn unix_ms(&self, at: Instant) -> u64 {
        let (now, now_ms) = (Instant::now(), self.state.clock.ms());
        let ms = |span: Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        let ahead = ms(at.saturating_duration_since(now));
        now_ms.saturating_add(ahead).saturating_sub(ms(now.saturating_duration_since(at)))
    }
}
