//! Every file of a store against the checksum that was kept of it.

use std::path::{Path, PathBuf};
use std::{fs, io};

use super::inspect;
use super::open_error::OpenError;
use crate::Damage;
use crate::embedded::shortage;

/// Compares the tables of the store in this directory, which nobody may have open; those that are damaged. What
/// opening looks at, lists and journals, is looked at too, and refused as it would be there. `progress` is told the bytes that were read, and all there are.
///
/// # Errors
/// [`OpenError`] for a store that cannot be opened, or is not there, and for a file that this process may not read.
pub fn check_files(directory: &Path, mut progress: impl FnMut(u64, u64)) -> Result<Vec<Damage>, OpenError> {
    let looked_at = inspect::look(directory)?;
    let bytes = |path: &PathBuf| fs::metadata(path).map_or(0, |metadata| metadata.len());
    let total = looked_at.tables.iter().map(|table| bytes(&table.path)).sum();
    let mut done = 0;
    let mut damaged = Vec::new();
    for table in &looked_at.tables {
        let found = fjall_guard::checksum(&table.path, |bytes| {
            done += bytes;
            progress(done, total);
        });
        let problem = match found {
            Ok(found) if found == table.checksum => continue,
            Ok(_) => "it is not as it was written, its checksum is another".into(),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => "it is missing".into(),
            Err(cause) if shortage::is_lack(&cause) => return Err(OpenError::file(&table.path, cause)),
            Err(cause) => format!("it cannot be read: {cause}"),
        };
        damaged.push(Damage::new(format!("the file {}", table.path.display()), &problem));
    }
    Ok(damaged)
}
