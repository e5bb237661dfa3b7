//! The history: the changes of accounts, kept beside them, and those who are told of a change when it is durable.

mod bits;
pub(crate) mod encoding;
mod kept_run;
mod read;
mod sink;
pub(crate) mod stored;
mod words;

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use pinfold_core::{AccountId, AppId, Head, HistoryChange, Revision, StateDiff, TimeMs};

pub(crate) use self::kept_run::KeptRun;
pub use self::sink::CommitSink;
pub(crate) use self::sink::SinkSlot;
use crate::{AccountKey, Life, StoreError, SweepStep, Version};

/// Bytes that a change counts besides its encoded value, in every backend: about what its key and the engine take.
pub(crate) const CHANGE_OVERHEAD_BYTES: usize = 64;

/// Changes of accounts. A change is written by the commit that makes it, or put with an account that is imported. What
/// is kept belongs to a life, and cannot be read after that has ended.
#[async_trait]
pub trait History {
    /// Reads changes of a life in this range; never one that is not durable. They may have gaps: the caller checks that
    /// revisions follow each other.
    async fn changes(
        &self,
        account: &AccountKey,
        life: Life,
        range: &ChangeRange,
    ) -> Result<Vec<Arc<HistoryChange>>, StoreError>;

    /// Where each of these accounts stands, durably, in their order; `None` for one that nothing is kept for. Reads
    /// heads only.
    async fn positions(&self, accounts: &[AccountKey]) -> Result<Vec<Option<Position>>, StoreError>;

    /// Puts changes of an account that was just imported, durably. One that is there already is replaced. Of another
    /// life than the account's nothing can be read afterwards.
    async fn put_changes(&self, account: &AccountKey, life: Life, changes: &[HistoryChange]) -> Result<(), StoreError>;

    /// Removes the oldest changes of a life until the bounds hold, durably; how many. The newest stays, however large
    /// or old it is.
    async fn trim_changes(&self, account: &AccountKey, life: Life, bounds: HistoryBounds) -> Result<u64, StoreError>;

    /// Removes what lives that have ended left behind, what lies before `history_from` of its account, and the newest
    /// change that is older than its app allows with all before it: of the accounts after `after`, until about this
    /// many rows were removed or looked at. In apps without bounds no change is too old. Goes through the apps in
    /// ascending order.
    async fn sweep_changes(
        &self,
        after: Option<&AccountKey>,
        rows_max: usize,
        bounds: &BTreeMap<AppId, HistoryBounds>,
    ) -> Result<SweepStep, StoreError>;

    /// Has the sink be told of each commit that this process makes from now on. At most one, before the first commit.
    fn tell(&self, sink: Arc<dyn CommitSink>);

    /// Whether other processes commit too, so that [`History::positions`] has to be asked now and then.
    fn is_shared(&self) -> bool {
        false
    }
}

/// Which changes a read wants: those from `from` to before `until`, from one end, until so many or so many bytes (by
/// [`HistoryChange::weight`]) were read, at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangeRange {
    /// The first one.
    pub from: Revision,
    /// The one after the last.
    pub until: Revision,
    /// Whether the last one comes first.
    pub descending: bool,
    /// At most so many; not 0.
    pub count_max: usize,
    /// No more after this many bytes.
    pub bytes_max: usize,
}

/// Where an account stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The account's life.
    pub life: Life,
    /// Its last change; 0 for none.
    pub revision: Revision,
    /// The first change of the unbroken run that is kept up to the last one; 0 if that was not kept.
    pub history_from: u32,
    /// Whether the account was imported.
    pub imported: bool,
}

impl Position {
    /// The position of an account with this head.
    pub(crate) fn of(version: Version, head: &Head) -> Self {
        let Head { revision, history_from, imported, .. } = *head;
        Self { life: version.life, revision: Revision(revision), history_from, imported }
    }

    /// The position of an account that was committed; `None` for a deletion.
    pub(crate) fn after(next: Version, changes: &StateDiff) -> Option<Self> {
        changes.head.as_ref().map(|head| Self::of(next, head))
    }
}

/// How much of the history of an account stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryBounds {
    /// What is older goes.
    pub not_before: TimeMs,
    /// Changes that stay.
    pub changes_max: usize,
    /// Bytes that stay: of a change those of its encoded value, and 64.
    pub bytes_max: usize,
}

impl HistoryBounds {
    /// The newest change that has to go, of changes that come newest first, each with its time and its bytes. The first
    /// one stays.
    pub(crate) fn last_to_go(
        &self,
        newest_first: impl IntoIterator<Item = Result<(Revision, TimeMs, usize), StoreError>>,
    ) -> Result<Option<Revision>, StoreError> {
        let (mut count, mut bytes) = (0, 0_usize);
        for change in newest_first {
            let (revision, at, change_bytes) = change?;
            count += 1;
            bytes = bytes.saturating_add(change_bytes);
            let is_within = count <= self.changes_max && bytes <= self.bytes_max && at >= self.not_before;
            if count > 1 && !is_within {
                return Ok(Some(revision));
            }
        }
        Ok(None)
    }
}

/// Bytes that a change of this account counts towards [`HistoryBounds::bytes_max`].
pub fn kept_bytes(account: &AccountId, change: &HistoryChange) -> usize {
    encoding::encoded_len(account, change) + CHANGE_OVERHEAD_BYTES
}

/// The change that a commit keeps. One that is only to be told is in the diff too.
pub(crate) fn kept_change(changes: &StateDiff) -> Option<&Arc<HistoryChange>> {
    let is_kept = changes.head.as_ref().is_some_and(|head| head.history_from > 0);
    changes.change.as_ref().filter(|_| is_kept)
}
