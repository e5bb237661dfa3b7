//! The way through all accounts of a store, round after round and step by step.

use std::time::Duration;

use pinfold_store::{AccountKey, Damage, SweepStep};

/// Between two steps.
pub(super) const PAUSE: Duration = Duration::from_secs(1);
/// After a round through the whole store that removed nothing.
const REST: Duration = Duration::from_secs(60 * 60);
/// After a failure; doubled with each one that follows, up to [`REST`].
const RETRY: Duration = Duration::from_secs(60);

/// Where the current round is.
#[derive(Default)]
pub(super) struct Rounds {
    after: Option<AccountKey>,
    removed: u64,
    has_told_damage: bool,
    /// Steps that failed since the last one that did not.
    failures: u32,
}

impl Rounds {
    /// Where the next step begins; `None` for the first of a round.
    pub(super) fn after(&self) -> Option<&AccountKey> {
        self.after.as_ref()
    }

    /// The damage that a step met, if it is the first of its round.
    pub(super) fn first_damage<'s>(&mut self, step: &'s SweepStep) -> Option<&'s Damage> {
        let damage = step.damage.as_ref().filter(|_| !self.has_told_damage)?;
        self.has_told_damage = true;
        Some(damage)
    }

    /// Goes on after this step: how long to wait until the next one.
    pub(super) fn advance(&mut self, step: SweepStep) -> Duration {
        self.failures = 0;
        self.removed += step.removed;
        self.after = step.last;
        if self.after.is_some() {
            return PAUSE;
        }
        if std::mem::take(self).removed > 0 { PAUSE } else { REST }
    }

    /// How long to wait until a step that failed is tried again.
    pub(super) fn retry(&mut self) -> Duration {
        let pause = RETRY.saturating_mul(2_u32.saturating_pow(self.failures)).min(REST);
        self.failures += 1;
        pause
    }
}

#[cfg(test)]
mod tests {
    use pinfold_core::{AccountId, AppId};

    use super::*;

    fn account(name: &str) -> AccountKey {
        AccountKey { app: AppId(1), account: AccountId::parse(name).unwrap() }
    }

    fn step(removed: u64, last: Option<AccountKey>) -> SweepStep {
        SweepStep { removed, last, damage: None }
    }

    #[test]
    fn a_round_goes_on_where_the_last_step_ended_and_the_next_round_begins_at_the_first_account() {
        let mut rounds = Rounds::default();
        assert_eq!(rounds.advance(step(0, Some(account("amy")))), PAUSE);
        assert_eq!(rounds.after, Some(account("amy")));
        rounds.advance(step(0, None));
        assert_eq!(rounds.after, None);
    }

    #[test]
    fn a_round_that_removed_something_is_followed_by_another_and_one_that_did_not_by_a_rest() {
        let mut rounds = Rounds::default();
        rounds.advance(step(1, Some(account("amy"))));
        assert_eq!(rounds.advance(step(0, None)), PAUSE);
        rounds.advance(step(0, Some(account("amy"))));
        assert_eq!(rounds.advance(step(0, None)), REST);
    }

    #[test]
    fn a_failed_step_is_tried_again_after_a_minute_and_less_often_if_it_goes_on_failing() {
        let mut rounds = Rounds::default();
        rounds.advance(step(1, Some(account("amy"))));
        assert_eq!(rounds.retry(), RETRY);
        assert_eq!(rounds.retry(), 2 * RETRY);
        assert!((0..99).all(|_| rounds.retry() <= REST));
        assert_eq!(rounds.after, Some(account("amy")));
        assert_eq!(rounds.advance(step(0, None)), PAUSE, "what the round removed before counts");
        assert_eq!(rounds.retry(), RETRY);
    }

    #[test]
    fn damage_is_told_once_in_a_round() {
        let mut rounds = Rounds::default();
        let damaged = |last| {
            let damage = Damage { what: "account amy".into(), problem: "damaged data".into() };
            SweepStep { removed: 0, last, damage: Some(damage) }
        };
        let (amy, end) = (damaged(Some(account("amy"))), damaged(None));
        assert!(rounds.first_damage(&amy).is_some());
        rounds.advance(amy);
        assert!(rounds.first_damage(&end).is_none());
        rounds.advance(end);
        assert!(rounds.first_damage(&damaged(None)).is_some());
    }
}
