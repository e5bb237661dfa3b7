//! Compares the tables of a store with the checksums that were recorded for them.

use std::fs;
use std::path::Path;

use fjall_guard::{FileFault, ListedFile};

use super::inspect;
use super::open_error::OpenError;
use crate::Damage;
use crate::embedded::shortage;

/// Compares the tables of the store in this directory, which no process may have open, and returns those that are
/// damaged. The lists and journals are checked as at a start. `progress` is given the bytes read so far and the bytes
/// of all tables.
///
/// # Errors
/// [`OpenError`] for a store that is missing or cannot be opened, and for a table that this process may not read.
pub fn check_files(directory: &Path, mut progress: impl FnMut(u64, u64)) -> Result<Vec<Damage>, OpenError> {
    let inspection = inspect::inspect_and_lock(directory)?;
    inspection.put_back()?;
    let tables = &inspection.tables;
    let bytes = |table: &ListedFile| fs::metadata(&table.path).map_or(0, |metadata| metadata.len());
    let total = tables.iter().map(bytes).sum();
    let mut done = 0;
    let mut damaged = Vec::new();
    for table in tables {
        let verified = table.verify(|bytes| {
            done += bytes;
            progress(done, total);
        });
        match verified {
            Ok(()) => {}
            Err(FileFault::Unreadable(cause)) if shortage::is_lack(&cause) => {
                return Err(OpenError::file(&table.path, cause));
            }
            Err(fault) => damaged.push(Damage::new(format!("the file {}", table.path.display()), &fault)),
        }
    }
    Ok(damaged)
}
