//! Inspects a store before its engine is opened: its format, the numbers in the files beside the engine's directory,
//! and the engine's lists and journals.

use std::fs::File;
use std::path::Path;

use fjall_guard::{Known, ListedFile, Preflight, TornTail, preflight};

use super::format_files::{self, FORMAT, FORMAT_MIN};
use super::open_error::OpenError;
use super::{acknowledged, directory, restoring};
use crate::embedded::format::{keys, values};

/// The facts about a store that are known before its engine is opened.
pub(super) struct Inspection {
    /// The format of the directory, which this build reads.
    pub(super) format: u32,
    /// The last commit before a clean shutdown.
    pub(super) clean: Option<u64>,
    /// The last commit that was acknowledged, if that is known.
    pub(super) acknowledged: Option<u64>,
    /// The last commit in the newest journal.
    pub(super) journaled: Option<u64>,
    pub(super) tables: Vec<ListedFile>,
    /// What was cut from the newest journal although the last acknowledged commit may be there. It is put back where
    /// the tables do not hold that commit.
    pub(super) in_doubt: Option<TornTail>,
    /// The directory lock, held by callers that do not open the store until they are done.
    _lock: Option<File>,
}

impl Inspection {
    /// Undoes a cut in doubt: the engine did not find the commit, or was not asked.
    pub(super) fn put_back(&self) -> Result<(), OpenError> {
        let Some(torn) = &self.in_doubt else { return Ok(()) };
        torn.put_back().map_err(|cause| OpenError::file(&torn.journal, cause))
    }
}

/// Locks a store and inspects it, as [`super::opening::open`] does before it opens the engine.
pub(super) fn inspect_and_lock(directory: &Path) -> Result<Inspection, OpenError> {
    let data = directory.join("data");
    let io = |cause| OpenError::Io { path: directory.to_owned(), action: "look into the directory", cause };
    if !data.try_exists().map_err(io)? {
        restoring::check_finished(directory)?;
        return Err(OpenError::Missing(directory.to_owned()));
    }
    let lock = directory::lock(directory)?;
    Ok(Inspection { _lock: Some(lock), ..inspect(directory, &data)? })
}

pub(super) fn inspect(directory: &Path, data: &Path) -> Result<Inspection, OpenError> {
    let io = |action| move |cause| OpenError::Io { path: directory.to_owned(), action, cause };
    let format = read_format(directory)?;
    let clean = format_files::read_clean(directory).map_err(io("read the mark of a clean shutdown"))?;
    let acknowledged = acknowledged::read(directory).map_err(io("read the number of the last commit"))?;
    let tables = fjall_guard::tables(data).map_err(|error| refused_by_guard(directory, error))?;
    let known = Known { closed_cleanly: clean.is_some(), acknowledged, number: commit_number };
    let journals = check_journals(directory, data, &known)?;
    let (journaled, in_doubt) = (journals.last_commit, journals.torn.filter(|torn| torn.in_doubt.is_some()));
    Ok(Inspection { format, clean, acknowledged, journaled, tables, in_doubt, _lock: None })
}

fn read_format(directory: &Path) -> Result<u32, OpenError> {
    let path = directory.to_owned();
    match format_files::read_format(directory) {
        Ok(Some(found @ FORMAT_MIN..=FORMAT)) => Ok(found),
        Ok(Some(found)) => Err(OpenError::TooNew { path, found, known: FORMAT }),
        Ok(None) => Err(OpenError::NotAStore(path)),
        Err(cause) => Err(OpenError::Io { path, action: "read the format", cause }),
    }
}

fn check_journals(directory: &Path, data: &Path, known: &Known) -> Result<Preflight, OpenError> {
    let found = preflight(data, known).map_err(|error| refused_by_guard(directory, error))?;
    if let Some(torn) = &found.torn {
        let acknowledged = known.acknowledged;
        tracing::warn!(?torn, acknowledged, "cut an unreadable end from the journal; a copy is kept");
    }
    Ok(found)
}

fn refused_by_guard(directory: &Path, error: fjall_guard::Error) -> OpenError {
    match error {
        fjall_guard::Error::InUse(_) => OpenError::InUse(directory.to_owned()),
        fjall_guard::Error::Io { path, cause } => OpenError::File { path, cause },
        fjall_guard::Error::Damaged(damage) => {
            OpenError::Damaged { path: directory.to_owned(), what: damage.to_string() }
        }
    }
}

/// The number of a commit, from the first row of its batch.
fn commit_number(key: &[u8], value: &[u8]) -> Option<u64> {
    (key == keys::LAST_COMMIT).then(|| values::decode_number(value).ok())?
}
