//! What an operator is told of an app's webhook (`pinfold webhook status`). Times are unix milliseconds.

use serde::{Deserialize, Serialize};

/// The webhook of an app, as it stands now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookReport {
    /// The app.
    pub app: u32,
    /// The host of the URL; `None` where the configuration has no webhook for the app.
    pub host: Option<String>,
    /// Whether an operator paused it.
    pub paused: bool,
    /// Changes that wait to be sent, counted to a bound.
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
    /// Changes that were given up since then: too old, or without their content.
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
