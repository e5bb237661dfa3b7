//! Why a store cannot be opened. Missing rights and shortages are never reported as damage.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::embedded::shortage;

/// Why a store cannot be opened, in words for the operator.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has the store open.
    #[error("the store {0} is in use by another process; stop that one first, or choose another directory")]
    InUse(PathBuf),
    /// An operation of the file system failed.
    #[error("the store {path}: cannot {action}: {cause}")]
    Io {
        /// The store.
        path: PathBuf,
        /// The operation.
        action: &'static str,
        /// What the system said.
        cause: io::Error,
    },
    /// A file of the store cannot be read, or cut where it is torn.
    #[error("cannot use {path}, a file of the store: {cause}; {}", advice(.cause))]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// A newer build wrote the store.
    #[error(
        "the store {path} has format {found}; this build reads up to {known}: start the newer build, or restore a backup of the older one"
    )]
    TooNew {
        /// The store.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The newest format that this build knows.
        known: u32,
    },
    /// The directory holds other files.
    #[error("{0} holds files but no pinfold store (no readable file \"format\"); choose an empty directory")]
    NotAStore(PathBuf),
    /// A restore was interrupted.
    #[error("a restore into {0} was interrupted, and there is no store yet; run pinfold restore again")]
    HalfRestored(PathBuf),
    /// The directory to restore into is not empty.
    #[error("{0} is not empty; restore into a directory that is empty or does not exist")]
    NotEmpty(PathBuf),
    /// The store to check does not exist.
    #[error("there is no store {0}")]
    Missing(PathBuf),
    /// Acknowledged data is missing or damaged.
    #[error(
        "the store {path} is damaged: {what}; nothing was changed. Restore a backup, and keep this directory to examine the damage"
    )]
    Damaged {
        /// The store.
        path: PathBuf,
        /// What was found.
        what: String,
    },
}

impl OpenError {
    pub(super) fn file(path: &Path, cause: io::Error) -> Self {
        Self::File { path: path.to_owned(), cause }
    }
}

/// What to do about a file that cannot be read. A backup helps only against a broken disk.
fn advice(cause: &io::Error) -> &'static str {
    if cause.kind() == io::ErrorKind::PermissionDenied {
        "run pinfold as the user that owns the store, or give that user the file"
    } else if shortage::is_shortage(cause) {
        "the file is not damaged, as far as is known; end the shortage"
    } else {
        "look at the disk"
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "all other errors of the engine mean damage")]
pub(super) fn refused(directory: &Path, error: &fjall::Error) -> OpenError {
    let path = directory.to_owned();
    if let Some(cause) = shortage::system_error(error) {
        return unreadable(directory, "open it", copy(cause));
    }
    match error {
        fjall::Error::Locked => OpenError::InUse(path),
        fjall::Error::KeyspaceDeleted => OpenError::Damaged { path, what: "its keyspace is missing".into() },
        other => OpenError::Damaged { path, what: format!("{other:?}") },
    }
}

/// Reports a system error of the engine, which does not name the file, with the first file that this process cannot
/// read.
pub(super) fn unreadable(directory: &Path, action: &'static str, cause: io::Error) -> OpenError {
    match first_unreadable(directory) {
        Some((path, cause)) => OpenError::File { path, cause },
        None => OpenError::Io { path: directory.to_owned(), action, cause },
    }
}

fn first_unreadable(path: &Path) -> Option<(PathBuf, io::Error)> {
    let here = |cause| Some((path.to_owned(), cause));
    match path.metadata() {
        Ok(metadata) if metadata.is_dir() => match fs::read_dir(path) {
            Ok(entries) => entries.flatten().find_map(|entry| first_unreadable(&entry.path())),
            Err(cause) => here(cause),
        },
        Ok(_) => File::open(path).err().and_then(here),
        Err(cause) => here(cause),
    }
}

fn copy(error: &io::Error) -> io::Error {
    error.raw_os_error().map_or_else(|| io::Error::from(error.kind()), io::Error::from_raw_os_error)
}

#[cfg(test)]
mod tests {
    use rustix::io::Errno;

    use super::*;

    fn told(errno: Errno) -> String {
        let directory = tempfile::tempdir().unwrap();
        let cause = io::Error::from_raw_os_error(errno.raw_os_error());
        refused(directory.path(), &fjall::Error::Io(cause)).to_string()
    }

    #[test]
    fn missing_rights_and_shortages_are_not_called_damage() {
        for errno in [Errno::ACCESS, Errno::PERM, Errno::MFILE, Errno::NFILE, Errno::NOMEM, Errno::NOSPC, Errno::IO] {
            let told = told(errno);
            assert!(told.contains("cannot open it: ") && !told.contains("amaged"), "{told}");
        }
    }

    #[test]
    fn a_file_that_cannot_be_read_is_named_with_advice() {
        let said = |errno: Errno| {
            let cause = io::Error::from_raw_os_error(errno.raw_os_error());
            OpenError::file(Path::new("store/data/keyspaces/1/v3"), cause).to_string()
        };
        let told = said(Errno::ACCESS);
        assert!(told.starts_with("cannot use store/data/keyspaces/1/v3, a file of the store: Permission"), "{told}");
        assert!(told.ends_with("run pinfold as the user that owns the store, or give that user the file"), "{told}");
        assert!(said(Errno::MFILE).ends_with("the file is not damaged, as far as is known; end the shortage"));
    }

    #[test]
    fn the_first_file_that_cannot_be_read_is_found_below_the_directory() {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("data")).unwrap();
        fs::write(directory.path().join("data/0.jnl"), "").unwrap();
        assert!(first_unreadable(directory.path()).is_none());
        let looped = directory.path().join("data/1.jnl");
        std::os::unix::fs::symlink("1.jnl", &looped).unwrap();
        assert_eq!(first_unreadable(directory.path()).unwrap().0, looped);
    }
}
