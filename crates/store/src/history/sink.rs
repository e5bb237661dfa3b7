//! Observers of commits.

use std::sync::{Arc, OnceLock};

use pinfold_core::HistoryChange;

use super::Position;
use crate::AccountKey;

/// Is told of the commits of this process. It is called on a thread that all commits wait for, so it must not block and
/// must be quick.
pub trait CommitSink: Send + Sync {
    /// Whether it wants to be told of this account.
    fn listens(&self, account: &AccountKey) -> bool;

    /// A commit of an account that it listens to is durable, and can be read. Those of one account come in the order of
    /// their revisions where the backend is not shared. Without a change none was made to be told, or the commit is not
    /// a change of the account.
    fn committed(&self, account: &AccountKey, position: Position, change: Option<&Arc<HistoryChange>>);

    /// An account was deleted, durably.
    fn deleted(&self, account: &AccountKey);
}

/// The place of a sink, shared by all that end commits.
#[derive(Clone, Default)]
pub(crate) struct SinkSlot(Arc<OnceLock<Arc<dyn CommitSink>>>);

impl SinkSlot {
    /// Puts the sink; the first one stays.
    pub(crate) fn set(&self, sink: Arc<dyn CommitSink>) {
        let _ = self.0.set(sink);
    }

    /// Whether a change of this account is to be told.
    pub(crate) fn listens(&self, account: &AccountKey) -> bool {
        self.0.get().is_some_and(|sink| sink.listens(account))
    }

    /// Tells of a commit that is durable; without a position the account was deleted.
    pub(crate) fn tell(&self, account: &AccountKey, position: Option<Position>, change: Option<&Arc<HistoryChange>>) {
        match (self.0.get(), position) {
            (Some(sink), Some(position)) if sink.listens(account) => sink.committed(account, position, change),
            (Some(sink), None) => sink.deleted(account),
            (Some(_), Some(_)) | (None, _) => {}
        }
    }
}
