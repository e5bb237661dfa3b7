//! Two small files beside the engine's directory: the format of the store, and the mark of a clean
//! shutdown with the number of the last commit.

use std::fs;
use std::io;
use std::path::Path;

use super::sync::sync_directory;
use crate::small_file;

/// The format that this build writes.
pub(super) const FORMAT: u32 = 1;
const FORMAT_FILE: &str = "format";
const CLEAN_FILE: &str = "clean";

/// Writes a file whole or not at all, and durably.
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

/// Says which format the directory has.
pub(super) fn write_format(directory: &Path, format: u32) -> io::Result<()> {
    write(directory, FORMAT_FILE, &format!("pinfold {format}\n"))
}

/// The format of the directory; `None` where the file is missing or says something else.
pub(super) fn read_format(directory: &Path) -> io::Result<Option<u32>> {
    let text = read(directory, FORMAT_FILE)?;
    Ok(text.and_then(|text| text.strip_prefix("pinfold ")?.trim_end().parse().ok()))
}

/// Says that the store was closed after this commit, with nothing left to write.
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

/// Takes the mark away, durably, before anything is written.
pub(super) fn remove_clean(directory: &Path) -> io::Result<()> {
    remove(directory, CLEAN_FILE)
}

/// Takes the format of an unfinished creation away, durably.
pub(super) fn remove_format(directory: &Path) -> io::Result<()> {
    remove(directory, FORMAT_FILE)
}

/// Takes a file away, durably, if it is there.
pub(crate) fn remove(directory: &Path, name: &str) -> io::Result<()> {
    match fs::remove_file(directory.join(name)) {
        Ok(()) => sync_directory(directory),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}
