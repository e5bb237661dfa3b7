//! Opens a store, with all checks before the first call is served.

use std::fs::File;
use std::io;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::acknowledged::Acknowledged;
use super::creation::create;
use super::directory_watch::DirectoryWatch;
use super::format_files::FORMAT;
use super::inspect::{Inspection, inspect};
use super::open_error::{OpenError, refused, unreadable};
use super::{directory, format_files, probe};
use crate::StoreError;
use crate::embedded::engine::Engine;
use crate::embedded::format::{keys, values};

/// An open store.
pub(crate) struct Opened {
    pub(crate) engine: Engine,
    pub(crate) last_commit: u64,
    pub(crate) watch: DirectoryWatch,
    pub(crate) acknowledged: Acknowledged,
    /// The directory lock, held until the store is closed.
    pub(crate) lock: File,
}

/// How long to wait for another process to release the store: one that is ending, or a child of this process that holds
/// its locks until it executes its program.
const IN_USE_MAX: Duration = Duration::from_secs(1);
const IN_USE_PAUSE: Duration = Duration::from_millis(20);

/// Opens the store in this directory; creates one if the directory is missing or empty. A store of an older format gets
/// the one of this build, unless `keep_format` says that nothing will be written.
pub(crate) fn open(directory: &Path, keep_format: bool) -> Result<Opened, OpenError> {
    let began = Instant::now();
    loop {
        match open_now(directory, keep_format) {
            Err(OpenError::InUse(_)) if began.elapsed() < IN_USE_MAX => sleep(IN_USE_PAUSE),
            ended => return ended,
        }
    }
}

fn open_now(directory: &Path, keep_format: bool) -> Result<Opened, OpenError> {
    let data = directory.join("data");
    let io = |action| move |cause| OpenError::Io { path: directory.to_owned(), action, cause };
    directory::create(directory, |_| ()).map_err(io("create the directory"))?;
    let lock = directory::lock(directory)?;
    if !data.try_exists().map_err(io("look into the directory"))? {
        create(directory, &data)?;
    }
    let mut watch = DirectoryWatch::new(directory, &lock).map_err(io("look into the directory"))?;
    let (engine, last_commit, format) = open_engine(directory, &data)?;
    watch.opened().map_err(io("look into the directory"))?;
    if format < FORMAT && !keep_format {
        upgrade(directory, format)?;
    }
    format_files::remove_clean(directory).map_err(io("remove the mark of a clean shutdown"))?;
    probe::remove_probe(directory).map_err(io("remove what a probe for room left"))?;
    let acknowledged =
        Acknowledged::begin(directory, last_commit).map_err(io("write the number of the last commit"))?;
    Ok(Opened { engine, last_commit, lock, watch, acknowledged })
}

/// Opens the engine of a store that this process has locked and whose engine it closed.
pub(crate) fn reopen(directory: &Path) -> Result<(Engine, u64), OpenError> {
    open_engine(directory, &directory.join("data")).map(|(engine, last_commit, _)| (engine, last_commit))
}

/// The engine, the last commit and the format of the store.
fn open_engine(directory: &Path, data: &Path) -> Result<(Engine, u64, u32), OpenError> {
    let inspection = inspect(directory, data)?;
    let opened = open_checked(directory, data, &inspection);
    if opened.is_err() {
        inspection.put_back()?;
    }
    opened.map(|(engine, last_commit)| (engine, last_commit, inspection.format))
}

fn open_checked(directory: &Path, data: &Path, known: &Inspection) -> Result<(Engine, u64), OpenError> {
    let engine = Engine::open(data, false).map_err(|error| refused(directory, &error))?;
    let last_commit = last_commit(directory, &engine)?;
    check_last_commit(directory, last_commit, known)?;
    Ok((engine, last_commit))
}

/// Writes the format of this build, before the first value that older builds do not read. Values of the older format
/// stay until their account changes.
fn upgrade(directory: &Path, from: u32) -> Result<(), OpenError> {
    let io = |cause| OpenError::Io { path: directory.to_owned(), action: "write the format", cause };
    format_files::write_format(directory, FORMAT).map_err(io)?;
    tracing::info!(from, to = FORMAT, "upgraded the format of the store; older builds refuse it from now on");
    Ok(())
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

/// After a clean shutdown the last commit must be the one recorded then. After any other end it must not be older than
/// the last acknowledged one, and a newest journal with commits must end with it.
fn check_last_commit(directory: &Path, found: u64, known: &Inspection) -> Result<(), OpenError> {
    let what = match *known {
        Inspection { clean: Some(expected), .. } if expected != found => {
            format!("it was closed after commit {expected}, but the last one found is {found}")
        }
        Inspection { acknowledged: Some(acknowledged), .. } if found < acknowledged => {
            format!("commit {acknowledged} had been acknowledged, but the last one found is {found}")
        }
        Inspection { journaled: Some(journaled), .. } if journaled < found => {
            format!("its tables hold commit {found}, but its newest journal ends with commit {journaled}")
        }
        _ => return Ok(()),
    };
    Err(OpenError::Damaged { path: directory.to_owned(), what })
}
