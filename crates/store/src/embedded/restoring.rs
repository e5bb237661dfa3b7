//! A store that is filled beside where it will be, so that a server never opens a part of one.
//!
//! It is made in `DIR/restoring`, with `DIR` locked, and moved into `DIR` when it is whole: the format and the mark of a
//! clean shutdown first, the data last. What an interrupted one left is refused by a server, and removed by the next.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::{marker, open};
use crate::embedded::OpenError;

const RESTORING: &str = "restoring";
/// What may be there before, beside what an interrupted restore left.
const NOTHING: [&str; 3] = ["lock", "lost+found", RESTORING];
/// What is moved, in this order; the data makes it a store.
const PARTS: [&str; 3] = ["format", "clean", "data"];

/// A directory in which a store is being restored.
pub struct Restoring {
    directory: PathBuf,
    /// Held to the end: nobody else may even begin to open it.
    _lock: File,
}

impl Restoring {
    /// Begins in a directory that is empty, or missing.
    ///
    /// # Errors
    /// [`OpenError::NotEmpty`]; what the file system says.
    pub fn begin(directory: &Path) -> Result<Self, OpenError> {
        let io = |action| move |cause| OpenError::Io { path: directory.to_owned(), action, cause };
        // Looked at first: even the lock is none of ours in a directory of somebody else's.
        Self::check_empty(directory)?;
        open::create_directories(directory).map_err(io("create the directory"))?;
        let lock = open::lock(directory)?;
        Self::check_empty(directory)?;
        let restoring = Self { directory: directory.to_owned(), _lock: lock };
        restoring.clear().map_err(io("remove what an interrupted restore left"))?;
        fs::create_dir(restoring.place()).map_err(io("create a directory in it"))?;
        Ok(restoring)
    }

    /// Whether a store can be restored into this directory, which is left alone.
    ///
    /// # Errors
    /// As [`Restoring::begin`].
    pub fn check_empty(directory: &Path) -> Result<(), OpenError> {
        let io = |cause| OpenError::Io { path: directory.to_owned(), action: "look into the directory", cause };
        let entries = match fs::read_dir(directory) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            entries => entries.map_err(io)?,
        };
        let interrupted = directory.join(RESTORING).try_exists().map_err(io)? && !directory.join("data").exists();
        for entry in entries {
            let name = entry.map_err(io)?.file_name();
            let ours =
                NOTHING.iter().any(|ours| name == *ours) || (interrupted && PARTS.iter().any(|part| name == *part));
            if !ours || (name == RESTORING && !interrupted) {
                return Err(OpenError::NotEmpty(directory.to_owned()));
            }
        }
        Ok(())
    }

    /// Where the store is made until it is whole.
    pub fn place(&self) -> PathBuf {
        self.directory.join(RESTORING)
    }

    /// Moves the store, which was closed cleanly, to where it belongs.
    ///
    /// # Errors
    /// What the file system says; then there is no store.
    pub fn finish(self) -> Result<(), OpenError> {
        let io = |cause| OpenError::Io { path: self.directory.clone(), action: "finish restoring it", cause };
        let moved = || -> io::Result<()> {
            for part in PARTS {
                fs::rename(self.place().join(part), self.directory.join(part))?;
                marker::sync_directory(&self.directory)?;
            }
            // What is left is the lock.
            fs::remove_dir_all(self.place())
        };
        moved().map_err(io)
    }

    /// Removes what was restored so far.
    ///
    /// # Errors
    /// What the file system says.
    pub fn abandon(self) -> Result<(), OpenError> {
        let io = |cause| OpenError::Io { path: self.directory.clone(), action: "remove what was restored", cause };
        self.clear().map_err(io)
    }

    fn clear(&self) -> io::Result<()> {
        if self.place().try_exists()? {
            for part in PARTS.iter().filter(|part| **part != "data") {
                marker::remove(&self.directory, part)?;
            }
            fs::remove_dir_all(self.place())?;
        }
        marker::sync_directory(&self.directory)
    }
}

/// Whether no restore was interrupted in a directory that has no data.
pub(super) fn check_finished(directory: &Path) -> Result<(), OpenError> {
    let io = |cause| OpenError::Io { path: directory.to_owned(), action: "look into the directory", cause };
    if directory.join(RESTORING).try_exists().map_err(io)? {
        return Err(OpenError::HalfRestored(directory.to_owned()));
    }
    Ok(())
}
