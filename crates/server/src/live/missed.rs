//! Changes that a stream was not told of in time, read out of the history page by page.

use std::sync::Arc;
use std::vec;

use pinfold_core::{HistoryChange, Revision};
use pinfold_store::{AccountKey, ChangeRange, Store, StoreError};

use super::position::Standing;

/// A page ends after the change with which it has this many bytes, so that a stream holds little more than the event
/// that it is sending.
const PAGE_BYTES_MAX: usize = 4 << 10;
const PAGE_CHANGES_MAX: usize = 32;

/// The changes that one stream misses.
#[derive(Default)]
pub(super) struct Missed {
    /// The last one of them.
    until: Revision,
    page: vec::IntoIter<Arc<HistoryChange>>,
}

impl Missed {
    /// Changes up to this one are missing.
    pub(super) fn up_to(&mut self, until: Revision) {
        self.until = self.until.max(until);
    }

    /// The next one that was read.
    pub(super) fn next(&mut self) -> Option<Arc<HistoryChange>> {
        self.page.next()
    }

    /// Whether some are to be read by a stream that stands here.
    pub(super) fn are_left(&self, standing: Standing) -> bool {
        standing.revision < self.until
    }

    /// Reads those that follow on where the stream stands; `false` if the next one is not kept.
    pub(super) async fn read(
        &mut self,
        store: &Store,
        account: &AccountKey,
        standing: Standing,
    ) -> Result<bool, StoreError> {
        let range = ChangeRange {
            from: Revision(standing.revision.0.saturating_add(1)),
            until: Revision(self.until.0.saturating_add(1)),
            descending: false,
            count_max: PAGE_CHANGES_MAX,
            bytes_max: PAGE_BYTES_MAX,
        };
        let mut changes = store.backend().changes(account, standing.life, &range).await?;
        let wanted = range.from.0..;
        let unbroken = wanted.zip(&changes).take_while(|(wanted, change)| change.revision.0 == *wanted).count();
        changes.truncate(unbroken);
        self.page = changes.into_iter();
        Ok(unbroken > 0)
    }
}
