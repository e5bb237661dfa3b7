//! An account that a queue holds.

use tokio::time::Instant;

use super::outcome::SentWithin;

/// An account that is held.
pub(super) struct Held {
    pub(super) place: Place,
    pub(super) within: Option<SentWithin>,
    /// Failures in a row that are its own.
    pub(super) failures: u32,
    /// Of the last one.
    pub(super) reason: String,
    /// Whether more than a page waited.
    pub(super) had_more: bool,
}

#[derive(Clone, Copy)]
pub(super) enum Place {
    /// In `ready` or `again`.
    Ready,
    AtWork {
        /// Whether it failed the last time.
        is_retry: bool,
        /// Whether it was added meanwhile, so that there may be more to send.
        is_dirty: bool,
        /// Whether it is to be forgotten when its work ends.
        is_lost: bool,
    },
    Failing {
        until: Instant,
    },
}

/// How an account was that is not worked on any more.
pub(super) struct Left {
    pub(super) is_retry: bool,
    pub(super) is_dirty: bool,
    pub(super) was_probe: bool,
}
