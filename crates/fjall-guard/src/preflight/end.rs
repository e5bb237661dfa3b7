//! The end of a journal: complete, torn, or damaged.

use std::fs::File;
use std::io::{self, BufReader, Seek as _, SeekFrom};
use std::path::Path;

use super::format::{Fault, Stop, read_first};
use super::known::Known;
use super::scan::{Rest, rest};
use super::sequence::{LEAP_MAX, follows};
use crate::error::{Damage, Error, Proof};

/// Where the whole batches of a journal end, and what is known about that place.
pub(super) struct End<'j> {
    pub(super) journal: &'j Path,
    pub(super) offset: u64,
    pub(super) is_newest: bool,
    /// The highest sequence number before the end.
    pub(super) sequence: Option<u64>,
    /// The last commit before the end, in this journal or in those directly before it.
    pub(super) committed: Option<u64>,
    pub(super) known: &'j Known,
}

/// The bytes of a torn batch after the end of a journal.
pub(super) struct Torn {
    /// The offset up to which they were written.
    pub(super) to: u64,
    /// See [`super::TornTail::in_doubt`].
    pub(super) in_doubt: Option<u64>,
}

impl End<'_> {
    /// Refuses a newest journal that lacks a commit that was acknowledged.
    pub(super) fn check_complete(&self) -> Result<(), Error> {
        match (self.committed, self.known.acknowledged) {
            (Some(last), Some(acknowledged)) if self.is_newest && last < acknowledged => {
                Err(Damage::CutShort { journal: self.journal.to_owned(), last, acknowledged }.into())
            }
            _ => Ok(()),
        }
    }

    /// The bytes of a torn batch after this end, or `None` if only reserved space follows. Refuses an end that is
    /// damaged.
    pub(super) fn torn(&self, fault: Fault) -> Result<Option<Torn>, Error> {
        let damaged =
            |proof| Err(Damage::Journal { journal: self.journal.to_owned(), offset: self.offset, fault, proof }.into());
        if matches!(fault, Fault::SequenceBack | Fault::SequenceLeap) {
            return damaged(Proof::WholeBatch);
        }
        let is_plausible = |sequence| follows(self.sequence, sequence, LEAP_MAX).is_ok();
        match rest(self.journal, self.offset, is_plausible).map_err(Error::io(self.journal))? {
            Rest::Zeros => self.check_complete().map(|()| None),
            Rest::Batch(at) => damaged(Proof::BatchAfter(at)),
            Rest::Torn(_) if !self.is_newest => damaged(Proof::NewerJournal),
            Rest::Torn(_) if self.known.closed_cleanly => damaged(Proof::ClosedCleanly),
            Rest::Torn(to) => {
                self.check_complete()?;
                let in_doubt = self.in_doubt().map_err(Error::io(self.journal))?;
                in_doubt.map_or_else(
                    |number| damaged(Proof::Acknowledged(number)),
                    |in_doubt| Ok(Some(Torn { to, in_doubt })),
                )
            }
        }
    }

    /// The last acknowledged commit, if the torn batch may be that one: an error where its number says so, a value where
    /// it cannot be read.
    fn in_doubt(&self) -> io::Result<Result<Option<u64>, u64>> {
        let (None, Some(acknowledged)) = (self.committed, self.known.acknowledged) else { return Ok(Ok(None)) };
        Ok(match self.torn_number()? {
            Some(torn) if torn <= acknowledged => Err(acknowledged),
            Some(_) => Ok(None),
            None => Ok(Some(acknowledged)),
        })
    }

    /// The number of the torn commit, if its first row can be read.
    fn torn_number(&self) -> io::Result<Option<u64>> {
        let mut source = BufReader::new(File::open(self.journal)?);
        source.seek(SeekFrom::Start(self.offset))?;
        match read_first(&mut source) {
            Ok(first) => Ok(first.and_then(|(key, value)| (self.known.number)(&key, &value))),
            Err(Stop::Fault(_)) => Ok(None),
            Err(Stop::Io(error)) => Err(error),
        }
    }
}
