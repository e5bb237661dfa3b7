//! Gives up changes that wait too long to be sent to the backend of their app, and removes those of accounts that were
//! deleted. What waits is kept in the history until then.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use pinfold_core::{AppId, TimeMs};
use pinfold_store::UnsentSweep;

use super::history::DAY_MS;
use super::rounds::{PAUSE, Rounds};
use crate::rest::apps::App;
use crate::state::State;

/// Rows that one step looks at or removes.
const ROWS_MAX: usize = 256;
/// After a round that removed nothing. A round goes through what waits only.
const REST: Duration = Duration::from_secs(10);
/// How long changes wait in an app that has no webhook any more: a reload by mistake loses nothing, nor do instances that
/// take a configuration one after the other.
const WITHOUT_WEBHOOK_MS: u64 = 60 * 60 * 1000;

/// Sweeps round after round. Never returns.
pub(super) async fn sweep(state: &Arc<State>) {
    let mut rounds = Rounds::default();
    let mut pause = PAUSE;
    loop {
        tokio::time::sleep(pause).await;
        let not_before = not_before(&state.apps(), TimeMs(state.clock.ms()));
        pause = match state.store.backend().sweep_unsent(rounds.after(), ROWS_MAX, &not_before).await {
            Ok(UnsentSweep { step, given_up }) => {
                tell(state, given_up);
                rounds.advance(step).min(REST)
            }
            Err(error) => {
                tracing::warn!(cause = %error, "changes that wait too long to be sent cannot be removed");
                rounds.retry()
            }
        };
    }
}

fn tell(state: &State, given_up: u64) {
    if given_up > 0 {
        state.meters.webhook_given_up(given_up);
        tracing::warn!(changes = given_up, "changes that waited too long to be sent were given up");
    }
}

/// When a change of each app must have been made to wait any longer. Those of apps that are not configured wait on.
fn not_before(apps: &[Arc<App>], now: TimeMs) -> BTreeMap<AppId, TimeMs> {
    let wait_ms = |app: &App| match app.policy.webhook.is_empty() {
        true => WITHOUT_WEBHOOK_MS,
        false => u64::from(app.policy.history_days) * DAY_MS,
    };
    apps.iter().map(|app| (app.id, TimeMs(now.0.saturating_sub(wait_ms(app))))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{AppConfig, Secret, WebhookConfig};
    use crate::webhooks::WebhookUrl;

    const NOW: TimeMs = TimeMs(100 * DAY_MS);

    /// An app whose changes are kept for 7 days.
    fn app(has_webhook: bool) -> Arc<App> {
        let url = WebhookUrl::parse("http://127.0.0.1:1/hook").unwrap();
        let webhook = WebhookConfig::new(url, Secret::new("geheim-token-for-tests").unwrap());
        let config = AppConfig { webhook: has_webhook.then_some(webhook), ..AppConfig::new(AppId(7), Vec::new()) };
        Arc::new(App::new(&config))
    }

    #[test]
    fn a_change_waits_as_long_as_the_history_is_kept() {
        assert_eq!(not_before(&[app(true)], NOW), BTreeMap::from([(AppId(7), TimeMs(93 * DAY_MS))]));
    }

    #[test]
    fn a_change_waits_an_hour_for_a_webhook_that_was_removed() {
        assert_eq!(not_before(&[app(false)], NOW), BTreeMap::from([(AppId(7), TimeMs(NOW.0 - 3_600_000))]));
    }

    #[test]
    fn a_change_of_an_app_that_is_not_configured_waits_on() {
        assert_eq!(not_before(&[], NOW), BTreeMap::new());
    }
}
