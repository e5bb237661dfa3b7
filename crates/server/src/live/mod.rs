//! Watching accounts: the store tells a hub of each commit, and the streams of `watch` wait at the hub.
//!
//! A stream subscribes before it reads where its account stands, so that it misses nothing in between. It sends a change
//! when the hub tells of it. The hub keeps a few changes only; what a stream missed it reads out of the history. Nothing
//! here knows a command.

mod cursor;
mod hub;
mod known;
mod missed;
mod permission;
mod polling;
mod position;
mod told;
mod watcher;

use std::sync::Arc;

use pinfold_store::AccountKey;
use tokio_util::sync::CancellationToken;

pub(crate) use self::hub::Hub;
pub(crate) use self::permission::Permission;
pub(crate) use self::watcher::{Since, Watcher};
use crate::state::State;

/// Begins to ask the store what other processes commit, if there are any. Ends when `stop` is cancelled.
pub(crate) fn spawn(state: &Arc<State>, stop: &CancellationToken) {
    let state = Arc::clone(state);
    tokio::spawn(stop.clone().run_until_cancelled_owned(async move { polling::run(&state).await }));
}

impl Since {
    /// Where a client of this account stands that has this cursor.
    pub(crate) fn of_cursor(account: &AccountKey, text: &str) -> Self {
        cursor::read(account, text).map_or(Self::Unknown, Self::Cursor)
    }
}
