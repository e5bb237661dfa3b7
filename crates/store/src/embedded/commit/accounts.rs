//! Commits of accounts: the changes that are not in conflict join the batch, and are published when it is durable.

use std::collections::HashMap;
use std::sync::Arc;

use super::jobs::{AccountJob, answer};
use super::recent_writes::Times;
use super::writer::Writer;
use crate::embedded::cache::accounts::{self, Cached};
use crate::embedded::format::rows::Writes;
use crate::sync::HashBuilder;
use crate::{AccountKey, Commit, Position, StoreError, Version};

/// The versions of the accounts in a batch, after the changes accepted so far.
type Versions = HashMap<AccountKey, Option<Version>, HashBuilder>;

/// The changes of accounts in a batch.
pub(super) struct Accepted {
    pub(super) jobs: Vec<AccountJob>,
    versions: Versions,
}

impl Writer {
    /// Answers the jobs that are in conflict, and adds the others to what the batch writes.
    pub(super) fn accept_accounts(&self, jobs: Vec<AccountJob>, writes: &mut Writes, times: &mut Times) -> Accepted {
        let count = jobs.len();
        let mut winners = Vec::with_capacity(count);
        let mut versions = Versions::with_capacity_and_hasher(count, HashBuilder::default());
        for mut job in jobs {
            match self.times_of(&job, &versions, times) {
                Ok(Some(of_job)) => {
                    versions.insert(job.account.clone(), job.published.version);
                    times.extend(of_job);
                    writes.append(&mut job.writes);
                    winners.push(job);
                }
                Ok(None) => self.end(job, Ok(Commit::Conflict)),
                Err(error) => self.end(job, Err(error)),
            }
        }
        if versions.len() < count {
            *writes = last_of_each(std::mem::take(writes));
        }
        Accepted { jobs: winners, versions }
    }

    pub(super) fn end_accounts(&mut self, Accepted { mut jobs, versions }: Accepted, written: &Result<(), StoreError>) {
        if written.is_ok() {
            // Before all answers: a caller that is told of its change reads it, also where a later job has the state that is
            // published.
            jobs.iter_mut().for_each(|job| self.publish(job, &versions));
            // Before the answers, and in the order of the jobs, which is that of an account's revisions.
            jobs.iter().for_each(|job| self.tell(job));
        } else if self.undecided.is_empty() {
            self.undecided = jobs.iter().map(|job| job.account.clone()).collect();
        }
        for job in jobs {
            self.end(job, written.clone().map(|()| Commit::Committed));
        }
    }

    fn publish(&self, job: &mut AccountJob, versions: &Versions) {
        if let Some(facts) = job.facts.take() {
            self.head_cache.publish(job.account.clone(), facts);
        }
        // Only the last of several states of an account is published.
        if versions.get(&job.account) == Some(&job.published.version) {
            accounts::publish(&self.accounts, job.account.clone(), Arc::clone(&job.published));
        }
    }

    /// Tells of a commit that can be read. Whether the sink wants to know is asked now: one that begins to listen later
    /// reads this commit.
    fn tell(&self, job: &AccountJob) {
        let Cached { version, state, .. } = &*job.published;
        let position = version.map(|version| Position::of(version, &state.head));
        self.sink.tell(&job.account, position, job.change.as_ref());
    }

    /// Tells where the accounts of a batch stand that failed: after the store has reopened it is whole or absent.
    pub(super) fn tell_undecided(&mut self) {
        let Some(engine) = &self.engine else { return };
        for account in std::mem::take(&mut self.undecided) {
            if let Ok(head) = engine.head(&account) {
                self.sink.tell(&account, head.map(|(version, head)| Position::of(version, &head)), None);
            }
        }
    }

    /// Ends a job. The account's newest state is the durable one from here on, unless a later change is in flight.
    fn end(&self, job: AccountJob, result: Result<Commit, StoreError>) {
        // In this order: a caller that is told that a state failed reads the newest one again, and would find the failed
        // one until all its tries are used up if it were still in flight.
        self.in_flight.ended(&job.account, &job.published, job.change_bytes);
        job.published.durability.decide(matches!(result, Ok(Commit::Committed)));
        answer(job.done, result);
    }

    /// The times that a job writes and removes. `None` if its base is no longer the account's version, or an entry that
    /// it removes has another time than was seen, this batch included.
    fn times_of(&self, job: &AccountJob, versions: &Versions, times: &Times) -> Result<Option<Times>, StoreError> {
        let current = match versions.get(&job.account) {
            Some(version) => *version,
            None => self.version(&job.account)?,
        };
        if current != job.base || !self.have_times(&job.removed_entries, times)? {
            return Ok(None);
        }
        let mut of_job: Times = job.removed_entries.iter().map(|(row, _)| (row.clone(), None)).collect();
        of_job.extend(self.later_than_kept(&job.restored_entries, times)?);
        Ok(Some(of_job))
    }

    fn version(&self, account: &AccountKey) -> Result<Option<Version>, StoreError> {
        if let Some(cached) = self.accounts.peek(account) {
            return Ok(cached.version);
        }
        Ok(self.engine()?.head(account)?.map(|(version, _)| version))
    }
}

/// Keeps the last write of each row: several jobs may write the same rows.
pub(super) fn last_of_each(writes: Writes) -> Writes {
    writes.into_iter().collect::<HashMap<_, _>>().into_iter().collect()
}
