//! Checks by the writer beside its work: failed writes, background workers that ended, and files that were replaced.

use std::sync::Arc;
use std::time::Duration;

use super::health::WriterHealth;
use super::writer::Writer;
use crate::StoreError;
use crate::embedded::shortage;
use crate::sync::atomic::Ordering;
use crate::sync::{Instant, thread};

/// A check of the directory is valid for batches that end within this time: it costs a tenth of the processor time of a
/// batch.
const LOOK_AT_BATCH: Duration = Duration::from_millis(5);
/// How often the writer checks the store's files, with or without commits.
pub(super) const LOOK: Duration = Duration::from_secs(1);
/// How often an idle writer asks the engine whether a background worker failed.
const IDLE_CHECK: Duration = Duration::from_secs(5);

impl Writer {
    /// Whether a durable batch may be acknowledged: a restart must find it.
    pub(super) fn acknowledge(&mut self) -> Result<(), StoreError> {
        if self.checked.elapsed() >= LOOK_AT_BATCH {
            if let Err(problem) = self.watch.check() {
                self.health.displace(problem);
            }
            self.checked = Instant::now();
        }
        self.health.check_read()?;
        self.last_commit += 1;
        self.published_commit.store(self.last_commit, Ordering::Release);
        // Without it the next start knows less, and nothing wrong.
        let _ = self.acknowledged.write(self.last_commit);
        Ok(())
    }

    pub(super) fn fail(&self, error: &fjall::Error) {
        let cause = shortage::in_words(error);
        if self.log.tells_shortage(error) { self.health.run_short(cause) } else { self.health.poison(cause) }
    }

    pub(super) fn look_for_trouble(&mut self) {
        if self.looked.elapsed() >= LOOK {
            self.looked = Instant::now();
            if let Err(problem) = self.watch.check_journal() {
                self.health.displace(problem);
            }
        }
        if self.asked.elapsed() >= IDLE_CHECK {
            self.asked = Instant::now();
            if let Ok(engine) = self.engine()
                && let Err(error) = engine.sync(fjall::PersistMode::SyncData)
            {
                self.fail(&error);
            }
        }
    }
}

/// Takes the store out of service if the writer panics, since no job would be answered.
pub(super) struct Alive(pub(super) Arc<WriterHealth>);

impl Drop for Alive {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.poison("the writer panicked".into());
        }
    }
}
