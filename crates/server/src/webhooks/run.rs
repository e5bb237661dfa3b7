//! The life of a courier, from its begin to the release of its leases.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::courier::Courier;
use super::leasing::LeaseKeeper;
use super::remover::Removal;
use super::{backlog, dispatch, look, remover, scan};

/// Sends until the courier is stopped; then waits for what is on its way, and releases what leases it has.
pub(super) async fn run(courier: &Arc<Courier>, mut leases: Option<LeaseKeeper>, removals: mpsc::Receiver<Removal>) {
    tokio::select! {
        // Workers wait for their removals, so nothing is left when the last one has ended.
        () = dispatch::run(courier) => {}
        () = remover::run(courier, removals) => {}
        () = scan::run(courier) => {}
        () = look::run(courier, leases.as_mut()) => {}
        () = backlog::run(courier) => {}
    }
    let Some(leases) = &mut leases else { return };
    if let Err(error) = leases.release_all(courier.backend()).await {
        tracing::warn!(app = courier.app.0, cause = %error, "leases of a webhook were not released; they run out by themselves");
    }
}
