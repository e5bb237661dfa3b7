//! The history of accounts, kept beside them.

mod commits;
mod reads;
mod restart;
mod retention;
mod sinks;
mod snapshots;

use super::Open;

/// Every rule that needs no restart.
pub(crate) async fn suite(open: &impl Open) {
    commits::suite(open).await;
    reads::suite(open).await;
    retention::suite(open).await;
    sinks::suite(open).await;
    snapshots::suite(open).await;
}

/// The rules of backends that outlive the process.
pub(crate) async fn durable_suite(open: &impl Open) {
    restart::suite(open).await;
}
