//! The writer's health: whether a write failed, a commit is stuck, or the directory was replaced.

use std::sync::PoisonError;
use std::time::Duration;

use crate::StoreError;
use crate::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use crate::sync::{Instant, Mutex, MutexGuard, mpsc};

/// Why the store does not take writes.
#[derive(Clone, Debug)]
enum Trouble {
    /// A resource of the system is exhausted. The store reopens by itself once it is available.
    Shortage(String),
    /// A write failed for another cause. Only a restart helps.
    Failed(String),
    /// The directory is not the one that was opened. Reads fail as well; only a restart helps.
    Displaced(String),
}

/// The health of one writer.
#[derive(Debug)]
pub(crate) struct WriterHealth {
    began: Instant,
    is_in_trouble: AtomicBool,
    trouble: Mutex<Option<Trouble>>,
    /// Milliseconds from `began` to the start of the commit under way, plus one; 0 when there is none.
    committing_since_ms: AtomicU64,
    commit_max: Duration,
}

impl WriterHealth {
    /// A writer whose commits should take less than `commit_max`.
    pub(crate) fn new(commit_max: Duration) -> Self {
        Self {
            began: Instant::now(),
            is_in_trouble: AtomicBool::new(false),
            trouble: Mutex::new(None),
            committing_since_ms: AtomicU64::new(0),
            commit_max,
        }
    }

    pub(super) fn commit_begins(&self) {
        self.committing_since_ms.store(self.now_ms() + 1, Ordering::Relaxed);
    }

    pub(super) fn commit_ended(&self) {
        self.committing_since_ms.store(0, Ordering::Relaxed);
    }

    /// Takes the store out of service for writes until a restart; only the first cause is kept.
    pub(super) fn poison(&self, cause: String) {
        let mut trouble = self.trouble();
        if matches!(*trouble, None | Some(Trouble::Shortage(_))) {
            tracing::error!(cause, "the store takes no writes any more; free its disk or repair it, then restart");
            self.set(&mut trouble, Some(Trouble::Failed(cause)));
        }
    }

    /// Takes the store out of service for writes until [`WriterHealth::recovered`].
    pub(super) fn run_short(&self, cause: String) {
        let mut trouble = self.trouble();
        if trouble.is_none() {
            tracing::error!(cause, "the store takes no writes for now: a resource is exhausted; it reopens by itself");
            self.set(&mut trouble, Some(Trouble::Shortage(cause)));
        }
    }

    /// Takes the store out of service for reads and writes until a restart.
    pub(super) fn displace(&self, cause: String) {
        let mut trouble = self.trouble();
        if !matches!(*trouble, Some(Trouble::Displaced(_))) {
            tracing::error!(cause, "the store is out of service: its files are not those it opened; restart it");
            self.set(&mut trouble, Some(Trouble::Displaced(cause)));
        }
    }

    /// The shortage has ended.
    pub(super) fn recovered(&self) {
        let mut trouble = self.trouble();
        if matches!(*trouble, Some(Trouble::Shortage(_))) {
            self.set(&mut trouble, None);
        }
    }

    /// Whether the store has to reopen.
    pub(super) fn is_short(&self) -> bool {
        self.is_in_trouble.load(Ordering::Acquire) && matches!(*self.trouble(), Some(Trouble::Shortage(_)))
    }

    /// Whether writes are accepted.
    ///
    /// # Errors
    /// [`StoreError::Poisoned`] after a failed write, [`StoreError::OutOfService`] where reads fail too,
    /// [`StoreError::Timeout`] while a commit is stuck.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        if self.is_in_trouble.load(Ordering::Acquire)
            && let Some(trouble) = self.trouble().clone()
        {
            return Err(trouble.into());
        }
        let since = self.committing_since_ms.load(Ordering::Relaxed);
        let stuck = since > 0 && self.now_ms() + 1 - since > self.commit_max.as_millis() as u64;
        if stuck { Err(StoreError::Timeout) } else { Ok(()) }
    }

    /// Whether reads are answered.
    ///
    /// # Errors
    /// [`StoreError::OutOfService`].
    pub(crate) fn check_read(&self) -> Result<(), StoreError> {
        if self.is_in_trouble.load(Ordering::Acquire)
            && let Some(displaced @ Trouble::Displaced(_)) = self.trouble().clone()
        {
            return Err(displaced.into());
        }
        Ok(())
    }

    fn set(&self, trouble: &mut Option<Trouble>, to: Option<Trouble>) {
        self.is_in_trouble.store(to.is_some(), Ordering::Release);
        *trouble = to;
    }

    fn trouble(&self) -> MutexGuard<'_, Option<Trouble>> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now_ms(&self) -> u64 {
        self.began.elapsed().as_millis() as u64
    }
}

impl From<Trouble> for StoreError {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Shortage(cause) => {
                Self::Poisoned(format!("{cause}; the store reopens by itself when the shortage has ended"))
            }
            Trouble::Failed(cause) => Self::Poisoned(cause),
            Trouble::Displaced(cause) => Self::OutOfService(cause),
        }
    }
}

/// The error for a job that was not queued.
pub(crate) fn not_queued<T>(error: &mpsc::TrySendError<T>, waiting_max: usize) -> StoreError {
    match error {
        mpsc::TrySendError::Full(_) => StoreError::Overloaded { waiting_max },
        mpsc::TrySendError::Disconnected(_) => StoreError::Failed("the store is closed".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_that_takes_too_long_is_reported_while_it_lasts() {
        let health = WriterHealth::new(Duration::from_millis(5));
        health.commit_begins();
        assert!(health.check().is_ok());
        std::thread::sleep(Duration::from_millis(20));
        assert!(matches!(health.check(), Err(StoreError::Timeout)));
        health.commit_ended();
        assert!(health.check().is_ok());
    }

    #[test]
    fn poison_stays_and_keeps_its_first_cause() {
        let health = WriterHealth::new(Duration::from_secs(5));
        health.poison("input/output error".into());
        health.poison("poisoned".into());
        health.run_short("disk full".into());
        health.recovered();
        assert!(matches!(health.check(), Err(StoreError::Poisoned(cause)) if cause == "input/output error"));
        assert!(health.check_read().is_ok() && !health.is_short());
    }

    #[test]
    fn a_shortage_ends_unless_a_failure_follows() {
        let health = WriterHealth::new(Duration::from_secs(5));
        health.run_short("disk full".into());
        assert!(health.is_short() && health.check_read().is_ok());
        assert!(matches!(health.check(), Err(StoreError::Poisoned(cause)) if cause.starts_with("disk full; ")));
        health.recovered();
        assert!(health.check().is_ok());
        health.run_short("disk full".into());
        health.poison("damaged".into());
        health.recovered();
        assert!(matches!(health.check(), Err(StoreError::Poisoned(cause)) if cause == "damaged"));
    }

    #[test]
    fn a_store_whose_files_were_replaced_serves_no_reads_either() {
        let health = WriterHealth::new(Duration::from_secs(5));
        health.run_short("disk full".into());
        health.displace("the directory is gone".into());
        health.recovered();
        for checked in [health.check(), health.check_read()] {
            assert!(matches!(checked, Err(StoreError::OutOfService(cause)) if cause == "the directory is gone"));
        }
    }
}
