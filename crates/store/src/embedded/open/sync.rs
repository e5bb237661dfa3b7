//! Makes directories durable.

use std::fs::{self, File};
use std::io;
use std::path::Path;

/// Syncs a directory, so that files created, renamed or removed in it are durable.
pub(super) fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

/// Syncs all files and directories below `directory`. The engine does not sync the entries of directories it creates,
/// so that a new store could otherwise vanish with a power cut.
pub(crate) fn sync_tree(directory: &Path) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_tree(&entry.path())?;
        } else {
            File::open(entry.path())?.sync_all()?;
        }
    }
    sync_directory(directory)
}
