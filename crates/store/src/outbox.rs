//! The outbox: changes of accounts that wait to be sent to the backend of their app.

mod lease;
mod shares;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use pinfold_core::{AccountId, AppId, HistoryChange, Revision, StateDiff, TimeMs};

pub use self::lease::Lease;
pub use self::shares::{SHARES, Shares, share_of};
use crate::history::kept_change;
use crate::{AccountKey, Life, StoreError, SweepStep};

/// Changes that wait to be sent to the backend of their app. An unsent change is written by the commit that makes it;
/// its content is that of the history, which keeps it as long. What waits belongs to a life, and cannot be read after
/// that has ended.
#[async_trait]
pub trait Outbox {
    /// Lists accounts of an app that have unsent changes: those of these shares after `after`, in the order of
    /// [`Apps::list_accounts`](crate::Apps::list_accounts), at most so many, not 0. Never one whose life has ended. A page
    /// may be empty and not the last.
    async fn waiting(
        &self,
        app: AppId,
        shares: Shares,
        after: Option<&AccountId>,
        count_max: usize,
    ) -> Result<WaitingPage, StoreError>;

    /// Reads the oldest unsent changes of the account as it is now: after `after` if that is of its current life, else
    /// from the first.
    async fn unsent(
        &self,
        account: &AccountKey,
        after: Option<SentUpTo>,
        bounds: PageBounds,
    ) -> Result<UnsentPage, StoreError>;

    /// Removes unsent changes that were sent, durably. One that is not there is no error. May be called again after an
    /// error.
    async fn remove_sent(&self, sent: &[SentChange]) -> Result<(), StoreError>;

    /// Counts at most so many unsent changes of an app. Those of lives that have ended may be counted until they are
    /// swept.
    async fn backlog(&self, app: AppId, changes_max: u64) -> Result<Backlog, StoreError>;

    /// Removes unsent changes of lives that have ended and, in the apps named here, those made before a time: of the
    /// accounts after `after`, until about this many rows were removed or looked at. Goes through the apps in ascending
    /// order.
    async fn sweep_unsent(
        &self,
        after: Option<&AccountKey>,
        rows_max: usize,
        not_before: &BTreeMap<AppId, TimeMs>,
    ) -> Result<UnsentSweep, StoreError>;

    /// Notes durably whether sending to the backend of an app is paused.
    async fn set_paused(&self, app: AppId, paused: bool) -> Result<(), StoreError>;

    /// The apps whose sending is paused.
    async fn paused_apps(&self) -> Result<BTreeSet<AppId>, StoreError>;

    /// Forgets pause and leases of an app, durably.
    async fn forget_webhook(&self, app: AppId) -> Result<(), StoreError>;

    /// The leases of an app, in no order. Empty where [`History::is_shared`](crate::History::is_shared) is false.
    async fn leases(&self, _app: AppId) -> Result<Vec<Lease>, StoreError> {
        Ok(Vec::new())
    }

    /// Puts a lease where holder and serial still are those of `expected` (`None`: there must be none); false otherwise.
    async fn put_lease(&self, _expected: Option<&Lease>, _new: &Lease) -> Result<bool, StoreError> {
        Ok(false)
    }
}

/// Accounts that have unsent changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WaitingPage {
    /// In the order of accounts.
    pub accounts: Vec<Waiting>,
    /// Where the next page begins: after this account. `None` at the end.
    pub last: Option<AccountId>,
}

/// An account that has unsent changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Its id.
    pub account: AccountId,
    /// Its life.
    pub life: Life,
    /// Its oldest unsent change.
    pub first: Revision,
    /// When that was made.
    pub since: TimeMs,
}

/// The last change of an account that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SentUpTo {
    /// The life that it belongs to.
    pub life: Life,
    /// The change.
    pub revision: Revision,
}

/// Where a page of unsent changes ends, at the latest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageBounds {
    /// At most so many; not 0.
    pub count_max: usize,
    /// No more after this many bytes, by [`HistoryChange::weight`].
    pub bytes_max: usize,
}

/// Unsent changes of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnsentPage {
    /// The life that they belong to; `None` if nothing is kept for the account.
    pub life: Option<Life>,
    /// In the order in which they were made.
    pub changes: Vec<Unsent>,
    /// Whether no other waited after them.
    pub is_last: bool,
}

/// A change that waits to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsent {
    /// Which change of the account it is.
    pub revision: Revision,
    /// When it was made.
    pub at: TimeMs,
    /// Its content; `None` if that is missing in the history or damaged there.
    pub change: Option<Arc<HistoryChange>>,
}

/// Names a change that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentChange {
    /// The account.
    pub account: AccountKey,
    /// Its life when the change was made: several accounts may have the same one, see [`Life`].
    pub life: Life,
    /// Which change it is.
    pub revision: Revision,
}

/// What waits to be sent to the backend of an app, as far as it was counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Changes.
    pub changes: u64,
    /// The accounts that they belong to.
    pub accounts: u64,
    /// When the oldest of them was made.
    pub oldest: Option<TimeMs>,
}

impl Backlog {
    /// Counts a change of this time, and its account if it is the first one of it.
    pub(crate) fn count(&mut self, at: TimeMs, is_first: bool) {
        self.changes += 1;
        self.accounts += u64::from(is_first);
        self.oldest = Some(self.oldest.map_or(at, |oldest| oldest.min(at)));
    }
}

/// A part of a sweep of unsent changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnsentSweep {
    /// How far it came.
    pub step: SweepStep,
    /// Of those removed, changes of accounts that are there: they will not be sent.
    pub given_up: u64,
}

/// The change that a commit leaves to be sent: one that is kept, and wanted.
pub(crate) fn unsent_change(changes: &StateDiff) -> Option<&Arc<HistoryChange>> {
    kept_change(changes).filter(|_| changes.unsent)
}

/// The newest change that may go if all up to `last` are to go, and those from the oldest unsent one on must stay.
pub(crate) fn last_before_unsent(last: Option<Revision>, first_unsent: Option<Revision>) -> Option<Revision> {
    let before = first_unsent.map_or(Revision(u32::MAX), |first| Revision(first.0.saturating_sub(1)));
    last.map(|last| last.min(before))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_go_up_to_the_one_before_the_oldest_that_is_unsent() {
        let may_go = |last: Option<u32>, first_unsent: Option<u32>| {
            last_before_unsent(last.map(Revision), first_unsent.map(Revision)).map(|last| last.0)
        };
        assert_eq!([may_go(Some(5), None), may_go(None, Some(3)), may_go(None, None)], [Some(5), None, None]);
        assert_eq!([may_go(Some(5), Some(9)), may_go(Some(5), Some(5))], [Some(5), Some(4)]);
        assert_eq!([may_go(Some(5), Some(1)), may_go(Some(5), Some(0))], [Some(0), Some(0)]);
    }
}
