//! Creating a store and opening one: everything that is checked before the first call is served.
//!
//! ```text
//! DIR/lock     held by the process that has the store open
//! DIR/format   which format this is
//! DIR/clean    number of the last commit, after a clean shutdown only
//! DIR/data/    the engine's
//! ```
//! A store is created as `data.new` and renamed when all of it is durable, so `data` is whole or absent.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::engine::{Engine, numbered};
use super::manifest::{self, Listed, ManifestError};
use super::preflight::{PreflightError, preflight};
use super::{keys, marker, place, restoring, values};

const FORMAT: u32 = 1;

/// Why a store cannot be opened, in words for the operator.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it.
    #[error("the store {0} is in use by another process; stop that one first, or choose another directory")]
    InUse(PathBuf),
    /// The file system said no.
    #[error("the store {path}: cannot {action}: {cause}")]
    Io {
        /// Where.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// What the system said.
        cause: io::Error,
    },
    /// A newer build wrote it.
    #[error(
        "the store {path} has format {found}; this build reads up to {known}: start the newer build, or restore a backup of the older one"
    )]
    TooNew {
        /// Where.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// What this build knows.
        known: u32,
    },
    /// The directory holds something else.
    #[error("{0} holds files but no pinfold store (no readable file \"format\"); choose an empty directory")]
    NotAStore(PathBuf),
    /// A restore did not come to its end.
    #[error("a restore into {0} was interrupted, and there is no store yet; run pinfold restore again")]
    HalfRestored(PathBuf),
    /// There is something where a store is to be restored.
    #[error("{0} is not empty; restore into a directory that is empty or does not exist")]
    NotEmpty(PathBuf),
    /// There is no store to be looked at.
    #[error("there is no store {0}")]
    Missing(PathBuf),
    /// Data that was acknowledged is missing or damaged.
    #[error(
        "the store {path} is damaged: {what}; nothing was changed. Restore a backup, and keep this directory for whoever looks into it"
    )]
    Damaged {
        /// Where.
        path: PathBuf,
        /// What was found.
        what: String,
    },
}

/// An open store.
pub(super) struct Opened {
    pub(super) engine: Engine,
    pub(super) last_commit: u64,
    /// Held until the store is closed: nobody else may even begin to open it.
    pub(super) lock: File,
}

/// How long another process may take to let go of the store: one that ends, or was just started by this one and has
/// its locks until it runs its own program.
const IN_USE_MAX: Duration = Duration::from_secs(1);
const IN_USE_PAUSE: Duration = Duration::from_millis(20);

/// Opens the store in this directory; makes one if the directory is missing or empty.
pub(super) fn open(directory: &Path) -> Result<Opened, OpenError> {
    let began = Instant::now();
    loop {
        match open_now(directory) {
            Err(OpenError::InUse(_)) if began.elapsed() < IN_USE_MAX => sleep(IN_USE_PAUSE),
            ended => return ended,
        }
    }
}

fn open_now(directory: &Path) -> Result<Opened, OpenError> {
    let data = directory.join("data");
    let io = |action| move |cause| OpenError::Io { path: directory.to_owned(), action, cause };
    place::create(directory, |_| ()).map_err(io("create the directory"))?;
    let lock = place::lock(directory)?;
    if !data.try_exists().map_err(io("look into the directory"))? {
        create(directory, &data)?;
    }
    let clean = look_at(directory, &data)?.clean;
    let engine = Engine::open(&data, false).map_err(|error| refused(directory, error))?;
    let last_commit = last_commit(directory, &engine, clean)?;
    marker::remove_clean(directory).map_err(io("remove the mark of a clean shutdown"))?;
    Ok(Opened { engine, last_commit, lock })
}

/// What is known of a store before the engine opens it.
pub(super) struct LookedAt {
    clean: Option<u64>,
    pub(super) tables: Vec<Listed>,
    /// Held as long as this is looked at, by whoever only looks.
    _lock: Option<File>,
}

/// Looks at a store as [`open`] does, and does not open it.
pub(super) fn look(directory: &Path) -> Result<LookedAt, OpenError> {
    let data = directory.join("data");
    let io = |cause| OpenError::Io { path: directory.to_owned(), action: "look into the directory", cause };
    if !data.try_exists().map_err(io)? {
        restoring::check_finished(directory)?;
        return Err(OpenError::Missing(directory.to_owned()));
    }
    let lock = place::lock(directory)?;
    Ok(LookedAt { _lock: Some(lock), ..look_at(directory, &data)? })
}

fn look_at(directory: &Path, data: &Path) -> Result<LookedAt, OpenError> {
    let io = |action| move |cause| OpenError::Io { path: directory.to_owned(), action, cause };
    check_format(directory)?;
    let clean = marker::read_clean(directory).map_err(io("read the mark of a clean shutdown"))?;
    let tables = look_at_lists(directory, data)?;
    look_at_journals(directory, data, clean)?;
    Ok(LookedAt { clean, tables, _lock: None })
}

fn create(directory: &Path, data: &Path) -> Result<(), OpenError> {
    let io = |action| move |cause| OpenError::Io { path: directory.to_owned(), action, cause };
    let unfinished = directory.join("data.new");
    clear_for_creation(directory, &unfinished)?;
    let engine = Engine::open(&unfinished, true).map_err(|error| refused(directory, error))?;
    engine.commit(numbered(Vec::new(), 0)).map_err(|error| refused(directory, error))?;
    drop(engine);
    sync_tree(&unfinished).map_err(io("sync the new store"))?;
    marker::sync_directory(directory).map_err(io("sync the directory"))?;
    marker::write_format(directory, FORMAT).map_err(io("write the format"))?;
    fs::rename(&unfinished, data).map_err(io("finish the creation"))?;
    marker::sync_directory(directory).map_err(io("sync the directory"))
}

/// Sees to it that the directory holds neither somebody else's files, nor a store that lost its data, nor
/// an unfinished creation; nothing in one was ever acknowledged.
fn clear_for_creation(directory: &Path, unfinished: &Path) -> Result<(), OpenError> {
    let io = |action| move |cause| OpenError::Io { path: directory.to_owned(), action, cause };
    restoring::check_finished(directory)?;
    let format = marker::read_format(directory).map_err(io("read the format"))?;
    let was_begun = unfinished.try_exists().map_err(io("look into the directory"))?;
    if format.is_some() && !was_begun {
        let what = "its directory \"data\" is missing".into();
        return Err(OpenError::Damaged { path: directory.to_owned(), what });
    }
    // A file system of its own has its `lost+found`.
    let ours = |name: &std::ffi::OsStr| {
        name == "lost+found"
            || name == "lock"
            || name == "data.new"
            || name == "format.new"
            || (name == "format" && format.is_some())
    };
    for entry in fs::read_dir(directory).map_err(io("read the directory"))? {
        if !ours(&entry.map_err(io("read the directory"))?.file_name()) {
            return Err(OpenError::NotAStore(directory.to_owned()));
        }
    }
    if was_begun {
        // The format goes first: a format without data is a store that lost its data.
        marker::remove_format(directory).map_err(io("remove an unfinished creation"))?;
        fs::remove_dir_all(unfinished).map_err(io("remove an unfinished creation"))?;
    }
    Ok(())
}

/// The engine does not sync the entries of directories it creates: without this a new store can vanish
/// with a power cut on a strict file system.
fn sync_tree(directory: &Path) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_tree(&entry.path())?;
        } else {
            File::open(entry.path())?.sync_all()?;
        }
    }
    marker::sync_directory(directory)
}

fn check_format(directory: &Path) -> Result<(), OpenError> {
    let path = directory.to_owned();
    match marker::read_format(directory) {
        Ok(Some(FORMAT)) => Ok(()),
        Ok(Some(found)) => Err(OpenError::TooNew { path, found, known: FORMAT }),
        Ok(None) => Err(OpenError::NotAStore(path)),
        Err(cause) => Err(OpenError::Io { path, action: "read the format", cause }),
    }
}

fn look_at_lists(directory: &Path, data: &Path) -> Result<Vec<Listed>, OpenError> {
    manifest::tables(data).map_err(|error| match error {
        ManifestError::Io { cause, .. } => {
            OpenError::Io { path: directory.to_owned(), action: "read its lists of tables", cause }
        }
        damaged @ ManifestError::Damaged { .. } => {
            OpenError::Damaged { path: directory.to_owned(), what: damaged.to_string() }
        }
    })
}

fn look_at_journals(directory: &Path, data: &Path, clean: Option<u64>) -> Result<(), OpenError> {
    match preflight(data, clean.is_some()) {
        Ok(found) => {
            if let Some(torn) = &found.torn {
                tracing::warn!(?torn, "cut an unfinished write, never acknowledged, from the journal; a copy is kept");
            }
            Ok(())
        }
        Err(PreflightError::InUse { .. }) => Err(OpenError::InUse(directory.to_owned())),
        Err(PreflightError::Io { error: cause, .. }) => {
            Err(OpenError::Io { path: directory.to_owned(), action: "read its journals", cause })
        }
        Err(error) => Err(OpenError::Damaged { path: directory.to_owned(), what: error.to_string() }),
    }
}

/// The number of the last commit must be there, and be the one that a clean shutdown wrote down.
fn last_commit(directory: &Path, engine: &Engine, clean: Option<u64>) -> Result<u64, OpenError> {
    let damaged = |what| OpenError::Damaged { path: directory.to_owned(), what };
    let row = engine.get(keys::LAST_COMMIT).and_then(|row| row.map(|value| values::decode_number(&value)).transpose());
    let found = match row {
        Ok(Some(number)) => number,
        Ok(None) => return Err(damaged("the number of the last commit is missing".into())),
        Err(error) => return Err(damaged(error.to_string())),
    };
    match clean {
        Some(expected) if expected != found => {
            Err(damaged(format!("it was closed after commit {expected}, but the last one found is {found}")))
        }
        _ => Ok(found),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "whatever else the engine says is damage")]
fn refused(directory: &Path, error: fjall::Error) -> OpenError {
    let path = directory.to_owned();
    match error {
        fjall::Error::Locked => OpenError::InUse(path),
        fjall::Error::Io(cause) => OpenError::Io { path, action: "open it", cause },
        fjall::Error::KeyspaceDeleted => OpenError::Damaged { path, what: "its keyspace is missing".into() },
        other => OpenError::Damaged { path, what: format!("{other:?}") },
    }
}
