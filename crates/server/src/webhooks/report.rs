//! What an operator is told of an app's webhook (`pinfold webhook status`). Times are unix milliseconds.

use std::collections::BTreeMap;

use pinfold_core::AppId;
use pinfold_store::{Backlog, Store, StoreError};
use serde::{Deserialize, Serialize};

/// Waiting changes of an app are counted up to this.
pub const WAITING_MAX: u64 = 100_000;

/// The webhook of an app, as it stands now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookReport {
    /// The app.
    pub app: u32,
    /// The host of the URL; `None` where the configuration has no webhook for the app.
    pub host: Option<String>,
    /// Whether an operator paused it.
    pub paused: bool,
    /// Changes that wait to be sent, counted up to [`WAITING_MAX`].
    pub waiting: u64,
    /// Accounts that these changes are of.
    pub waiting_accounts: u64,
    /// When the oldest of them was made.
    pub oldest_ms: Option<u64>,
    /// What the server that answers does; `None` where no server runs.
    pub server: Option<CourierReport>,
}

/// What one server does for an app's webhook.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CourierReport {
    /// Set while the receiver takes nothing.
    pub down: Option<DownReport>,
    /// Requests that the receiver took since the server started, or since the app has its webhook.
    pub sent: u64,
    /// Requests that failed since then.
    pub failed: u64,
    /// Changes that were given up since then, as the history had lost their content.
    pub given_up: u64,
    /// Some accounts whose requests fail while those of others are taken.
    pub failing: Vec<FailingAccount>,
}

/// A receiver that takes nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DownReport {
    /// Since when.
    pub since_ms: u64,
    /// Why the last attempt failed.
    pub reason: String,
    /// When the next attempt is made.
    pub next_ms: u64,
}

/// An account whose requests fail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailingAccount {
    /// The account.
    pub account: String,
    /// Failures one after the other.
    pub attempts: u32,
    /// Why the last attempt failed.
    pub reason: String,
    /// When the next attempt is made.
    pub next_ms: u64,
}

/// The webhooks of these apps, by their hosts, and of those that are paused, as the store knows them: without what a
/// server does.
///
/// # Errors
/// Those of the store.
pub async fn webhook_reports(store: &Store, hosts: &BTreeMap<AppId, String>) -> Result<Vec<WebhookReport>, StoreError> {
    let paused = store.backend().paused_apps().await?;
    let apps = paused.iter().chain(hosts.keys().filter(|app| !paused.contains(app)));
    let mut reports = Vec::new();
    for app in apps {
        let Backlog { changes, accounts, oldest } = store.backend().backlog(*app, WAITING_MAX).await?;
        reports.push(WebhookReport {
            app: app.0,
            host: hosts.get(app).cloned(),
            paused: paused.contains(app),
            waiting: changes,
            waiting_accounts: accounts,
            oldest_ms: oldest.map(|oldest| oldest.0),
            server: None,
        });
    }
    reports.sort_by_key(|report| report.app);
    Ok(reports)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use pinfold_store::Memory;

    use super::*;

    #[tokio::test]
    async fn apps_with_a_webhook_and_paused_ones_are_reported_once_in_their_order() {
        let store = Store::new(Arc::new(Memory::new()));
        for app in [2, 3] {
            store.backend().set_paused(AppId(app), true).await.unwrap();
        }
        let hosts = BTreeMap::from([(AppId(1), "one".to_owned()), (AppId(3), "three".to_owned())]);
        let reports = webhook_reports(&store, &hosts).await.unwrap();
        let told: Vec<_> = reports.iter().map(|it| (it.app, it.host.as_deref(), it.paused)).collect();
        assert_eq!(told, [(1, Some("one"), false), (2, None, true), (3, Some("three"), true)]);
    }
}
