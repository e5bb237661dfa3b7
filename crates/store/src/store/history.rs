//! Reading the history, and being told of commits.

use std::sync::Arc;

use pinfold_core::{ChangesQuery, HistoryChange, Origin, Revision, WebhookCommands};

use super::{Acting, Store};
use crate::{AccountKey, ChangeRange, CommitSink, Life, Loaded, Position, Scope, StoreError};

/// A page ends after the change with which it has this many bytes in memory.
const PAGE_BYTES_MAX: usize = 512 << 10;

/// A page of the history of an account.
#[derive(Clone, Debug)]
pub struct ChangesPage {
    /// The account, without records.
    pub loaded: Loaded,
    /// Changes without gaps, the newest first.
    pub changes: Vec<Arc<HistoryChange>>,
    /// Whether no change is kept that is older than these.
    pub is_complete: bool,
}

impl Store {
    /// Has changes tell by whom they were asked for; with `keep` they are kept.
    pub fn acting<'s>(&'s self, origin: &'s Origin, keep: bool) -> Acting<'s> {
        Acting { store: self, origin, keep, send: WebhookCommands::NONE }
    }

    /// Has the sink be told of each commit from now on. At most one, before the first commit.
    pub fn listen(&self, sink: Arc<dyn CommitSink>) {
        self.sink.set(Arc::clone(&sink));
        self.backend.tell(sink);
    }

    /// Where an account stands, durably; `None` if nothing is kept for it.
    ///
    /// # Errors
    /// What the backend says.
    pub async fn position(&self, account: &AccountKey) -> Result<Option<Position>, StoreError> {
        Ok(self.backend.positions(std::slice::from_ref(account)).await?.pop().flatten())
    }

    /// Reads a page of the history: of the unbroken run of changes that is kept up to the last one.
    ///
    /// # Errors
    /// What the backend says.
    pub async fn changes(&self, account: &AccountKey, query: &ChangesQuery) -> Result<ChangesPage, StoreError> {
        let loaded = self.read(account, &Scope::Head).await?;
        let (from, end) = (loaded.state.head.history_from, loaded.state.head.revision.saturating_add(1));
        let end = query.before.map_or(end, |before| before.0.min(end));
        let (Some(version), 1.., true) = (loaded.version, from, from < end) else {
            return Ok(ChangesPage { loaded, changes: Vec::new(), is_complete: true });
        };
        let range = ChangeRange {
            from: Revision(from),
            until: Revision(end),
            descending: true,
            count_max: query.count_max.saturating_add(1),
            bytes_max: PAGE_BYTES_MAX,
        };
        let mut changes = self.backend.changes(account, version.life, &range).await?;
        let unbroken = (from..end).rev().zip(&changes).take_while(|(revision, change)| change.revision.0 == *revision);
        changes.truncate(unbroken.count());
        let is_complete =
            changes.len() <= query.count_max && !self.has_before(account, version.life, from, changes.last()).await?;
        changes.truncate(query.count_max);
        Ok(ChangesPage { loaded, changes, is_complete })
    }

    /// Whether the change before this one of a run that begins with `from` is kept.
    async fn has_before(
        &self,
        account: &AccountKey,
        life: Life,
        from: u32,
        change: Option<&Arc<HistoryChange>>,
    ) -> Result<bool, StoreError> {
        match change.map(|change| change.revision.0) {
            Some(revision) if revision > from => {
                Ok(self.change(account, life, Revision(revision - 1)).await?.is_some())
            }
            Some(_) | None => Ok(false),
        }
    }
}
