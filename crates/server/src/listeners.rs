//! What the store tells of each durable commit goes to the streams of `watch` and to webhooks.

use std::sync::Arc;

use pinfold_core::HistoryChange;
use pinfold_store::{AccountKey, CommitSink, Position};

use crate::live::Hub;
use crate::webhooks::Notices;

/// All that want to be told of commits: a store has one sink.
pub(crate) struct Listeners {
    pub(crate) hub: Arc<Hub>,
    pub(crate) notices: Arc<Notices>,
}

impl Listeners {
    fn all(&self) -> [&dyn CommitSink; 2] {
        [&*self.hub, &*self.notices]
    }

    /// Those that want to be told of an account.
    fn of(&self, account: &AccountKey) -> impl Iterator<Item = &dyn CommitSink> {
        self.all().into_iter().filter(|listener| listener.listens(account))
    }
}

impl CommitSink for Listeners {
    fn listens(&self, account: &AccountKey) -> bool {
        self.of(account).next().is_some()
    }

    fn committed(&self, account: &AccountKey, position: Position, change: Option<&Arc<HistoryChange>>) {
        self.of(account).for_each(|listener| listener.committed(account, position, change));
    }

    fn deleted(&self, account: &AccountKey) {
        self.of(account).for_each(|listener| listener.deleted(account));
    }
}
