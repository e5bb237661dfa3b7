//! Closes a store.

use std::path::Path;

use super::health::WriterHealth;
use crate::StoreError;
use crate::embedded::engine::{self, Engine};
use crate::embedded::open::{acknowledged, format_files};
use crate::sync::thread::JoinHandle;

/// Waits for the writer and syncs. Writes the mark of a clean shutdown unless a write failed.
pub(crate) fn close(
    directory: &Path,
    health: &WriterHealth,
    thread: JoinHandle<u64>,
    engine: Option<Engine>,
) -> Result<(), StoreError> {
    let last_commit = thread.join().map_err(|_| StoreError::Failed("the writer panicked".into()))?;
    health.check()?;
    let engine = engine.ok_or_else(|| StoreError::Failed("the store was being reopened".into()))?;
    engine.sync(fjall::PersistMode::SyncAll).map_err(engine::failed)?;
    format_files::write_clean(directory, last_commit)
        .and_then(|()| acknowledged::remove(directory))
        .map_err(|error| StoreError::Failed(format!("cannot write the mark of a clean shutdown: {error}")))
}
