//! Which of the changes that are stored for an account a snapshot shows.

use std::sync::Arc;

use pinfold_core::{Head, HistoryChange, Revision, TimeMs};

use crate::dump::name;
use crate::{AccountKey, Damage, SnapshotItem, StoreError};

/// The changes of an account as a snapshot meets them: the unbroken run that its head tells of, whose oldest changes may
/// be gone. What lies before the run waits for a sweep.
pub(crate) struct KeptRun {
    account: AccountKey,
    /// The run's first revision, its last one and the time of that.
    from: u32,
    last: Revision,
    last_at: TimeMs,
    /// The change that came last, and its time if it could be read.
    met: Option<(Revision, Option<TimeMs>)>,
}

impl KeptRun {
    /// The run of an account with this head, if it has one: what is stored of this life of it.
    pub(crate) fn of(account: &AccountKey, head: Option<&Head>) -> Self {
        let (from, last, at) = head.map_or((0, 0, 0), |head| (head.history_from, head.revision, head.newest_ms));
        Self { account: account.clone(), from, last: Revision(last), last_at: TimeMs(at), met: None }
    }

    /// What a snapshot says of the next stored change, in ascending order.
    pub(crate) fn next(
        &mut self,
        revision: Revision,
        change: Result<Arc<HistoryChange>, StoreError>,
    ) -> impl Iterator<Item = SnapshotItem> + use<> {
        if self.from == 0 || revision.0 < self.from {
            return [None, None].into_iter().flatten();
        }
        if revision > self.last {
            let problem = format!("change {revision} is kept, and its last change is {}", self.last);
            return [Some(SnapshotItem::Damage(self.damage(&problem))), None].into_iter().flatten();
        }
        let gap = self
            .met
            .filter(|(met, _)| met.0 + 1 < revision.0)
            .map(|(met, _)| self.lost(&format!("of its changes, those between {met} and {revision} are missing")));
        self.met = Some((revision, change.as_ref().ok().map(|change| change.at)));
        let found = match change {
            Ok(change) => SnapshotItem::Change(self.account.clone(), change),
            Err(problem) => self.lost(&format!("change {revision}: {problem}")),
        };
        [gap, Some(found)].into_iter().flatten()
    }

    /// What a snapshot says after the last stored change.
    pub(crate) fn end(self) -> Option<SnapshotItem> {
        let (met, at) = self.met?;
        if met != self.last {
            return Some(self.lost(&format!("its changes end with {met}, and its last change is {}", self.last)));
        }
        let is_another = at.is_some_and(|at| at != self.last_at);
        is_another.then(|| self.lost(&format!("the time of change {met} is not that of its last change")))
    }

    fn lost(&self, problem: &str) -> SnapshotItem {
        SnapshotItem::LostHistory(self.account.clone(), self.damage(problem))
    }

    fn damage(&self, problem: &str) -> Damage {
        Damage::new(name(&self.account), &problem)
    }
}

#[cfg(test)]
mod tests {
    use pinfold_core::{AccountId, AppId, Via};

    use super::*;

    fn change(revision: u32, at: u64) -> Result<Arc<HistoryChange>, StoreError> {
        let (revision, at) = (Revision(revision), TimeMs(at));
        Ok(Arc::new(HistoryChange {
            revision,
            at,
            caller: None,
            via: Via::Call,
            command: "top".into(),
            events: vec![],
        }))
    }

    /// What a snapshot says of an account whose changes 3 to 6 are kept, the last one from second 6.
    fn told(stored: impl IntoIterator<Item = (u32, Result<Arc<HistoryChange>, StoreError>)>) -> Vec<String> {
        let account = AccountKey { app: AppId(1), account: AccountId::parse("alice").unwrap() };
        let head = Head { history_from: 3, revision: 6, newest_ms: 6000, ..Head::default() };
        let mut run = KeptRun::of(&account, Some(&head));
        let mut items: Vec<_> =
            stored.into_iter().flat_map(|(revision, change)| run.next(Revision(revision), change)).collect();
        items.extend(run.end());
        let told = |item| {
            if let SnapshotItem::Change(_, change) = item {
                change.revision.to_string()
            } else if let SnapshotItem::LostHistory(_, damage) = item {
                format!("lost: {}", damage.problem)
            } else if let SnapshotItem::Damage(damage) = item {
                damage.problem
            } else {
                panic!("{item:?}")
            }
        };
        items.into_iter().map(told).collect()
    }

    fn of_revisions(revisions: &[u32]) -> Vec<String> {
        told(revisions.iter().map(|revision| (*revision, change(*revision, u64::from(*revision) * 1000))))
    }

    #[test]
    fn what_is_kept_is_the_run_up_to_the_last_change_without_a_prefix_that_is_gone() {
        assert_eq!(of_revisions(&[3, 4, 5, 6]), ["3", "4", "5", "6"]);
        assert_eq!(of_revisions(&[5, 6]), ["5", "6"]);
        assert_eq!(of_revisions(&[]), [""; 0]);
    }

    #[test]
    fn what_lies_before_the_run_is_not_shown_and_is_no_damage() {
        assert_eq!(of_revisions(&[1, 5, 6]), ["5", "6"]);
        let account = AccountKey { app: AppId(1), account: AccountId::parse("alice").unwrap() };
        for head in [None, Some(Head { revision: 6, ..Head::default() })] {
            let mut run = KeptRun::of(&account, head.as_ref());
            assert_eq!(run.next(Revision(2), change(2, 2)).count(), 0);
            assert!(run.end().is_none());
        }
    }

    #[test]
    fn a_gap_a_missing_end_and_a_change_that_cannot_be_read_are_lost_history() {
        let gap = "lost: of its changes, those between 3 and 6 are missing";
        assert_eq!(of_revisions(&[3, 6]), ["3", gap, "6"]);
        assert_eq!(of_revisions(&[3]), ["3", "lost: its changes end with 3, and its last change is 6"]);
        let damaged = Err(StoreError::Damaged("a change is empty".into()));
        let told = told([(5, damaged), (6, change(6, 6000))]);
        assert_eq!(told, ["lost: change 5: damaged data: a change is empty", "6"]);
    }

    #[test]
    fn a_change_after_the_last_one_is_damage_that_loses_nothing() {
        assert_eq!(of_revisions(&[6, 7]), ["6", "change 7 is kept, and its last change is 6"]);
    }

    #[test]
    fn the_last_change_has_the_time_of_its_account() {
        let told = told([(6, change(6, 5999))]);
        assert_eq!(told, ["6", "lost: the time of change 6 is not that of its last change"]);
    }
}
