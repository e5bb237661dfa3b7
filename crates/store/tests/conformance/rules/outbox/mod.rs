//! Changes that wait to be sent to the backend of their app.

mod commits;
pub(crate) mod leases;
mod pause;
mod reads;
mod removal;
mod restart;
mod retention;
mod snapshots;
mod sweep;

use super::Open;

/// Every rule that needs no restart.
pub(crate) async fn suite(open: &impl Open) {
    commits::suite(open).await;
    reads::suite(open).await;
    removal::suite(open).await;
    retention::suite(open).await;
    sweep::suite(open).await;
    pause::suite(open).await;
    snapshots::suite(open).await;
}

/// The rules of backends that outlive the process.
pub(crate) async fn durable_suite(open: &impl Open) {
    restart::suite(open).await;
}
