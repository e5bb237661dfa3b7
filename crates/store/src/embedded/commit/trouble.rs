//! What the writer notices beside its work: a write that fails, a background worker that ended, files that went away.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::health::WriterHealth;
use super::writer::Writer;
use crate::StoreError;
use crate::embedded::shortage;

/// Batches that end within this time of a look at the directory are acknowledged by it: a look takes a tenth of the
/// processor time of a batch.
const LOOK_AT_BATCH: Duration = Duration::from_millis(5);
/// How often the writer looks at the files of the store beside its commits.
pub(super) const LOOK: Duration = Duration::from_secs(1);
/// How often an idle writer asks the engine whether a background worker failed.
const IDLE_CHECK: Duration = Duration::from_secs(5);

impl Writer {
    /// Whether a batch that is durable may be told: it has to be where a restart finds it.
    pub(super) fn acknowledge(&mut self) -> Result<(), StoreError> {
        if self.checked.elapsed() >= LOOK_AT_BATCH {
            if let Err(problem) = self.watch.check() {
                self.health.displace(problem);
            }
            self.checked = Instant::now();
        }
        self.health.check_read()?;
        self.last_commit += 1;
        // Without it less is known after a kill, and nothing wrong.
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

/// Takes the store out of service if the writer ends by a panic: nobody would answer.
pub(super) struct Alive(pub(super) Arc<WriterHealth>);

impl Drop for Alive {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.poison("the writer panicked".into());
        }
    }
}
