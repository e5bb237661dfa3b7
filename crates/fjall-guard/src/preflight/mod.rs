//! Checks fjall's journals before fjall opens them.
//!
//! fjall takes any place in a journal that does not parse for the torn end of the last write and cuts the file there.
//! After a power cut that is right; after a flipped bit it drops committed batches without an error. Conversely it
//! refuses to open when the last batch, which was never acknowledged, lost a sector in its middle. This check tells the
//! two apart: a torn end lies in the newest journal and no whole batch follows it. Such an end is cut, and a copy of it
//! is kept; anything else is refused with its place, and nothing is changed.
//!
//! A flipped bit in the newest batch, or a journal that was cut short, looks like a torn end or like no end at all.
//! What the caller knows tells them apart: that the database was closed cleanly, so that nothing can be torn, or the
//! number of the last commit that was acknowledged. Without either, the check cannot say whether what it cuts had been
//! acknowledged.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

mod end;
pub(crate) mod format;
mod known;
mod scan;
mod sequence;
#[cfg(test)]
mod tests;
mod torn;

use end::{End, Torn};
pub use format::Fault;
use format::{Stop, read_batch};
pub use known::Known;
use sequence::{LEAP_MAX, follows};

use crate::error::{Damage, Error};

const BUFFER_BYTES: usize = 256 * 1024;
const LOCK_TRIES: u32 = 3;
const LOCK_PAUSE: Duration = Duration::from_millis(100);

/// What the check found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Preflight {
    /// The number of journals.
    pub journals: usize,
    /// The number of whole batches in them.
    pub batches: u64,
    /// The torn end that was cut from the newest journal.
    pub torn: Option<TornTail>,
    /// The number of the last commit in the newest journal; `None` if no batch there has a number.
    pub last_commit: Option<u64>,
}

/// A torn end that was cut.
#[derive(Debug, PartialEq, Eq)]
pub struct TornTail {
    /// The journal.
    pub journal: PathBuf,
    /// Where the journal ends now.
    pub offset: u64,
    /// The number of bytes that were cut, without the reserved space after them.
    pub bytes: u64,
    /// What was wrong with them.
    pub fault: Fault,
    /// The file that keeps the bytes that were cut.
    pub copy: PathBuf,
    /// The last acknowledged commit, if the torn batch may be that one: no journal holds a whole batch, and the number of
    /// this one is lost. Then the tables hold that commit, or it was cut here.
    pub in_doubt: Option<u64>,
}

impl TornTail {
    /// Writes the bytes that were cut to their place again. No process may have the database open.
    ///
    /// # Errors
    /// What the system says; then the copy is still there.
    pub fn put_back(&self) -> io::Result<()> {
        torn::put_back(&self.journal, self.offset, &self.copy)
    }
}

struct Journal {
    number: u64,
    path: PathBuf,
}

/// The result of reading one journal from its start.
struct Walk {
    batches: u64,
    /// The offset after the last batch that is whole and in sequence.
    end: u64,
    fault: Option<Fault>,
    last_commit: Option<u64>,
}

/// Checks the journals in `dir`, the directory given to fjall, and cuts a torn end. After a clean shutdown nothing is
/// cut and any bad place is refused. An end is refused too if a commit that was acknowledged is missing there. Where
/// only the tables can tell, it is cut, and [`TornTail::in_doubt`] names the commit to look for after opening.
///
/// Takes fjall's own lock meanwhile, and reads every journal once with a small buffer. A directory that is missing or
/// empty passes.
///
/// # Errors
/// [`Error::InUse`], [`Error::Io`], and any [`Damage`] but that of a list of tables.
pub fn preflight(dir: &Path, known: &Known) -> Result<Preflight, Error> {
    let io_error = Error::io(dir);
    if !dir.try_exists().map_err(io_error)? {
        return Ok(Preflight::default());
    }
    let _lock = lock(dir)?;
    let journals = list_journals(dir)?;
    if journals.is_empty() && dir.join("version").try_exists().map_err(io_error)? {
        return Err(Damage::NoJournal(dir.to_owned()).into());
    }
    check(dir, &journals, known)
}

fn check(dir: &Path, journals: &[Journal], known: &Known) -> Result<Preflight, Error> {
    let mut found = Preflight { journals: journals.len(), ..Preflight::default() };
    let (mut last, mut committed) = (None, None);
    for (index, journal) in journals.iter().enumerate() {
        // Journals are deleted oldest first, but after a power cut a deletion may be undone: then numbers are missing.
        let in_turn = index > 0 && journals[index - 1].number + 1 == journal.number;
        let io_error = Error::io(&journal.path);
        let walk = walk(&journal.path, &mut last, in_turn, known.number).map_err(io_error)?;
        found.batches += walk.batches;
        found.last_commit = walk.last_commit;
        // All batches of a missing journal are in tables, and so are those of the journals before it.
        committed = walk.last_commit.or(committed.filter(|_| in_turn));
        let is_newest = index + 1 == journals.len();
        let end = End { journal: &journal.path, offset: walk.end, is_newest, sequence: last, committed, known };
        match walk.fault {
            None => end.check_complete()?,
            Some(fault) => {
                if let Some(torn) = end.torn(fault)? {
                    found.torn = Some(cut_tail(dir, &end, &torn, fault).map_err(io_error)?);
                }
            }
        }
    }
    Ok(found)
}

/// Reads batches until the end or the first bad place. `last` is the highest sequence number so far; the first batch
/// may leap from it unless the journal is `in_turn`, the direct successor of the one before.
fn walk(
    journal: &Path,
    last: &mut Option<u64>,
    in_turn: bool,
    number: fn(&[u8], &[u8]) -> Option<u64>,
) -> io::Result<Walk> {
    let mut source = BufReader::with_capacity(BUFFER_BYTES, File::open(journal)?);
    let mut walk = Walk { batches: 0, end: 0, fault: None, last_commit: None };
    while walk.fault.is_none() && !source.fill_buf()?.is_empty() {
        let leap_max = if in_turn || walk.batches > 0 { LEAP_MAX } else { u64::MAX };
        match read_batch(&mut source) {
            Ok(batch) => match follows(*last, batch.sequence, leap_max) {
                Ok(()) => {
                    *last = Some(batch.sequence);
                    walk.batches += 1;
                    walk.end += batch.bytes;
                    let first = batch.first.and_then(|(key, value)| number(&key, &value));
                    walk.last_commit = first.or(walk.last_commit);
                }
                Err(fault) => walk.fault = Some(fault),
            },
            Err(Stop::Fault(fault)) => walk.fault = Some(fault),
            Err(Stop::Io(error)) => return Err(error),
        }
    }
    Ok(walk)
}

fn cut_tail(dir: &Path, end: &End<'_>, torn: &Torn, fault: Fault) -> io::Result<TornTail> {
    let (journal, offset) = (end.journal.to_owned(), end.offset);
    let copy = torn::keep_copy(dir, &journal, offset, torn.to)?;
    torn::cut(&journal, offset)?;
    Ok(TornTail { journal, offset, bytes: torn.to - offset, fault, copy, in_doubt: torn.in_doubt })
}

/// Takes fjall's own lock: without it, what looks torn may be a write in progress.
fn lock(dir: &Path) -> Result<File, Error> {
    let io_error = Error::io(dir);
    let mut options = OpenOptions::new();
    let file = options.write(true).create(true).truncate(false).open(dir.join("lock")).map_err(io_error)?;
    for _ in 0..LOCK_TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => sleep(LOCK_PAUSE),
            Err(TryLockError::Error(error)) => return Err(io_error(error)),
        }
    }
    Err(Error::InUse(dir.to_owned()))
}

fn list_journals(dir: &Path) -> Result<Vec<Journal>, Error> {
    let io_error = Error::io(dir);
    let mut journals = Vec::new();
    for entry in fs::read_dir(dir).map_err(io_error)? {
        let path = entry.map_err(io_error)?.path();
        if path.extension().is_none_or(|extension| !extension.eq_ignore_ascii_case("jnl")) {
            continue;
        }
        match path.file_stem().and_then(|name| name.to_str()?.parse().ok()) {
            Some(number) => journals.push(Journal { number, path }),
            None => return Err(Damage::JournalName(path).into()),
        }
    }
    journals.sort_by_key(|journal| journal.number);
    Ok(journals)
}
