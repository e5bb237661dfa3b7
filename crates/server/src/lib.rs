//! The server: configuration, the REST plane and the admin plane.
//!
//! A connection is accepted and served in `net`. A request on it goes through `rest` (order of checks, body), which
//! dispatches it to one of the `handlers`; that has `parse` turn wire values into those of the core, lets a rule decide
//! over the store, and writes the answer. Only `rest::error` gives a refusal its code.

mod admin;
mod changes;
mod clock;
pub mod config;
mod control;
mod handlers;
mod housekeeping;
mod listeners;
mod live;
mod log_counters;
mod message_numbers;
mod messages;
mod metrics;
mod net;
mod open_store;
mod parse;
mod rest;
mod scrape;
mod state;
mod webhooks;

pub use admin::{
    ADMIN_CONNECTIONS_MAX, AdminPages, AdminPlane, BACKUP_PATH, Health, NotReady, PAUSE_WEBHOOK_PATH, RELOADS_PATH,
    RESUME_WEBHOOK_PATH, Reason, ReloadReport, Reloads, StoreAccess, WEBHOOKS_PATH, WITHOUT_HISTORY,
};
pub use clock::{Clock, system_clock};
pub use control::{Control, FollowError};
pub use log_counters::{LOG_COUNTERS, LogCounters};
pub use metrics::metrics_table;
pub use net::listener::StartError;
pub use net::networks::reachable;
pub use net::rejections::RejectionCounters;
pub use net::tls::{TlsError, TlsWarning, check as check_tls};
pub use open_store::{OpenStoreError, migrate_store, open_store, open_store_to_read};
#[cfg(feature = "fuzzing")]
pub use rest::fuzzing;
pub use rest::{Plane, TRACES_TARGET};
pub use scrape::Metrics;
pub use webhooks::{
    CourierReport, DownReport, FailingAccount, TestReport, WAITING_MAX, WebhookControl, WebhookError, WebhookReport,
    WebhookUrl, check_webhooks, webhook_reports, webhook_test,
};
