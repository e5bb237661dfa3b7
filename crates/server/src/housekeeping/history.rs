//! Removes changes from the history of accounts: those that are older than their app keeps them, those of accounts that
//! were deleted, and the oldest of an account that has too many.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use pinfold_core::{AppId, AppPolicy, TimeMs};
use pinfold_store::{AccountKey, HistoryBounds, StoreError};

use super::rounds::{PAUSE, Rounds};
use crate::metrics::HistoryRemoval;
use crate::state::State;

/// Rows that one step looks at or removes.
const ROWS_MAX: usize = 256;
/// After a step that removed half of that or more: more are likely to follow.
const PAUSE_OF_FULL_STEPS: Duration = Duration::from_millis(100);
pub(super) const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// Removes old changes, round after round through all accounts. Never returns.
pub(super) async fn sweep(state: &Arc<State>) {
    let mut rounds = Rounds::default();
    let mut pause = PAUSE;
    loop {
        tokio::time::sleep(pause).await;
        pause = match state.store.backend().sweep_changes(rounds.after(), ROWS_MAX, &ages(state)).await {
            Ok(step) => {
                state.meters.history_removed(HistoryRemoval::Age, step.removed);
                if let Some(damage) = rounds.first_damage(&step) {
                    tracing::warn!(cause = damage.problem, "damaged changes are not removed; pinfold check names them");
                }
                pause_after(step.removed, rounds.advance(step))
            }
            Err(error) => {
                tracing::warn!(cause = %error, "old changes cannot be removed");
                rounds.retry()
            }
        };
    }
}

/// How long to wait after a step that removed so many rows.
fn pause_after(removed: u64, pause: Duration) -> Duration {
    // A step ends before its last account, so one that is full removes fewer.
    if removed >= ROWS_MAX as u64 / 2 { PAUSE_OF_FULL_STEPS } else { pause }
}

/// Trims the accounts that wait, one after the other. Never returns.
pub(super) async fn trim(state: &State) {
    loop {
        let account = state.history_trims.next().await;
        match trim_account(state, &account).await {
            Ok(removed) => state.meters.history_removed(HistoryRemoval::Bounds, removed),
            Err(error) => tracing::warn!(cause = %error, "old changes cannot be removed"),
        }
    }
}

/// How many changes were removed. An app that is no longer configured has no bounds.
async fn trim_account(state: &State, account: &AccountKey) -> Result<u64, StoreError> {
    let Some(app) = state.app(account.app) else { return Ok(0) };
    let Some(position) = state.store.position(account).await? else { return Ok(0) };
    let limits = &app.policy.limits;
    let (changes_max, bytes_max) = (limits.history_changes_max, limits.history_bytes_max);
    let bounds = HistoryBounds { not_before: TimeMs(0), changes_max, bytes_max };
    state.store.backend().trim_changes(account, position.life, bounds).await
}

/// How old the changes of each app may be.
fn ages(state: &State) -> BTreeMap<AppId, HistoryBounds> {
    let now = TimeMs(state.clock.ms());
    let bounds = |policy: &AppPolicy| HistoryBounds {
        not_before: not_before(policy, now),
        changes_max: usize::MAX,
        bytes_max: usize::MAX,
    };
    state.apps().iter().map(|app| (app.id, bounds(&app.policy))).collect()
}

/// What is older goes; where no changes are kept that is every one.
fn not_before(policy: &AppPolicy, now: TimeMs) -> TimeMs {
    if !policy.keeps_history() {
        return TimeMs(u64::MAX);
    }
    TimeMs(now.0.saturating_sub(u64::from(policy.history_days) * DAY_MS))
}

#[cfg(test)]
mod tests {
    use pinfold_core::{AccountId, Conversation, Draft, Origin, Via};
    use pinfold_store::{Memory, Scope, Store};

    use super::*;
    use crate::clock::Clock;
    use crate::config::{AppConfig, Config};

    const APP: AppId = AppId(1);
    const NOW: TimeMs = TimeMs(100 * DAY_MS);

    /// A server whose accounts keep at most three changes.
    fn state() -> State {
        let mut app = AppConfig::new(APP, Vec::new());
        app.limits.history_changes_max = 3;
        let config = Config { apps: vec![app], ..Config::default() };
        State::new(&config, Store::new(Arc::new(Memory::new())), Clock::of_ms(|| NOW.0))
    }

    fn alice(app: AppId) -> AccountKey {
        AccountKey { app, account: AccountId::parse("alice").unwrap() }
    }

    /// Makes so many changes and keeps them.
    async fn make_changes(state: &State, account: &AccountKey, count: u32) {
        let origin = Origin { caller: None, via: Via::Call, command: "top".into() };
        for number in 0..count {
            let peer = Conversation::OneToOne(AccountId::parse(&format!("u{number}")).unwrap());
            let pin = |draft: &mut Draft<'_>| draft.pin(&peer);
            state.store.acting(&origin, true).update(account, &Scope::Head, &[], NOW, pin).await.unwrap();
        }
    }

    #[tokio::test]
    async fn an_account_keeps_as_many_changes_as_its_app_allows() {
        let (state, alice) = (state(), alice(APP));
        make_changes(&state, &alice, 5).await;
        assert_eq!(trim_account(&state, &alice).await.unwrap(), 2);
        assert_eq!(trim_account(&state, &alice).await.unwrap(), 0);
    }

    #[tokio::test]
    async fn an_account_of_an_app_that_is_not_configured_keeps_all_of_its_changes() {
        let (state, alice) = (state(), alice(AppId(2)));
        make_changes(&state, &alice, 5).await;
        assert_eq!(trim_account(&state, &alice).await.unwrap(), 0);
    }

    #[test]
    fn changes_may_be_as_old_as_the_days_of_their_app_and_where_none_are_kept_each_is_too_old() {
        let age = |history_days| not_before(&AppPolicy { history_days, ..AppPolicy::default() }, NOW);
        assert_eq!(age(7), TimeMs(93 * DAY_MS));
        assert_eq!(age(36_500), TimeMs(0));
        assert_eq!(age(0), TimeMs(u64::MAX));
    }

    #[test]
    fn a_step_that_removed_much_is_soon_followed_by_the_next() {
        assert_eq!(pause_after(127, PAUSE), PAUSE);
        assert_eq!(pause_after(128, PAUSE), PAUSE_OF_FULL_STEPS);
    }

    #[test]
    fn every_app_of_the_configuration_has_an_age() {
        let of_app = ages(&state());
        assert_eq!(of_app.keys().collect::<Vec<_>>(), [&APP]);
    }
}
