//! Removes recent conversations that are no longer shown, in the background while the server serves.

mod account_queue;
mod rounds;
mod sweeping;
mod trim_queue;
mod trimming;

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

pub(crate) use trim_queue::TrimQueue;

use crate::state::State;

/// Begins each in a task of its own, so that a panic in one does not end the other. They end when `stop` is cancelled.
pub(crate) fn spawn(state: &Arc<State>, stop: &CancellationToken) {
    let (trimmed, swept) = (Arc::clone(state), Arc::clone(state));
    tokio::spawn(stop.clone().run_until_cancelled_owned(async move { trimming::run(&trimmed).await }));
    tokio::spawn(stop.clone().run_until_cancelled_owned(async move { sweeping::run(&swept).await }));
}
