//! Why a database must not be opened.

use std::io;
use std::path::{Path, PathBuf};

use crate::preflight::format::Fault;

/// Why a database must not be opened. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A running process has the database open; its files were not read.
    #[error("{} is in use by another process", .0.display())]
    InUse(PathBuf),
    /// A file could not be read, copied or cut. That says nothing of what is in it.
    #[error("cannot check {}: {cause}", .path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// Committed data is damaged or missing, or may be.
    #[error(transparent)]
    Damaged(#[from] Damage),
}

impl Error {
    pub(crate) fn io(path: &Path) -> impl Fn(io::Error) -> Self + Copy + '_ {
        move |cause| Self::Io { path: path.to_owned(), cause }
    }
}

/// What is damaged.
#[derive(Debug, thiserror::Error)]
pub enum Damage {
    /// A place in a journal that is not the torn end of the last write.
    #[error(
        "{}, byte {offset}: {fault}, and this is not the torn end of a last write: {proof}", .journal.display()
    )]
    Journal {
        /// The journal.
        journal: PathBuf,
        /// Where its whole batches end.
        offset: u64,
        /// What is wrong there.
        fault: Fault,
        /// Why that is damage.
        proof: Proof,
    },
    /// The end of the newest journal is missing.
    #[error("the journals up to {} end with commit {last}, and commit {acknowledged} had been acknowledged", .journal.display())]
    CutShort {
        /// The newest journal.
        journal: PathBuf,
        /// The last commit that was found.
        last: u64,
        /// The last commit that was acknowledged.
        acknowledged: u64,
    },
    /// A file with the extension of a journal whose name is not a number.
    #[error("{} is not a journal: its name should be a number", .0.display())]
    JournalName(PathBuf),
    /// The directory of a database without a journal. A database always has one.
    #[error("{} holds no journal", .0.display())]
    NoJournal(PathBuf),
    /// A list of tables that is missing, or not as it was written.
    #[error("{}: {problem}", .path.display())]
    TableList {
        /// The list.
        path: PathBuf,
        /// What is wrong with it.
        problem: &'static str,
    },
}

/// Why a bad place in a journal is not a torn end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Proof {
    /// A whole batch follows at this offset.
    #[error("a whole batch follows at byte {0}")]
    BatchAfter(u64),
    /// The journal is not the newest.
    #[error("a newer journal exists")]
    NewerJournal,
    /// Nothing was being written.
    #[error("the database had been closed cleanly")]
    ClosedCleanly,
    /// The batch was written as a whole.
    #[error("the batch itself is whole")]
    WholeBatch,
    /// The torn batch may be the commit with this number.
    #[error("commit {0} had been acknowledged, and may be the one that is torn")]
    Acknowledged(u64),
}
