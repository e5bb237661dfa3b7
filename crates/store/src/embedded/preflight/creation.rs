//! A creation that was cut short.
//!
//! fjall writes the first journal before the file `version` that says a store exists. If the power goes between the
//! two, every later open fails, because the journal it wants to create is already there. Such a store never held
//! anything, so its files are removed and creation begins anew.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::Path;

use super::Journal;
use super::scan::{Rest, rest};

/// Whether the directory holds a store whose creation did not get as far as a readable `version` and which never held
/// a byte: all journals are empty and there is no keyspace, not even fjall's own.
pub(super) fn is_unfinished(dir: &Path, journals: &[Journal]) -> io::Result<bool> {
    if has_version(dir)? || has_keyspaces(dir)? {
        return Ok(false);
    }
    for journal in journals {
        if rest(&journal.path, 0, |_| true)? != Rest::Zeros {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether a store was created here but its journals are gone. fjall would open it and forget what they held.
pub(super) fn lacks_journal(dir: &Path, journals: &[Journal]) -> io::Result<bool> {
    Ok(journals.is_empty() && has_version(dir)?)
}

/// Removes what an unfinished creation left.
pub(super) fn undo(dir: &Path, journals: &[Journal]) -> io::Result<()> {
    for journal in journals {
        fs::remove_file(&journal.path)?;
    }
    match fs::remove_file(dir.join("version")) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    File::open(dir)?.sync_all()
}

/// A file of zeros only, or of nothing, is one whose content never reached the disk.
fn has_version(dir: &Path) -> io::Result<bool> {
    match fs::read(dir.join("version")) {
        Ok(bytes) => Ok(bytes.iter().any(|byte| *byte != 0)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn has_keyspaces(dir: &Path) -> io::Result<bool> {
    match fs::read_dir(dir.join("keyspaces")) {
        Ok(mut entries) => Ok(entries.next().is_some()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
