//! Restores a store beside its final place, so that a server never opens an incomplete one.
//!
//! The store is filled in `DIR/restoring`, with `DIR` locked, and moved into `DIR` when it is complete: the format and
//! the mark of a clean shutdown first, the data last. A server refuses the remains of an interrupted restore; the next
//! restore removes them.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::open_error::OpenError;
use super::sync::sync_directory;
use super::{directory, format_files};

const RESTORING: &str = "restoring";
/// Files that may exist before a restore, beside the remains of an interrupted one.
const NOTHING: [&str; 3] = ["lock", "lost+found", RESTORING];
/// The parts that are moved, in this order; with the data the directory becomes a store.
const PARTS: [&str; 3] = ["format", "clean", "data"];

/// A directory in which a store is being restored.
pub struct Restoring {
    directory: PathBuf,
    made: Made,
}

/// What a restore created beside the store itself.
#[derive(Default)]
struct Made {
    /// The outermost first.
    directories: Vec<PathBuf>,
    lock: Option<PathBuf>,
    /// The directory lock, held until all else is removed.
    held: Option<File>,
}

impl Made {
    /// Removes it again; a directory only if it is empty.
    fn remove(&self) -> io::Result<()> {
        self.lock.as_ref().map_or(Ok(()), fs::remove_file)?;
        for directory in self.directories.iter().rev() {
            match fs::remove_dir(directory) {
                Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => break,
                removed => removed?,
            }
        }
        Ok(())
    }
}

impl Restoring {
    /// Begins in a directory that is empty or missing.
    ///
    /// # Errors
    /// [`OpenError::NotEmpty`], or the file system's error. Nothing is left then.
    pub fn begin(directory: &Path) -> Result<Self, OpenError> {
        // Checked before the lock file is created, which does not belong into a directory with other files.
        Self::check_empty(directory)?;
        let mut made = Made::default();
        match prepare(directory, &mut made) {
            Ok(()) => Ok(Self { directory: directory.to_owned(), made }),
            Err(error) => {
                // The first error is reported.
                let _ = made.remove();
                Err(error)
            }
        }
    }

    /// Checks, without changes, that a store can be restored into this directory.
    ///
    /// # Errors
    /// As [`Restoring::begin`].
    pub fn check_empty(directory: &Path) -> Result<(), OpenError> {
        let io = |cause| OpenError::Io { path: directory.to_owned(), action: "look into the directory", cause };
        let entries = match fs::read_dir(directory) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return check_missing(directory),
            entries => entries.map_err(io)?,
        };
        let is_there = |name: &str| directory.join(name).try_exists().map_err(io);
        let interrupted = is_there(RESTORING)? && !is_there("data")?;
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

    /// The directory of the store until it is complete.
    pub fn place(&self) -> PathBuf {
        self.directory.join(RESTORING)
    }

    /// Moves the store, which must be closed cleanly, to its final place.
    ///
    /// # Errors
    /// What the file system says. The directory does not hold a store then.
    pub fn finish(self) -> Result<(), OpenError> {
        let io = |cause| OpenError::Io { path: self.directory.clone(), action: "finish restoring it", cause };
        let moved = || -> io::Result<()> {
            for part in PARTS {
                fs::rename(self.place().join(part), self.directory.join(part))?;
                sync_directory(&self.directory)?;
            }
            // Only the lock file is left there.
            fs::remove_dir_all(self.place())
        };
        moved().map_err(io)
    }

    /// Removes everything that this restore created.
    ///
    /// # Errors
    /// What the file system says.
    pub fn abandon(self) -> Result<(), OpenError> {
        let io = |cause| OpenError::Io { path: self.directory.clone(), action: "remove what was restored", cause };
        clear(&self.directory).and_then(|()| self.made.remove()).map_err(io)
    }
}

/// Creates and locks the directory, and records both in `made`.
fn prepare(directory: &Path, made: &mut Made) -> Result<(), OpenError> {
    let io = |action| move |cause| OpenError::Io { path: directory.to_owned(), action, cause };
    directory::create(directory, |level| made.directories.push(level.to_owned()))
        .map_err(io("create the directory"))?;
    let path = directory.join("lock");
    let was_there = path.try_exists().map_err(io("look into the directory"))?;
    made.held = Some(directory::lock(directory)?);
    made.lock = (!was_there).then_some(path);
    Restoring::check_empty(directory)?;
    clear(directory).map_err(io("remove what an interrupted restore left"))?;
    fs::create_dir(directory.join(RESTORING)).map_err(io("create a directory in it"))
}

/// Removes the remains of an interrupted restore.
fn clear(directory: &Path) -> io::Result<()> {
    let unfinished = directory.join(RESTORING);
    if unfinished.try_exists()? {
        for part in PARTS.iter().filter(|part| **part != "data") {
            format_files::remove(directory, part)?;
        }
        fs::remove_dir_all(unfinished)?;
    }
    sync_directory(directory)
}

/// Checks that a missing directory can be created.
fn check_missing(directory: &Path) -> Result<(), OpenError> {
    let io = |cause| OpenError::Io { path: directory.to_owned(), action: "create the directory", cause };
    directory::missing(directory).map(drop).map_err(io)
}

/// Checks that a directory without data does not hold the remains of a restore.
pub(super) fn check_finished(directory: &Path) -> Result<(), OpenError> {
    let io = |cause| OpenError::Io { path: directory.to_owned(), action: "look into the directory", cause };
    if directory.join(RESTORING).try_exists().map_err(io)? {
        return Err(OpenError::HalfRestored(directory.to_owned()));
    }
    Ok(())
}
