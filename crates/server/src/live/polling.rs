//! Over a database that other instances write to as well, asks where the watched accounts stand.

use std::time::Duration;

use pinfold_store::StoreError;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use super::Hub;
use crate::state::State;

/// From one time to the next. What another instance commits is told within this and the time of two reads.
const PERIOD: Duration = Duration::from_millis(500);
/// After a failure; doubled with each one that follows.
const RETRY: Duration = PERIOD;
const RETRY_MAX: Duration = Duration::from_secs(5);
/// Between two warnings about failures.
const WARNED_EVERY: Duration = Duration::from_secs(60);
/// Accounts that one question names.
const ACCOUNTS_MAX: usize = 1000;

/// Asks again and again. Returns at once if no other process writes to the store.
pub(super) async fn run(state: &State) {
    let mut ticks = interval(PERIOD);
    // A tick that comes while the database is slow is left out.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut failing: Option<Failing> = None;
    while state.store.backend().is_shared() {
        ticks.tick().await;
        match poll(state).await {
            Ok(()) => failing = None,
            Err(error) => sleep(failing.get_or_insert_with(Failing::new).again(&error)).await,
        }
    }
}

async fn poll(state: &State) -> Result<(), StoreError> {
    let hub: &Hub = &state.hub;
    for accounts in hub.ask_for_all().chunks(ACCOUNTS_MAX) {
        let positions = state.store.backend().positions(accounts).await?;
        for (account, position) in accounts.iter().zip(positions) {
            hub.answered(account, position);
        }
    }
    Ok(())
}

/// Failures one after the other.
struct Failing {
    since: Instant,
    count: u32,
    warned: Option<Instant>,
}

impl Failing {
    fn new() -> Self {
        Self { since: Instant::now(), count: 0, warned: None }
    }

    /// How long to wait after one more.
    fn again(&mut self, error: &StoreError) -> Duration {
        if self.warned.is_none_or(|warned| warned.elapsed() >= WARNED_EVERY) {
            let failing_for_s = self.since.elapsed().as_secs();
            tracing::warn!(cause = %error, failing_for_s, "changes of watched accounts cannot be read");
            self.warned = Some(Instant::now());
        }
        let pause = RETRY.saturating_mul(2_u32.saturating_pow(self.count)).min(RETRY_MAX);
        self.count += 1;
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_goes_on_failing_is_tried_less_often() {
        let mut failing = Failing::new();
        let pauses: Vec<_> = (0..6).map(|_| failing.again(&StoreError::Timeout).as_millis()).collect();
        assert_eq!(pauses, [500, 1000, 2000, 4000, 5000, 5000]);
        assert!((0..99).all(|_| failing.again(&StoreError::Timeout) == RETRY_MAX));
    }

    #[tokio::test(start_paused = true)]
    async fn what_goes_on_failing_is_warned_of_once_a_minute() {
        let mut failing = Failing::new();
        let mut warned = 0;
        for _ in 0..130 {
            let before = failing.warned;
            failing.again(&StoreError::Timeout);
            warned += usize::from(failing.warned != before);
            tokio::time::advance(Duration::from_secs(1)).await;
        }
        assert_eq!(warned, 3);
    }
}
