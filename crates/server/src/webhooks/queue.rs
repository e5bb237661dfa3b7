//! The accounts of an app that wait to be sent: which one is worked on next, and when one that failed is tried again.
//!
//! The queue holds names of accounts and nothing of what is sent. It reads no clock and draws no numbers.

mod held;
mod outcome;

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use pinfold_core::AccountId;
use tokio::time::Instant;

use self::held::{Held, Left, Place};
pub(super) use self::outcome::{Ended, SentWithin, Told};
use super::pace::Pace;
use super::receiver::{Blame, Down, Failure, Receiver};

/// An account at whose failures in a row an operator is told of it.
const TOLD_AT_FAILURES: u32 = 4;

/// The accounts of one app.
pub(super) struct Queue {
    pace: Arc<Pace>,
    /// Every account that is held, wherever it is.
    held: HashMap<AccountId, Held>,
    /// Accounts to begin with, in the order they came.
    ready: VecDeque<AccountId>,
    /// Those of them that failed the last time.
    again: VecDeque<AccountId>,
    /// Accounts that wait after a failure, by the end of their delay.
    failing: BTreeSet<(Instant, AccountId)>,
    /// Accounts that are worked on, and how many of them failed the last time.
    at_work: usize,
    retries: usize,
    receiver: Receiver,
    /// The account by which a receiver is tried that is down.
    probe: Option<AccountId>,
    store: StoreWait,
}

/// While the store fails, nothing begins.
#[derive(Default)]
struct StoreWait {
    failures: u32,
    until: Option<Instant>,
}

impl Queue {
    pub(super) fn new(pace: Arc<Pace>) -> Self {
        Self {
            receiver: Receiver::up(&pace),
            pace,
            held: HashMap::new(),
            ready: VecDeque::new(),
            again: VecDeque::new(),
            failing: BTreeSet::new(),
            at_work: 0,
            retries: 0,
            probe: None,
            store: StoreWait::default(),
        }
    }

    /// Takes an account in that has changes to send; false if there is no room for it.
    pub(super) fn add(&mut self, account: AccountId) -> bool {
        if let Some(held) = self.held.get_mut(&account) {
            if let Place::AtWork { is_dirty, is_lost, .. } = &mut held.place {
                (*is_dirty, *is_lost) = (true, false);
            }
            return true;
        }
        if self.held.len() >= self.pace.held_max {
            return false;
        }
        let held = Held { place: Place::Ready, within: None, failures: 0, reason: String::new(), had_more: false };
        self.held.insert(account.clone(), held);
        self.ready.push_back(account);
        true
    }

    /// Whether there is room for a page of a scan.
    pub(super) fn has_room(&self) -> bool {
        let waiting = self.ready.len() + self.again.len();
        waiting < self.pace.held_max / 2 && self.held.len() < self.pace.held_max
    }

    /// Whether accounts that a scan finds could be begun with soon.
    pub(super) fn wants_accounts(&self) -> bool {
        self.has_room() && (self.receiver.down().is_none() || self.held.is_empty())
    }

    /// The account to begin with now, and what of its first change was sent; `None` if none may begin.
    pub(super) fn next(&mut self, now: Instant) -> Option<(AccountId, Option<SentWithin>)> {
        if self.store.until.is_some_and(|until| now < until) {
            return None;
        }
        self.end_delays(now);
        let (account, is_retry) = match self.receiver.workers_max() {
            Some(workers_max) if self.at_work < workers_max => self.take(workers_max)?,
            Some(_) => return None,
            None => self.take_probe(now)?,
        };
        self.at_work += 1;
        self.retries += usize::from(is_retry);
        let held = self.held.get_mut(&account).expect("an account that waits is held");
        held.place = Place::AtWork { is_retry, is_dirty: false, is_lost: false };
        Some((account, held.within))
    }

    /// An account from the queues, and whether it failed the last time. While the receiver is given more and more,
    /// accounts that failed come last.
    fn take(&mut self, workers_max: usize) -> Option<(AccountId, bool)> {
        let may_retry = self.retries < self.pace.retries_max;
        let is_retry_first = workers_max == self.pace.workers_max || self.ready.is_empty();
        if may_retry
            && is_retry_first
            && let Some(account) = self.again.pop_front()
        {
            return Some((account, true));
        }
        self.ready.pop_front().map(|account| (account, false))
    }

    fn end_delays(&mut self, now: Instant) {
        while self.failing.first().is_some_and(|(until, _)| *until <= now) {
            let Some((_, account)) = self.failing.pop_first() else { return };
            self.put_ready(account, true);
        }
    }

    /// The account by which the receiver is tried, if it is time: the first one that did not fail if there is such a one.
    fn take_probe(&mut self, now: Instant) -> Option<(AccountId, bool)> {
        if self.probe.is_some() || self.receiver.down().is_some_and(|down| now < down.next) {
            return None;
        }
        let fresh = self.ready.pop_front().map(|account| (account, false));
        let mut failed = || self.again.pop_front().or_else(|| Some(self.failing.pop_first()?.1));
        let taken = fresh.or_else(|| Some((failed()?, true)))?;
        self.probe = Some(taken.0.clone());
        Some(taken)
    }

    /// Whether a request of this account, which is worked on, may be sent as far as the receiver is concerned.
    pub(super) fn may_send(&self, account: &AccountId) -> bool {
        self.receiver.down().is_none() || self.probe.as_ref() == Some(account)
    }

    /// A request was taken. Returns the receiver's state before if it was down.
    pub(super) fn took_one(&mut self) -> Option<Down> {
        self.probe = None;
        self.receiver.took_one(&self.pace)
    }

    /// The work on an account ended. `jitter` is from 0 to 1.
    pub(super) fn ended(&mut self, account: AccountId, ended: Ended, now: Instant, jitter: f64) -> Told {
        let Some(Left { is_retry, is_dirty, was_probe }) = self.leave_work(&account, &ended) else {
            return Told::Nothing;
        };
        match ended {
            Ended::Done => return self.done(account, is_dirty),
            Ended::More => return self.sent_page(account),
            Ended::Stopped(_) => self.put_ready(account, is_retry),
            Ended::Store => {
                self.store_failed(now, jitter);
                self.put_ready(account, is_retry);
            }
            Ended::Failed { failure, .. } => {
                if was_probe {
                    self.receiver.probe_failed(&self.pace, now, jitter);
                }
                return self.failed(account, failure, now, jitter);
            }
        }
        Told::Nothing
    }

    /// Takes an account from those that are worked on; `None` if it is to be forgotten.
    fn leave_work(&mut self, account: &AccountId, ended: &Ended) -> Option<Left> {
        let held = self.held.get_mut(account)?;
        let Place::AtWork { is_retry, is_dirty, is_lost } = held.place else { return None };
        match ended {
            Ended::Failed { within, .. } | Ended::Stopped(within) => {
                // Something was taken meanwhile: what fails now is another request.
                if *within != held.within {
                    held.failures = 0;
                }
                held.within = *within;
            }
            Ended::Done | Ended::More => held.within = None,
            Ended::Store => {}
        }
        if !matches!(ended, Ended::Store | Ended::Stopped(_)) {
            self.store = StoreWait::default();
        }
        self.at_work -= 1;
        self.retries -= usize::from(is_retry);
        let was_probe = self.probe.take_if(|probe| probe == account).is_some();
        if is_lost {
            self.held.remove(account);
            return None;
        }
        Some(Left { is_retry, is_dirty, was_probe })
    }

    /// Everything was sent that the account had when its work began.
    fn done(&mut self, account: AccountId, is_dirty: bool) -> Told {
        let Some(held) = self.held.get_mut(&account) else { return Told::Nothing };
        let had_more = std::mem::take(&mut held.had_more);
        if is_dirty {
            held.failures = 0;
            self.put_ready(account, false);
        } else {
            self.held.remove(&account);
        }
        if had_more { Told::CaughtUp } else { Told::Nothing }
    }

    /// A page was sent.
    fn sent_page(&mut self, account: AccountId) -> Told {
        if let Some(held) = self.held.get_mut(&account) {
            (held.failures, held.had_more) = (0, true);
            self.put_ready(account, false);
        }
        Told::Nothing
    }

    fn failed(&mut self, account: AccountId, failure: Failure, now: Instant, jitter: f64) -> Told {
        match self.receiver.refused(&account, &failure, &self.pace, now, jitter) {
            Blame::Account => self.delay(account, failure.reason, now, jitter),
            Blame::Receiver => {
                self.put_ready(account, !failure.is_unreachable);
                Told::Nothing
            }
            Blame::GoesDown(row) => {
                self.put_ready(account, !failure.is_unreachable);
                row.iter().for_each(|account| self.forgive(account));
                Told::ReceiverDown
            }
        }
    }

    /// Has an account wait after a failure of its own.
    fn delay(&mut self, account: AccountId, reason: String, now: Instant, jitter: f64) -> Told {
        let Some(held) = self.held.get_mut(&account) else { return Told::Nothing };
        held.failures = held.failures.saturating_add(1);
        held.reason = reason;
        let failures = held.failures;
        let until = now + self.pace.retries.after(failures, jitter);
        held.place = Place::Failing { until };
        self.failing.insert((until, account));
        if self.failing.len() > self.pace.held_max / 2
            && let Some((_, last)) = self.failing.pop_last()
        {
            // A scan finds it again.
            self.held.remove(&last);
        }
        if failures == TOLD_AT_FAILURES { Told::AccountFails } else { Told::Nothing }
    }

    /// Takes back the last failure of an account, which was the receiver's.
    fn forgive(&mut self, account: &AccountId) {
        let Some(held) = self.held.get_mut(account) else { return };
        let Place::Failing { until } = held.place else { return };
        held.failures -= 1;
        self.failing.remove(&(until, account.clone()));
        self.put_ready(account.clone(), true);
    }

    /// Puts an account that is held at the end of those that may begin.
    fn put_ready(&mut self, account: AccountId, failed: bool) {
        let Some(held) = self.held.get_mut(&account) else { return };
        held.place = Place::Ready;
        if failed { self.again.push_back(account) } else { self.ready.push_back(account) }
    }

    /// The store failed: nothing begins for a while.
    pub(super) fn store_failed(&mut self, now: Instant, jitter: f64) {
        // Others that failed at the same time count once.
        if self.store.until.is_none_or(|until| until <= now) {
            self.store.failures = self.store.failures.saturating_add(1);
            self.store.until = Some(now + self.pace.store.after(self.store.failures, jitter));
        }
    }

    /// The store answered.
    pub(super) fn store_answered(&mut self) {
        self.store = StoreWait::default();
    }

    /// Tries everything at once: sending is resumed, or goes to another receiver.
    pub(super) fn begin_anew(&mut self) {
        self.receiver = Receiver::up(&self.pace);
        self.probe = None;
        while let Some((_, account)) = self.failing.pop_first() {
            self.put_ready(account, true);
        }
    }

    /// When [`Queue::next`] may give an account that it did not give just now, even if nothing ends before.
    pub(super) fn wake_at(&self, now: Instant) -> Option<Instant> {
        if let Some(until) = self.store.until.filter(|until| now < *until) {
            return Some(until);
        }
        match self.receiver.down() {
            Some(down) => (self.probe.is_none() && self.held.len() > self.at_work).then_some(down.next),
            None => self.failing.first().map(|(until, _)| *until),
        }
    }

    pub(super) fn receiver(&self) -> &Receiver {
        &self.receiver
    }

    /// The accounts that wait after failures of their own: failures, reason, and when each is tried again.
    pub(super) fn failing(&self) -> impl Iterator<Item = (&AccountId, u32, &str, Instant)> {
        self.failing.iter().map(|(until, account)| {
            let held = &self.held[account];
            (account, held.failures, held.reason.as_str(), *until)
        })
    }

    /// Forgets accounts; those that are worked on when their work ends.
    pub(super) fn forget(&mut self, is_lost: impl Fn(&AccountId) -> bool) {
        self.ready.retain(|account| !is_lost(account));
        self.again.retain(|account| !is_lost(account));
        self.failing.retain(|(_, account)| !is_lost(account));
        self.held.retain(|account, held| match &mut held.place {
            Place::AtWork { is_lost: lost, .. } => {
                *lost |= is_lost(account);
                true
            }
            Place::Ready | Place::Failing { .. } => !is_lost(account),
        });
    }

    /// Whether one of these accounts is worked on.
    pub(super) fn works_on_any(&self, is_one: impl Fn(&AccountId) -> bool) -> bool {
        let mut held = self.held.iter();
        held.any(|(account, held)| matches!(held.place, Place::AtWork { .. }) && is_one(account))
    }
}

#[cfg(test)]
mod tests;
