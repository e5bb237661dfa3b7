//! The outbox in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound::{Excluded, Unbounded};

use async_trait::async_trait;
use pinfold_core::{AccountId, AppId, Revision, StateDiff, TimeMs};

use super::{Kept, Memory};
use crate::outbox::{share_of, unsent_change};
use crate::{
    AccountKey, Backlog, Lease, Outbox, PageBounds, SentChange, SentUpTo, Shares, StoreError, SweepStep, Unsent,
    UnsentPage, UnsentSweep, Waiting, WaitingPage,
};

/// The unsent changes of an account, with their times. An account that has none has no such map.
pub(super) type UnsentTimes = BTreeMap<Revision, TimeMs>;

impl Kept {
    /// Notes the change of a commit, if it is one that is to be sent.
    pub(super) fn keep_unsent(&mut self, account: &AccountKey, changes: &StateDiff) {
        if let Some(change) = unsent_change(changes) {
            self.unsent.entry(account.clone()).or_default().insert(change.revision, change.at);
        }
    }

    pub(super) fn first_unsent(&self, account: &AccountKey) -> Option<Revision> {
        self.unsent.get(account)?.keys().next().copied()
    }

    fn unsent_of(&self, app: AppId) -> impl Iterator<Item = (&AccountKey, &UnsentTimes)> {
        self.unsent.iter().filter(move |(account, _)| account.app == app)
    }

    fn waiting(&self, account: &AccountKey, unsent: &UnsentTimes) -> Option<Waiting> {
        let (version, _) = self.accounts.get(account)?;
        let (first, since) = unsent.iter().next()?;
        Some(Waiting { account: account.account.clone(), life: version.life, first: *first, since: *since })
    }

    /// Removes unsent changes of an account that `is_to_go`; how many.
    fn remove_unsent(&mut self, account: &AccountKey, is_to_go: impl Fn(Revision, TimeMs) -> bool) -> u64 {
        let Some(unsent) = self.unsent.get_mut(account) else { return 0 };
        let before = unsent.len();
        unsent.retain(|revision, at| !is_to_go(*revision, *at));
        let removed = before - unsent.len();
        if unsent.is_empty() {
            self.unsent.remove(account);
        }
        removed as u64
    }
}

#[async_trait]
impl Outbox for Memory {
    async fn waiting(
        &self,
        app: AppId,
        shares: Shares,
        after: Option<&AccountId>,
        count_max: usize,
    ) -> Result<WaitingPage, StoreError> {
        let kept = self.kept();
        let later = kept.unsent_of(app).filter(|(account, _)| after.is_none_or(|after| account.account > *after));
        let of_shares = later.filter(|(account, _)| shares.contains(share_of(&account.account)));
        let mut waiting = of_shares.filter_map(|(account, unsent)| kept.waiting(account, unsent));
        let accounts: Vec<_> = waiting.by_ref().take(count_max).collect();
        let has_more = waiting.next().is_some();
        let last = accounts.last().map(|waiting| waiting.account.clone()).filter(|_| has_more);
        Ok(WaitingPage { accounts, last })
    }

    async fn unsent(
        &self,
        account: &AccountKey,
        after: Option<SentUpTo>,
        bounds: PageBounds,
    ) -> Result<UnsentPage, StoreError> {
        let kept = self.kept();
        let Some((version, _)) = kept.accounts.get(account) else {
            return Ok(UnsentPage { is_last: true, ..UnsentPage::default() });
        };
        let after = after.filter(|after| after.life == version.life).map_or(Revision(0), |after| after.revision);
        let (unsent, history) = (kept.unsent.get(account), kept.changes.get(account));
        let mut later = unsent.into_iter().flat_map(|unsent| unsent.range((Excluded(after), Unbounded)));
        let (mut changes, mut bytes) = (Vec::new(), 0);
        for (revision, at) in later.by_ref().take(bounds.count_max) {
            let change = history.and_then(|history| history.get(revision)).cloned();
            bytes += change.as_ref().map_or(0, |change| change.weight());
            changes.push(Unsent { revision: *revision, at: *at, change });
            if bytes >= bounds.bytes_max {
                break;
            }
        }
        Ok(UnsentPage { life: Some(version.life), changes, is_last: later.next().is_none() })
    }

    async fn remove_sent(&self, sent: &[SentChange]) -> Result<(), StoreError> {
        let mut kept = self.kept();
        for SentChange { account, life, revision } in sent {
            if kept.is_of_life(account, *life) {
                kept.remove_unsent(account, |other, _| other == *revision);
            }
        }
        Ok(())
    }

    async fn backlog(&self, app: AppId, changes_max: u64) -> Result<Backlog, StoreError> {
        let kept = self.kept();
        let times = kept.unsent_of(app).flat_map(|(_, unsent)| unsent.values().enumerate());
        let mut backlog = Backlog::default();
        for (place, at) in times.take(usize::try_from(changes_max).unwrap_or(usize::MAX)) {
            backlog.count(*at, place == 0);
        }
        Ok(backlog)
    }

    async fn sweep_unsent(
        &self,
        after: Option<&AccountKey>,
        rows_max: usize,
        not_before: &BTreeMap<AppId, TimeMs>,
    ) -> Result<UnsentSweep, StoreError> {
        let mut kept = self.kept();
        let later = kept.unsent.range::<AccountKey, _>((after.map_or(Unbounded, Excluded), Unbounded));
        let later: Vec<_> = later.map(|(account, _)| account.clone()).collect();
        let (mut removed, mut looked_at) = (0, 0);
        let ended =
            |removed, last| Ok(UnsentSweep { step: SweepStep { removed, last, damage: None }, given_up: removed });
        for account in later {
            let not_before = not_before.get(&account.app).copied().unwrap_or_default();
            removed += kept.remove_unsent(&account, |_, at| at < not_before);
            looked_at += 1;
            if removed as usize + looked_at >= rows_max {
                return ended(removed, Some(account));
            }
        }
        ended(removed, None)
    }

    async fn set_paused(&self, app: AppId, paused: bool) -> Result<(), StoreError> {
        let mut kept = self.kept();
        if paused {
            kept.paused.insert(app)
        } else {
            kept.paused.remove(&app)
        };
        Ok(())
    }

    async fn paused_apps(&self) -> Result<BTreeSet<AppId>, StoreError> {
        Ok(self.kept().paused.clone())
    }

    async fn forget_webhook(&self, app: AppId) -> Result<(), StoreError> {
        let mut kept = self.kept();
        kept.paused.remove(&app);
        kept.leases.retain(|(other, _), _| *other != app);
        Ok(())
    }

    async fn leases(&self, app: AppId) -> Result<Vec<Lease>, StoreError> {
        Ok(self.kept().leases.values().filter(|lease| lease.app == app).copied().collect())
    }

    async fn put_lease(&self, expected: Option<&Lease>, new: &Lease) -> Result<bool, StoreError> {
        let (mut kept, place) = (self.kept(), (new.app, new.share));
        let is_as_expected = Lease::is_as(kept.leases.get(&place), expected);
        if is_as_expected {
            kept.leases.insert(place, *new);
        }
        Ok(is_as_expected)
    }
}
