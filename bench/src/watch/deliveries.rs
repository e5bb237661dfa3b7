//! How long a change takes from the answer of its call to the watcher of its account, and whether each is told once.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::latency::Latencies;

/// How long nothing may come before what was not told counts as never told.
const SILENCE_MAX: Duration = Duration::from_secs(2);
const LOOK: Duration = Duration::from_millis(50);

/// What was answered and told of the accounts that are watched, by their numbers.
pub(super) struct Deliveries {
    accounts: Vec<Mutex<Account>>,
    told: Mutex<Told>,
}

struct Told {
    times: Latencies,
    last: Instant,
}

#[derive(Default)]
struct Account {
    /// Of calls whose change was not told yet.
    answered: VecDeque<Instant>,
    /// Changes that were told before the answer of their call was read.
    early: u32,
    /// Of the last change that was told.
    revision: Option<u32>,
}

impl Deliveries {
    pub(super) fn new(accounts: u32) -> Self {
        let told = Mutex::new(Told { times: Latencies::new(), last: Instant::now() });
        Self { accounts: (0..accounts).map(|_| Mutex::default()).collect(), told }
    }

    /// The answer of a call that changes this account, which need not be watched, was read.
    pub(super) fn answered(&self, account: u32) {
        let Some(account) = self.accounts.get(account as usize) else { return };
        let mut account = lock(account);
        match account.early.checked_sub(1) {
            Some(early) => {
                account.early = early;
                self.record(Duration::ZERO);
            }
            None => account.answered.push_back(Instant::now()),
        }
    }

    /// The watcher of this account read a change. It must be the next one.
    pub(super) fn told(&self, number: u32, revision: u32) -> Result<(), String> {
        let mut account = self.account(number);
        if let Some(last) = account.revision.replace(revision)
            && revision != last + 1
        {
            return Err(format!("the watcher of account {number} was told change {revision} after {last}"));
        }
        match account.answered.pop_front() {
            Some(answered) => self.record(answered.elapsed()),
            None => account.early += 1,
        }
        Ok(())
    }

    /// Waits until all that was answered was told, or nothing comes any more. Gives the number of changes that were not
    /// told: about one mark in a million is the one that is there already. Forgets them.
    pub(super) async fn settle(&self) -> usize {
        let (mut left, mut since) = (self.left(), Instant::now());
        while left > 0 && since.elapsed() < SILENCE_MAX {
            tokio::time::sleep(LOOK).await;
            let now = self.left();
            if now != left {
                (left, since) = (now, Instant::now());
            }
        }
        for account in 0..self.accounts.len() as u32 {
            let mut account = self.account(account);
            account.answered.clear();
            account.early = 0;
        }
        left
    }

    fn left(&self) -> usize {
        (0..self.accounts.len() as u32).map(|account| self.account(account).answered.len()).sum()
    }

    /// The times since they were taken last.
    pub(super) fn take(&self) -> Latencies {
        std::mem::replace(&mut lock(&self.told).times, Latencies::new())
    }

    /// When the last change was told that was answered before or since.
    pub(super) fn last_told(&self) -> Instant {
        lock(&self.told).last
    }

    fn record(&self, time: Duration) {
        let mut told = lock(&self.told);
        told.times.record(time.as_micros() as u64);
        told.last = Instant::now();
    }

    fn account(&self, number: u32) -> MutexGuard<'_, Account> {
        lock(&self.accounts[number as usize])
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_delivered_once_whichever_of_answer_and_event_is_read_first() {
        let deliveries = Deliveries::new(2);
        deliveries.answered(0);
        deliveries.told(0, 7).unwrap();
        deliveries.told(1, 3).unwrap();
        deliveries.answered(1);
        assert_eq!((deliveries.left(), deliveries.take().count()), (0, 2));
        deliveries.answered(1);
        assert_eq!(deliveries.left(), 1);
    }

    #[test]
    fn a_gap_and_a_repeat_are_errors() {
        let deliveries = Deliveries::new(1);
        for (revision, is_right) in [(5, true), (6, true), (8, false), (8, false), (9, true)] {
            assert_eq!(deliveries.told(0, revision).is_ok(), is_right, "{revision}");
        }
    }
}
