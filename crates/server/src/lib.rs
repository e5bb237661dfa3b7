//! The server: configuration, the REST plane and the admin plane.
//!
//! A request comes through `plane` (connection, order of checks, body), is dispatched to one of the
//! `handlers`, which has `parse` turn wire values into those of the core, lets a rule decide over the
//! store, and writes the answer. Refusals get their codes in `error` and nowhere else.

mod admin;
mod apps;
mod backup;
pub mod config;
mod error;
mod guesses;
mod handlers;
mod health;
mod log_counters;
mod metrics;
mod networks;
mod open_store;
mod parse;
mod plane;
mod query;
mod refusals;
mod reloads;
mod signatures;
mod traces;

pub use admin::{ADMIN_CONNECTIONS_MAX, AdminPages, AdminPlane};
pub use backup::{BACKUP_PATH, BackupAccess};
pub use health::{Health, NotReady, Reason};
pub use log_counters::{LOG_COUNTERS, LogCounters};
pub use metrics::{Metrics, metrics_table};
pub use networks::reachable;
pub use open_store::{OpenStoreError, migrate_store, open_store, open_store_to_read};
#[doc(hidden)]
pub use plane::fuzzing;
pub use plane::{Clock, Control, Plane, StartError, TlsError, TlsWarning, check_tls, system_clock};
pub use refusals::Refusals;
pub use reloads::{RELOADS_PATH, ReloadReport, Reloads};
pub use traces::TRACES_TARGET;
