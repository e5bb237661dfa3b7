//! Two small files beside the engine's directory: the format of the store, and the mark of a clean shutdown with the
//! number of the last commit.

use std::fs;
use std::io;
use std::path::Path;

use super::sync::sync_directory;
use crate::small_file;

/// The format that this build writes: of a directory in which values of format 2 may be.
pub(super) const FORMAT: u32 = 2;
/// The oldest format that this build reads, that of pinfold 0.1.0.
pub(super) const FORMAT_MIN: u32 = 1;
const FORMAT_FILE: &str = "format";
const CLEAN_FILE: &str = "clean";

/// Writes a file durably, whole or not at all.
fn write(directory: &Path, name: &str, text: &str) -> io::Result<()> {
    small_file::replace(&directory.join(name), text.as_bytes(), 0o600)
}

fn read(directory: &Path, name: &str) -> io::Result<Option<String>> {
    match small_file::read_text(&directory.join(name)) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Writes the format of the directory.
pub(super) fn write_format(directory: &Path, format: u32) -> io::Result<()> {
    write(directory, FORMAT_FILE, &format!("pinfold {format}\n"))
}

/// The format of the directory; `None` if the file is missing or does not hold a format.
pub(super) fn read_format(directory: &Path) -> io::Result<Option<u32>> {
    let text = read(directory, FORMAT_FILE)?;
    Ok(text.and_then(|text| text.strip_prefix("pinfold ")?.trim_end().parse().ok()))
}

/// Writes the mark of a clean shutdown: all commits up to this one are durable.
pub(crate) fn write_clean(directory: &Path, last_commit: u64) -> io::Result<()> {
    write(directory, CLEAN_FILE, &format!("{last_commit}\n"))
}

/// The last commit before a clean shutdown; `None` after any other end.
pub(super) fn read_clean(directory: &Path) -> io::Result<Option<u64>> {
    match read(directory, CLEAN_FILE)? {
        None => Ok(None),
        Some(text) => text.trim_end().parse().map(Some).map_err(|_| {
            io::Error::new(io::ErrorKind::InvalidData, format!("the file {CLEAN_FILE} does not hold a commit number"))
        }),
    }
}

/// Removes the mark of a clean shutdown, durably, before anything is written.
pub(super) fn remove_clean(directory: &Path) -> io::Result<()> {
    remove(directory, CLEAN_FILE)
}

/// Removes the format of an unfinished creation, durably.
pub(super) fn remove_format(directory: &Path) -> io::Result<()> {
    remove(directory, FORMAT_FILE)
}

/// Removes a file, durably, if it exists.
pub(crate) fn remove(directory: &Path, name: &str) -> io::Result<()> {
    match fs::remove_file(directory.join(name)) {
        Ok(()) => sync_directory(directory),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}
