//! Commits of accounts: the changes of a batch that are not in conflict are written together, then published.

use std::collections::HashMap;
use std::sync::Arc;

use super::jobs::{AccountJob, answer};
use super::writer::Writer;
use crate::embedded::cache::accounts;
use crate::embedded::format::rows::Writes;
use crate::embedded::format::{heads, keys};
use crate::sync::HashBuilder;
use crate::{AccountKey, Commit, StoreError, Version};

/// The versions of the accounts in a batch, after the changes accepted so far.
type Versions = HashMap<AccountKey, Option<Version>, HashBuilder>;

impl Writer {
    pub(super) fn write_accounts(&mut self, batch: Vec<AccountJob>) {
        let mut writes = Writes::new();
        let accounts = batch.len();
        let mut winners = Vec::with_capacity(batch.len());
        let mut versions = Versions::with_capacity_and_hasher(batch.len(), HashBuilder::default());
        for mut job in batch {
            match self.is_current(&job, &mut versions) {
                Ok(true) => {
                    writes.append(&mut job.writes);
                    winners.push(job);
                }
                Ok(false) => self.end(job, Ok(Commit::Conflict)),
                Err(error) => self.end(job, Err(error)),
            }
        }
        if winners.is_empty() {
            return;
        }
        if versions.len() < accounts {
            writes = last_of_each(writes);
        }
        let written = self.commit(writes, winners.len());
        for job in winners {
            if let Some(imported) = job.registered.filter(|_| written.is_ok()) {
                self.head_cache.publish(job.account.clone(), imported);
            }
            // Only the last of several states of an account is published.
            if written.is_ok() && versions.get(&job.account) == Some(&job.published.version) {
                accounts::publish(&self.accounts, job.account.clone(), Arc::clone(&job.published));
            }
            self.end(job, written.clone().map(|()| Commit::Committed));
        }
    }

    /// Ends a job. The account's newest state is the durable one from here on, unless a later change is in flight.
    fn end(&self, job: AccountJob, result: Result<Commit, StoreError>) {
        // In this order: a caller that is told that a state failed reads the newest one again, and would find the failed
        // one until all its tries are used up if it were still in flight.
        self.in_flight.ended(&job.account, &job.published);
        job.published.durability.decide(matches!(result, Ok(Commit::Committed)));
        answer(job.done, result);
    }

    /// Whether the job's base is still the account's version, this batch included.
    fn is_current(&self, job: &AccountJob, versions: &mut Versions) -> Result<bool, StoreError> {
        let current = match versions.get(&job.account) {
            Some(version) => *version,
            None => self.version(&job.account)?,
        };
        let is_current = current == job.base;
        if is_current {
            versions.insert(job.account.clone(), job.published.version);
        }
        Ok(is_current)
    }

    fn version(&self, account: &AccountKey) -> Result<Option<Version>, StoreError> {
        if let Some(cached) = self.accounts.peek(account) {
            return Ok(cached.version);
        }
        let head = keys::row(&keys::account_prefix(account), &keys::Row::Head);
        self.engine()?.get(&head)?.map(|value| Ok(heads::decode_head(&value)?.0)).transpose()
    }
}

/// Keeps the last write of each row: several changes of one account may write the same rows.
fn last_of_each(writes: Writes) -> Writes {
    writes.into_iter().collect::<HashMap<_, _>>().into_iter().collect()
}
