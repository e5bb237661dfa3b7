//! Work that no caller waits for: removing recent conversations that are not shown any more, while the server serves.

mod sweeping;
mod trim_queue;
mod trimming;

use std::sync::Arc;

pub(crate) use trim_queue::TrimQueue;

use crate::state::State;

/// Does it. Never returns.
pub(crate) async fn run(state: Arc<State>) {
    tokio::join!(trimming::run(&state), sweeping::run(&state));
}
