//! A store that is filled beside where it will be, so that a server never opens a part of one.
//!
//! It is made in `DIR/restoring`, with `DIR` locked, and moved into `DIR` when it is whole: the format and the mark of a
//! clean shutdown first, the data last. What an interrupted one left is refused by a server, and removed by the next.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::open_error::OpenError;
use super::sync::sync_directory;
use super::{directory, format_files};

const RESTORING: &str = "restoring";
/// What may be there before, beside what an interrupted restore left.
const NOTHING: [&str; 3] = ["lock", "lost+found", RESTORING];
/// What is moved, in this order; the data makes it a store.
const PARTS: [&str; 3] = ["format", "clean", "data"];

/// A directory in which a store is being restored.
pub struct Restoring {
    directory: PathBuf,
    made: Made,
}

/// What was not there before, beside the store itself.
#[derive(Default)]
struct Made {
    /// The outermost first.
    directories: Vec<PathBuf>,
    lock: Option<PathBuf>,
    /// Held until all else is removed: nobody else may even begin to open it.
    held: Option<File>,
}

impl Made {
    /// Takes it away again; a directory only if nobody put anything else into it.
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
    /// Begins in a directory that is empty, or missing.
    ///
    /// # Errors
    /// [`OpenError::NotEmpty`]; what the file system says. Then nothing of it is left.
    pub fn begin(directory: &Path) -> Result<Self, OpenError> {
        // Looked at first: even the lock is none of ours in a directory of somebody else's.
        Self::check_empty(directory)?;
        let mut made = Made::default();
        match prepare(directory, &mut made) {
            Ok(()) => Ok(Self { directory: directory.to_owned(), made }),
            Err(error) => {
                // What went wrong first is told.
                let _ = made.remove();
                Err(error)
            }
        }
    }

    /// Whether a store can be restored into this directory, which is left alone.
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
                sync_directory(&self.directory)?;
            }
            // What is left is the lock.
            fs::remove_dir_all(self.place())
        };
        moved().map_err(io)
    }

    /// Removes what was restored so far, and whatever else was not there before.
    ///
    /// # Errors
    /// What the file system says.
    pub fn abandon(self) -> Result<(), OpenError> {
        let io = |cause| OpenError::Io { path: self.directory.clone(), action: "remove what was restored", cause };
        clear(&self.directory).and_then(|()| self.made.remove()).map_err(io)
    }
}

/// Makes what has to be there first, locks the directory, and notes both in `made`.
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

/// Removes what a restore left that came to no end.
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

/// Whether a directory that is not there can be made.
fn check_missing(directory: &Path) -> Result<(), OpenError> {
    let io = |cause| OpenError::Io { path: directory.to_owned(), action: "create the directory", cause };
    directory::missing(directory).map(drop).map_err(io)
}

/// Whether no restore was interrupted in a directory that has no data.
pub(super) fn check_finished(directory: &Path) -> Result<(), OpenError> {
    let io = |cause| OpenError::Io { path: directory.to_owned(), action: "look into the directory", cause };
    if directory.join(RESTORING).try_exists().map_err(io)? {
        return Err(OpenError::HalfRestored(directory.to_owned()));
    }
    Ok(())
}
