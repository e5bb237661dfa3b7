//! Removes recent conversations that are no longer shown, changes that are no longer kept, and those that wait too long to
//! be sent, in the background while the server serves.

mod account_queue;
mod history;
mod history_trims;
mod rounds;
mod sweeping;
mod trim_queue;
mod trimming;
mod unsent;

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

pub(crate) use history_trims::HistoryTrims;
pub(crate) use trim_queue::TrimQueue;

use crate::state::State;

/// Begins each in a task of its own, so that a panic in one does not end the other. They end when `stop` is cancelled.
pub(crate) fn spawn(state: &Arc<State>, stop: &CancellationToken) {
    let [trimmed, swept, trimmed_history, swept_history, unsent] = [(); 5].map(|()| Arc::clone(state));
    spawn_one(stop, async move { trimming::run(&trimmed).await });
    spawn_one(stop, async move { sweeping::run(&swept).await });
    spawn_one(stop, async move { history::trim(&trimmed_history).await });
    spawn_one(stop, async move { history::sweep(&swept_history).await });
    spawn_one(stop, async move { unsent::sweep(&unsent).await });
}

fn spawn_one(stop: &CancellationToken, task: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(stop.clone().run_until_cancelled_owned(task));
}
