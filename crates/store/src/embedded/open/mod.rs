//! Creates, opens and restores stores, and checks everything before the first call is served.
//!
//! ```text
//! DIR/lock          locked by the process that has the store open
//! DIR/format        the format of the store
//! DIR/clean         number of the last commit, after a clean shutdown only
//! DIR/acknowledged  number of the last commit that was acknowledged, while the store is open and after a crash
//! DIR/data/         the engine's directory
//! ```
//! A store is created as `data.new` and renamed when all of it is durable, so `data` is whole or absent.

pub(super) mod acknowledged;
mod creation;
mod directory;
pub(super) mod directory_watch;
pub(super) mod format_files;
mod inspect;
pub(super) mod open_error;
pub(super) mod opening;
pub(super) mod probe;
pub(super) mod restoring;
pub(super) mod sync;
pub(super) mod verify_files;
