//! The contract of a backend. Each file here is a part of the contract; each function in it one rule.
//!
//! A rule opens a place of its own by name. `open` gives the backend over that place: empty when the name
//! comes for the first time, with all that was kept when it comes again after a close.

mod accounts;
mod apps;
mod chained_commits;
mod chat_groups;
mod commits;
pub(crate) mod history;
pub(crate) mod outbox;
mod readers;
mod recents;
mod restart;
mod scopes;
mod snapshots;

use std::sync::Arc;

use pinfold_store::Backend;

/// Opens the backend over the place of this name.
pub(crate) trait Open: AsyncFn(&str) -> Arc<dyn Backend> {}

impl<F: AsyncFn(&str) -> Arc<dyn Backend>> Open for F {}

/// Every rule that needs no restart.
pub(crate) async fn suite(open: impl Open) {
    commits::suite(&open).await;
    chained_commits::suite(&open).await;
    scopes::suite(&open).await;
    accounts::suite(&open).await;
    chat_groups::suite(&open).await;
    apps::suite(&open).await;
    snapshots::suite(&open).await;
    readers::suite(&open).await;
    recents::suite(&open).await;
}

/// The rules of backends that outlive the process.
pub(crate) async fn durable_suite(open: impl Open) {
    restart::suite(&open).await;
}
