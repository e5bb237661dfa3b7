//! How the work on an account ended, and what that tells.

use pinfold_core::{Revision, WebhookCommand};
use pinfold_store::Life;

use super::super::receiver::Failure;

/// Of a change that several requests tell: the last one that was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct SentWithin {
    pub(in super::super) life: Life,
    pub(in super::super) revision: Revision,
    pub(in super::super) command: WebhookCommand,
}

/// How the work on an account ended. The rows of all that was sent are removed by then.
#[derive(Clone, Debug)]
pub(in super::super) enum Ended {
    /// Everything was sent.
    Done,
    /// A page was sent; there is more.
    More,
    /// A request was not taken.
    Failed { within: Option<SentWithin>, failure: Failure },
    /// Nothing more may be sent now.
    Stopped(Option<SentWithin>),
    /// The store did not answer.
    Store,
}

/// What the end of the work on an account tells.
#[derive(Debug, PartialEq, Eq)]
pub(in super::super) enum Told {
    /// Nothing of note.
    Nothing,
    /// An account of which more than a page waited has nothing left.
    CaughtUp,
    /// The receiver takes nothing from now on.
    ReceiverDown,
    /// The account failed again and again.
    AccountFails,
}
