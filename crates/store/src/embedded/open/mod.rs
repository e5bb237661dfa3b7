//! Creating a store and opening one: everything that is checked before the first call is served.
//!
//! ```text
//! DIR/lock          held by the process that has the store open
//! DIR/format        which format this is
//! DIR/clean         number of the last commit, after a clean shutdown only
//! DIR/acknowledged  number of the last commit that was acknowledged, while the store is open and after a crash
//! DIR/data/         the engine's
//! ```
//! A store is created as `data.new` and renamed when all of it is durable, so `data` is whole or absent.

pub(super) mod acknowledged;
mod directory;
pub(super) mod directory_watch;
pub(super) mod format_files;
mod manifest;
pub(super) mod open_error;
mod preflight;
pub(super) mod restoring;
pub(super) mod verify_files;

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use self::acknowledged::Acknowledged;
use self::directory_watch::DirectoryWatch;
use self::manifest::{Listed, ManifestError};
use self::open_error::{OpenError, refused, unreadable};
use self::preflight::{Known, Preflight, PreflightError, preflight};
use super::commit::healing;
use super::engine::{Engine, numbered};
use super::format::{keys, values};
use crate::StoreError;

const FORMAT: u32 = 1;

/// An open store.
pub(crate) struct Opened {
    pub(crate) engine: Engine,
    pub(crate) last_commit: u64,
    pub(crate) watch: DirectoryWatch,
    pub(crate) acknowledged: Acknowledged,
    /// Held until the store is closed: nobody else may even begin to open it.
    pub(crate) lock: File,
}

/// How long another process may take to let go of the store: one that ends, or was just started by this one and has
/// its locks until it runs its own program.
const IN_USE_MAX: Duration = Duration::from_secs(1);
const IN_USE_PAUSE: Duration = Duration::from_millis(20);

/// Opens the store in this directory; makes one if the directory is missing or empty.
pub(crate) fn open(directory: &Path) -> Result<Opened, OpenError> {
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
    directory::create(directory, |_| ()).map_err(io("create the directory"))?;
    let lock = directory::lock(directory)?;
    if !data.try_exists().map_err(io("look into the directory"))? {
        create(directory, &data)?;
    }
    let mut watch = DirectoryWatch::new(directory, &lock).map_err(io("look into the directory"))?;
    let (engine, last_commit) = open_engine(directory, &data)?;
    watch.opened().map_err(io("look into the directory"))?;
    format_files::remove_clean(directory).map_err(io("remove the mark of a clean shutdown"))?;
    healing::remove_probe(directory).map_err(io("remove what a probe for room left"))?;
    let acknowledged =
        Acknowledged::begin(directory, last_commit).map_err(io("write the number of the last commit"))?;
    Ok(Opened { engine, last_commit, lock, watch, acknowledged })
}

/// Opens the engine of a store that this process has locked and whose engine it closed.
pub(crate) fn reopen(directory: &Path) -> Result<(Engine, u64), OpenError> {
    open_engine(directory, &directory.join("data"))
}

fn open_engine(directory: &Path, data: &Path) -> Result<(Engine, u64), OpenError> {
    let looked_at = look_at(directory, data)?;
    let engine = Engine::open(data, false).map_err(|error| refused(directory, &error))?;
    let last_commit = last_commit(directory, &engine)?;
    check_last_commit(directory, last_commit, &looked_at)?;
    Ok((engine, last_commit))
}

/// What is known of a store before the engine opens it.
struct LookedAt {
    clean: Option<u64>,
    acknowledged: Option<u64>,
    /// The last commit in the newest journal.
    journaled: Option<u64>,
    tables: Vec<Listed>,
    /// Held as long as this is looked at, by whoever only looks.
    _lock: Option<File>,
}

/// Looks at a store as [`open`] does, and does not open it.
fn look(directory: &Path) -> Result<LookedAt, OpenError> {
    let data = directory.join("data");
    let io = |cause| OpenError::Io { path: directory.to_owned(), action: "look into the directory", cause };
    if !data.try_exists().map_err(io)? {
        restoring::check_finished(directory)?;
        return Err(OpenError::Missing(directory.to_owned()));
    }
    let lock = directory::lock(directory)?;
    Ok(LookedAt { _lock: Some(lock), ..look_at(directory, &data)? })
}

fn look_at(directory: &Path, data: &Path) -> Result<LookedAt, OpenError> {
    let io = |action| move |cause| OpenError::Io { path: directory.to_owned(), action, cause };
    check_format(directory)?;
    let clean = format_files::read_clean(directory).map_err(io("read the mark of a clean shutdown"))?;
    let acknowledged = acknowledged::read(directory).map_err(io("read the number of the last commit"))?;
    let tables = look_at_lists(directory, data)?;
    let known = Known { closed_cleanly: clean.is_some(), acknowledged, number: commit_number };
    let journaled = look_at_journals(directory, data, &known)?.last_commit;
    Ok(LookedAt { clean, acknowledged, journaled, tables, _lock: None })
}

fn create(directory: &Path, data: &Path) -> Result<(), OpenError> {
    let io = |action| move |cause| OpenError::Io { path: directory.to_owned(), action, cause };
    let unfinished = directory.join("data.new");
    clear_for_creation(directory, &unfinished)?;
    let engine = Engine::open(&unfinished, true).map_err(|error| refused(directory, &error))?;
    engine.commit(numbered(Vec::new(), 0)).map_err(|error| refused(directory, &error))?;
    drop(engine);
    sync_tree(&unfinished).map_err(io("sync the new store"))?;
    format_files::sync_directory(directory).map_err(io("sync the directory"))?;
    format_files::write_format(directory, FORMAT).map_err(io("write the format"))?;
    fs::rename(&unfinished, data).map_err(io("finish the creation"))?;
    format_files::sync_directory(directory).map_err(io("sync the directory"))
}

/// Sees to it that the directory holds neither somebody else's files, nor a store that lost its data, nor
/// an unfinished creation; nothing in one was ever acknowledged.
fn clear_for_creation(directory: &Path, unfinished: &Path) -> Result<(), OpenError> {
    let io = |action| move |cause| OpenError::Io { path: directory.to_owned(), action, cause };
    restoring::check_finished(directory)?;
    let format = format_files::read_format(directory).map_err(io("read the format"))?;
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
        format_files::remove_format(directory).map_err(io("remove an unfinished creation"))?;
        fs::remove_dir_all(unfinished).map_err(io("remove an unfinished creation"))?;
    }
    Ok(())
}

/// The engine does not sync the entries of directories it creates: without this a new store can vanish
/// with a power cut on a strict file system.
pub(crate) fn sync_tree(directory: &Path) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_tree(&entry.path())?;
        } else {
            File::open(entry.path())?.sync_all()?;
        }
    }
    format_files::sync_directory(directory)
}

fn check_format(directory: &Path) -> Result<(), OpenError> {
    let path = directory.to_owned();
    match format_files::read_format(directory) {
        Ok(Some(FORMAT)) => Ok(()),
        Ok(Some(found)) => Err(OpenError::TooNew { path, found, known: FORMAT }),
        Ok(None) => Err(OpenError::NotAStore(path)),
        Err(cause) => Err(OpenError::Io { path, action: "read the format", cause }),
    }
}

fn look_at_lists(directory: &Path, data: &Path) -> Result<Vec<Listed>, OpenError> {
    manifest::tables(data).map_err(|error| match error {
        ManifestError::Io { path, cause } => OpenError::File { path, cause },
        damaged @ ManifestError::Damaged { .. } => {
            OpenError::Damaged { path: directory.to_owned(), what: damaged.to_string() }
        }
    })
}

fn look_at_journals(directory: &Path, data: &Path, known: &Known) -> Result<Preflight, OpenError> {
    let found = preflight(data, known).map_err(|error| match error {
        PreflightError::InUse { .. } => OpenError::InUse(directory.to_owned()),
        PreflightError::Io { path, error: cause } => OpenError::File { path, cause },
        damaged @ (PreflightError::Damaged { .. }
        | PreflightError::CutShort { .. }
        | PreflightError::Name(_)
        | PreflightError::NoJournal(_)) => OpenError::Damaged { path: directory.to_owned(), what: damaged.to_string() },
    })?;
    if let Some(torn) = &found.torn {
        let acknowledged = known.acknowledged;
        tracing::warn!(?torn, acknowledged, "cut an unreadable end from the journal; a copy is kept");
    }
    Ok(found)
}

/// The number of a commit in the first row of its batch.
fn commit_number(key: &[u8], value: &[u8]) -> Option<u64> {
    (key == keys::LAST_COMMIT).then(|| values::decode_number(value).ok())?
}

fn last_commit(directory: &Path, engine: &Engine) -> Result<u64, OpenError> {
    let damaged = |what| OpenError::Damaged { path: directory.to_owned(), what };
    let row = engine.get(keys::LAST_COMMIT).and_then(|row| row.map(|value| values::decode_number(&value)).transpose());
    match row {
        Ok(Some(number)) => Ok(number),
        Ok(None) => Err(damaged("the number of the last commit is missing".into())),
        Err(StoreError::Unreadable(cause)) => Err(unreadable(directory, "read from it", io::Error::other(cause))),
        Err(error) => Err(damaged(error.to_string())),
    }
}

/// The last commit must be the one that a clean shutdown wrote down. After any other end it may be a later one than was
/// acknowledged, and in a journal that holds any it is the last one there.
fn check_last_commit(directory: &Path, found: u64, known: &LookedAt) -> Result<(), OpenError> {
    let what = match *known {
        LookedAt { clean: Some(expected), .. } if expected != found => {
            format!("it was closed after commit {expected}, but the last one found is {found}")
        }
        LookedAt { acknowledged: Some(acknowledged), .. } if found < acknowledged => {
            format!("commit {acknowledged} had been acknowledged, but the last one found is {found}")
        }
        LookedAt { journaled: Some(journaled), .. } if journaled < found => {
            format!("its tables hold commit {found}, but its newest journal ends with commit {journaled}")
        }
        _ => return Ok(()),
    };
    Err(OpenError::Damaged { path: directory.to_owned(), what })
}
