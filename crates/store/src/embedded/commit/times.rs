//! Changes of times: each is decided by what is kept when its batch is written, so that no later time is lost.

use fjall::Slice;
use pinfold_core::Timestamp;

use super::jobs::{TimeChange, TimesJob, answer};
use super::recent_writes::{Seen, Times};
use super::writer::Writer;
use crate::StoreError;
use crate::embedded::format::rows::Write;
use crate::embedded::format::times;

/// A job with the number of rows that it changes.
pub(super) type AcceptedTimes = (TimesJob, u64);

impl Writer {
    /// Adds what these jobs change to what the batch writes.
    pub(super) fn accept_times(&self, jobs: Vec<TimesJob>, written: &mut Times) -> Vec<AcceptedTimes> {
        let mut accepted = Vec::with_capacity(jobs.len());
        for job in jobs {
            match self.change_times(&job, written) {
                Ok(changed) => accepted.push((job, changed)),
                Err(error) => self.end_times(job, Err(error)),
            }
        }
        accepted
    }

    fn change_times(&self, job: &TimesJob, written: &mut Times) -> Result<u64, StoreError> {
        let mut changed = 0;
        for TimeChange { row, seen, later } in &job.changes {
            let kept = self.kept(row, Some(Seen { at: *seen, read_commit: job.read_commit }), written)?;
            let is_due = match later {
                Some(later) => kept.is_none_or(|kept| kept < *later),
                None => kept.is_some() && kept == *seen,
            };
            if is_due {
                written.insert(row.clone(), *later);
                changed += 1;
            }
        }
        Ok(changed)
    }

    /// Whether these rows have these times, the batch included.
    pub(super) fn have_times(&self, rows: &[(Slice, Timestamp)], written: &Times) -> Result<bool, StoreError> {
        for (row, at) in rows {
            if self.kept(row, None, written)? != Some(*at) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Those of these times that are later than what is kept in their rows, the batch included.
    pub(super) fn later_than_kept(&self, rows: &[(Slice, Timestamp)], written: &Times) -> Result<Times, StoreError> {
        let mut later = Times::default();
        for (row, at) in rows {
            if self.kept(row, None, written)?.is_none_or(|kept| kept < *at) {
                later.insert(row.clone(), Some(*at));
            }
        }
        Ok(later)
    }

    /// The time in a row; `None` also for one that does not decode, which a later time may replace.
    fn kept(&self, row: &Slice, seen: Option<Seen>, written: &Times) -> Result<Option<Timestamp>, StoreError> {
        match written.get(row) {
            Some(at) => Ok(*at),
            None => self
                .recent_writes
                .kept(row, seen, || Ok(self.engine()?.get(row)?.and_then(|value| times::decode(&value).ok()))),
        }
    }

    pub(super) fn end_times(&self, job: TimesJob, result: Result<u64, StoreError>) {
        self.in_flight.release(job.bytes);
        answer(job.done, result);
    }
}

/// The rows of a batch.
pub(super) fn rows(written: &Times) -> impl Iterator<Item = Write> {
    written.iter().map(|(row, at)| (row.clone(), at.map(|at| times::encode(at).into())))
}
