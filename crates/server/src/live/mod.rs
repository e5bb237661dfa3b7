//! Watching accounts: the store tells a hub of each commit, and the streams of `watch` wait at the hub.
//!
//! A stream subscribes before it reads where its account stands, so that it misses nothing in between. It sends a change
//! when the hub tells of it. The hub keeps a few changes only; what a stream missed it reads out of the history. Nothing
//! here knows a command.

mod cursor;
mod hub;
mod missed;
mod permission;
mod position;
mod told;
mod watcher;

use pinfold_store::AccountKey;

pub(crate) use self::hub::Hub;
pub(crate) use self::permission::Permission;
pub(crate) use self::watcher::{Since, Watcher};

impl Since {
    /// Where a client of this account stands that has this cursor.
    pub(crate) fn of_cursor(account: &AccountKey, text: &str) -> Self {
        cursor::read(account, text).map_or(Self::Unknown, Self::Cursor)
    }
}
