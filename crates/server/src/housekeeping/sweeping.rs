//! Removes the rows that deleted accounts left behind, slowly.

use std::time::Duration;

use pinfold_store::{AccountKey, StoreError, SweepStep};

use crate::state::State;

/// Rows that one step looks at.
const ROWS_MAX: usize = 256;
/// Between two steps.
const PAUSE: Duration = Duration::from_secs(1);
/// After a round through the whole store that removed nothing.
const REST: Duration = Duration::from_secs(60 * 60);
/// After a failure; doubled with each one that follows, up to [`REST`].
const RETRY: Duration = Duration::from_secs(60);

/// Sweeps round after round. Never returns.
pub(super) async fn run(state: &State) {
    let mut round = Round::default();
    let mut pause = PAUSE;
    loop {
        tokio::time::sleep(pause).await;
        let swept = state.store.backend().sweep(round.after.as_ref(), ROWS_MAX).await;
        if let Ok(step) = &swept {
            state.meters.swept(step.removed);
        }
        pause = round.advance(swept);
    }
}

/// A way through the whole store.
#[derive(Default)]
struct Round {
    /// Where the next step begins; `None` for the first.
    after: Option<AccountKey>,
    removed: u64,
    has_told_damage: bool,
    /// Steps that failed since the last one that did not.
    failures: u32,
}

impl Round {
    /// How long to wait until the next step, which after a failure is the same again.
    fn advance(&mut self, swept: Result<SweepStep, StoreError>) -> Duration {
        let step = match swept {
            Ok(step) => step,
            Err(error) => {
                tracing::warn!(cause = %error, "rows of deleted accounts cannot be swept");
                let pause = RETRY.saturating_mul(2_u32.saturating_pow(self.failures)).min(REST);
                self.failures += 1;
                return pause;
            }
        };
        self.failures = 0;
        if let Some(damage) = step.damage.filter(|_| !self.has_told_damage) {
            tracing::warn!(cause = damage.problem, "damaged rows are not swept; pinfold check names them");
            self.has_told_damage = true;
        }
        self.removed += step.removed;
        self.after = step.last;
        if self.after.is_some() {
            return PAUSE;
        }
        if std::mem::take(self).removed > 0 { PAUSE } else { REST }
    }
}

#[cfg(test)]
mod tests {
    use pinfold_core::{AccountId, AppId};
    use pinfold_store::Damage;

    use super::*;

    fn account(name: &str) -> AccountKey {
        AccountKey { app: AppId(1), account: AccountId::parse(name).unwrap() }
    }

    fn step(removed: u64, last: Option<AccountKey>) -> Result<SweepStep, StoreError> {
        Ok(SweepStep { removed, last, damage: None })
    }

    #[test]
    fn a_round_goes_on_where_the_last_step_ended_and_the_next_round_begins_at_the_first_account() {
        let mut round = Round::default();
        assert_eq!(round.advance(step(0, Some(account("amy")))), PAUSE);
        assert_eq!(round.after, Some(account("amy")));
        round.advance(step(0, None));
        assert_eq!(round.after, None);
    }

    #[test]
    fn a_round_that_removed_something_is_followed_by_another_and_one_that_did_not_by_a_rest() {
        let mut round = Round::default();
        round.advance(step(1, Some(account("amy"))));
        assert_eq!(round.advance(step(0, None)), PAUSE);
        round.advance(step(0, Some(account("amy"))));
        assert_eq!(round.advance(step(0, None)), REST);
    }

    #[test]
    fn a_failed_step_is_tried_again_after_a_minute_and_less_often_if_it_goes_on_failing() {
        let mut round = Round::default();
        round.advance(step(1, Some(account("amy"))));
        assert_eq!(round.advance(Err(StoreError::Timeout)), RETRY);
        assert_eq!(round.advance(Err(StoreError::Timeout)), 2 * RETRY);
        assert!((0..99).all(|_| round.advance(Err(StoreError::Timeout)) <= REST));
        assert_eq!(round.after, Some(account("amy")));
        assert_eq!(round.advance(step(0, None)), PAUSE, "what the round removed before counts");
        assert_eq!(round.advance(Err(StoreError::Timeout)), RETRY);
    }

    #[test]
    fn a_round_goes_on_after_damage_and_tells_it_once() {
        let mut round = Round::default();
        let damage = || Some(Damage { what: "account amy".into(), problem: "damaged data".into() });
        for name in ["amy", "bob"] {
            let step = SweepStep { removed: 0, last: Some(account(name)), damage: damage() };
            assert_eq!((round.advance(Ok(step)), round.has_told_damage), (PAUSE, true));
        }
        round.advance(step(0, None));
        assert!(!round.has_told_damage);
    }
}
