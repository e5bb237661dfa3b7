//! The state of the writer that others may ask for: is it poisoned, is a commit stuck?

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{OnceLock, mpsc};
use std::time::{Duration, Instant};

use crate::StoreError;

/// Watches one writer.
#[derive(Debug)]
pub(super) struct Gauge {
    began: Instant,
    poisoned: OnceLock<String>,
    /// Milliseconds from `began` to the start of the commit under way, plus one; 0 when there is none.
    committing_since_ms: AtomicU64,
    commit_max: Duration,
}

impl Gauge {
    /// A writer whose commits should take less than `commit_max`.
    pub(super) fn new(commit_max: Duration) -> Self {
        Self { began: Instant::now(), poisoned: OnceLock::new(), committing_since_ms: AtomicU64::new(0), commit_max }
    }

    pub(super) fn commit_begins(&self) {
        self.committing_since_ms.store(self.now_ms() + 1, Ordering::Relaxed);
    }

    pub(super) fn commit_ended(&self) {
        self.committing_since_ms.store(0, Ordering::Relaxed);
    }

    /// Takes the store out of service; only the first cause is kept.
    pub(super) fn poison(&self, cause: String) {
        tracing::error!(cause, "the store takes no writes any more; free its disk or repair it, then restart");
        let _ = self.poisoned.set(cause);
    }

    /// Whether a write has a chance.
    ///
    /// # Errors
    /// [`StoreError::Poisoned`] after a failed write, [`StoreError::Timeout`] while a commit is stuck.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        if let Some(cause) = self.poisoned.get() {
            return Err(StoreError::Poisoned(cause.clone()));
        }
        let since = self.committing_since_ms.load(Ordering::Relaxed);
        let stuck = since > 0 && self.now_ms() + 1 - since > self.commit_max.as_millis() as u64;
        if stuck { Err(StoreError::Timeout) } else { Ok(()) }
    }

    fn now_ms(&self) -> u64 {
        self.began.elapsed().as_millis() as u64
    }
}

/// What a full or closed queue means to a caller.
pub(super) fn not_queued<T>(error: &mpsc::TrySendError<T>, waiting_max: usize) -> StoreError {
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
        let gauge = Gauge::new(Duration::from_millis(5));
        gauge.commit_begins();
        assert!(gauge.check().is_ok());
        std::thread::sleep(Duration::from_millis(20));
        assert!(matches!(gauge.check(), Err(StoreError::Timeout)));
        gauge.commit_ended();
        assert!(gauge.check().is_ok());
    }

    #[test]
    fn poison_stays_and_keeps_its_first_cause() {
        let gauge = Gauge::new(Duration::from_secs(5));
        gauge.poison("disk full".into());
        gauge.poison("poisoned".into());
        assert!(matches!(gauge.check(), Err(StoreError::Poisoned(cause)) if cause == "disk full"));
    }
}
