//! The history in memory.

use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Unbounded};
use std::sync::Arc;

use async_trait::async_trait;
use pinfold_core::{AppId, HistoryChange, Revision, StateDiff, TimeMs};

use super::{Kept, Memory};
use crate::history::{KeptRun, kept_bytes, kept_change};
use crate::outbox::last_before_unsent;
use crate::{
    AccountKey, ChangeRange, CommitSink, History, HistoryBounds, Life, Position, SnapshotItem, StoreError, SweepStep,
};

/// The changes of an account.
pub(super) type Changes = BTreeMap<Revision, Arc<HistoryChange>>;

impl Kept {
    /// Keeps the change of a commit, if it is one that is kept.
    pub(super) fn keep_change(&mut self, account: &AccountKey, changes: &StateDiff) {
        if let Some(change) = kept_change(changes) {
            self.changes.entry(account.clone()).or_default().insert(change.revision, Arc::clone(change));
        }
    }

    pub(super) fn history(&self) -> impl Iterator<Item = SnapshotItem> {
        self.changes.iter().flat_map(|(account, changes)| {
            let mut run = KeptRun::of(account, self.accounts.get(account).map(|(_, state)| &state.head));
            let mut items: Vec<_> =
                changes.values().flat_map(|change| run.next(change.revision, Ok(Arc::clone(change)))).collect();
            items.extend(run.end());
            items
        })
    }

    fn history_from(&self, account: &AccountKey) -> u32 {
        self.accounts.get(account).map_or(0, |(_, state)| state.head.history_from)
    }

    fn changes_of_life(&mut self, account: &AccountKey, life: Life) -> Option<&mut Changes> {
        if self.is_of_life(account, life) { self.changes.get_mut(account) } else { None }
    }
}

#[async_trait]
impl History for Memory {
    async fn changes(
        &self,
        account: &AccountKey,
        life: Life,
        range: &ChangeRange,
    ) -> Result<Vec<Arc<HistoryChange>>, StoreError> {
        let mut kept = self.kept();
        let Some(changes) = kept.changes_of_life(account, life) else { return Ok(Vec::new()) };
        let mut within = changes.iter().filter(|(revision, _)| (range.from..range.until).contains(revision));
        let next = || if range.descending { within.next_back() } else { within.next() };
        let (mut read, mut bytes) = (Vec::new(), 0);
        for (_, change) in std::iter::from_fn(next).take(range.count_max) {
            bytes += change.weight();
            read.push(Arc::clone(change));
            if bytes >= range.bytes_max {
                break;
            }
        }
        Ok(read)
    }

    async fn positions(&self, accounts: &[AccountKey]) -> Result<Vec<Option<Position>>, StoreError> {
        let kept = self.kept();
        let position = |account| {
            let (version, state) = kept.accounts.get(account)?;
            Some(Position::of(*version, &state.head))
        };
        Ok(accounts.iter().map(position).collect())
    }

    async fn put_changes(&self, account: &AccountKey, life: Life, changes: &[HistoryChange]) -> Result<(), StoreError> {
        let mut kept = self.kept();
        if kept.is_of_life(account, life) {
            let put = changes.iter().map(|change| (change.revision, Arc::new(change.clone())));
            kept.changes.entry(account.clone()).or_default().extend(put);
        }
        Ok(())
    }

    async fn trim_changes(&self, account: &AccountKey, life: Life, bounds: HistoryBounds) -> Result<u64, StoreError> {
        let mut kept = self.kept();
        let first_unsent = kept.first_unsent(account);
        let Some(changes) = kept.changes_of_life(account, life) else { return Ok(0) };
        let newest_first = changes.values().rev();
        let last = bounds.last_to_go(
            newest_first.map(|change| Ok((change.revision, change.at, kept_bytes(&account.account, change)))),
        );
        Ok(last_before_unsent(last?, first_unsent).map_or(0, |last| remove_through(changes, last)))
    }

    async fn sweep_changes(
        &self,
        after: Option<&AccountKey>,
        rows_max: usize,
        bounds: &BTreeMap<AppId, HistoryBounds>,
    ) -> Result<SweepStep, StoreError> {
        let mut kept = self.kept();
        let later = kept.changes.range::<AccountKey, _>((after.map_or(Unbounded, Excluded), Unbounded));
        let later: Vec<_> = later.map(|(account, _)| account.clone()).collect();
        let (mut removed, mut looked_at) = (0, 0);
        for account in later {
            let not_before = bounds.get(&account.app).map_or(TimeMs(0), |bounds| bounds.not_before);
            let (from, first_unsent) = (kept.history_from(&account), kept.first_unsent(&account));
            let Some(changes) = kept.changes.get_mut(&account) else { continue };
            let is_to_go =
                |change: &&Arc<HistoryChange>| from == 0 || change.revision < Revision(from) || change.at < not_before;
            let last = changes.values().rev().find(is_to_go).map(|change| change.revision);
            removed += last_before_unsent(last, first_unsent).map_or(0, |last| remove_through(changes, last));
            looked_at += 1;
            if removed as usize + looked_at >= rows_max {
                return Ok(SweepStep { removed, last: Some(account), damage: None });
            }
        }
        Ok(SweepStep { removed, last: None, damage: None })
    }

    fn tell(&self, sink: Arc<dyn CommitSink>) {
        self.sink.set(sink);
    }
}

/// Removes changes up to this one; how many.
fn remove_through(changes: &mut Changes, last: Revision) -> u64 {
    let stay = changes.split_off(&Revision(last.0 + 1));
    std::mem::replace(changes, stay).len() as u64
}
