//! Writes a dump line by line.

use std::io::{self, Write};

use pinfold_core::{AccountState, AppId, ChatGroup, ChatGroupId, ChatGroupSeq, HistoryChange, RecentEntry, Timestamp};
use sha2::{Digest as _, Sha256};

use super::account::AccountLine;
use super::account_set::AccountSet;
use super::error::{name, name_of_chat_group};
use super::format::{ChatGroupLine, EndLine, HeaderLine, Line};
use super::history::ChangeLine;
use super::last_changes::LastChanges;
use super::recents::{ChatGroupTimeLine, EntryLine};
use super::seal::seal;
use super::{Begun, DumpFormat, DumpVersion, ExportError, LINE_BYTES_MAX, LeftOut, Moved};
use crate::AccountKey;
use crate::recents::check_time;

/// Writes a dump: accounts, their entries, their history, chat groups, their times, and the end. Holds one line in memory, and 8 bytes
/// for each account.
pub struct Writer<W> {
    to: W,
    format: DumpFormat,
    left_out: LeftOut,
    line_bytes_max: usize,
    text: Vec<u8>,
    sha256: Sha256,
    last: Option<AccountKey>,
    accounts: AccountSet,
    /// Of an export that goes on.
    last_changes: Option<LastChanges>,
    written: Moved,
}

impl<W: Write> Writer<W> {
    /// Begins a dump. `written_at` is the time in seconds since 1970; it is for people.
    ///
    /// # Errors
    /// What `to` says.
    pub fn begin(to: W, written_at: u64) -> Result<Self, ExportError> {
        Self::begin_as(to, written_at, DumpFormat::default())
    }

    /// The same without the history, or in a version that older builds read; [`Writer::left_out`] tells what that has no
    /// place for.
    ///
    /// # Errors
    /// What `to` says.
    pub fn begin_as(to: W, written_at: u64, format: DumpFormat) -> Result<Self, ExportError> {
        let mut writer = Self {
            to,
            format,
            left_out: LeftOut::default(),
            line_bytes_max: LINE_BYTES_MAX,
            text: Vec::new(),
            sha256: Sha256::new(),
            last: None,
            accounts: AccountSet::default(),
            last_changes: None,
            written: Moved::default(),
        };
        let written_by = concat!("pinfold ", env!("CARGO_PKG_VERSION")).into();
        let history = format.with_history || format.version == DumpVersion::V1;
        let head = HeaderLine { version: format.version.number(), written_by, written_at, history };
        writer.put(&Line::PinfoldDump(head), || "the head".into())?;
        Ok(writer)
    }

    /// Continues after what an interrupted export left, in its format; `to` must stand at its end.
    pub fn resume(to: W, begun: Begun) -> Self {
        let Begun { format, bytes, last, accounts, sha256, set, last_changes } = begun;
        Self {
            to,
            format,
            left_out: LeftOut::default(),
            line_bytes_max: LINE_BYTES_MAX,
            text: Vec::new(),
            sha256,
            last: Some(last),
            accounts: set,
            last_changes: Some(last_changes),
            written: Moved { accounts, bytes, ..Moved::default() },
        }
    }

    /// With another limit than [`LINE_BYTES_MAX`].
    #[must_use]
    pub fn with_line_bytes_max(self, line_bytes_max: usize) -> Self {
        Self { line_bytes_max, ..self }
    }

    /// Writes an account.
    ///
    /// # Errors
    /// [`ExportError::Unfit`] for a state that would not be read back; what the destination says.
    pub fn account(&mut self, account: &AccountKey, state: &AccountState) -> Result<(), ExportError> {
        state
            .check()
            .map_err(|inconsistency| ExportError::Unfit { what: name(account), problem: inconsistency.to_string() })?;
        let line = AccountLine::new(account, state);
        let line = match self.format {
            DumpFormat { version: DumpVersion::V1, .. } => line.of_version_1(),
            DumpFormat { version: DumpVersion::V2, with_history: false } => line.without_history(),
            DumpFormat { version: DumpVersion::V2, with_history: true } => line,
        };
        self.put(&Line::Account(line), || name(account))?;
        self.accounts.insert(account);
        if let Some(last_changes) = &mut self.last_changes {
            last_changes.insert(account, state);
        }
        self.written.accounts += 1;
        if self.format.version == DumpVersion::V1 {
            self.left_out.count(state);
        }
        Ok(())
    }

    /// Writes an entry, after all accounts. Leaves out those of an account that is not in the dump: one that is damaged,
    /// or that came after the instant of the accounts.
    ///
    /// # Errors
    /// [`ExportError::Unfit`] for a time that would not be read back; what the destination says.
    pub fn entry(&mut self, account: &AccountKey, entry: &RecentEntry) -> Result<(), ExportError> {
        if !self.accounts.may_contain(account) {
            return Ok(());
        }
        check_time(entry.at).map_err(|problem| ExportError::Unfit {
            what: name(account),
            problem: format!("the entry of {}: {problem}", entry.conversation),
        })?;
        match self.format.version {
            DumpVersion::V1 => self.left_out.entries += 1,
            DumpVersion::V2 => {
                self.put(&Line::Entry(EntryLine::new(account, entry)), || name(account))?;
                self.written.entries += 1;
            }
        }
        Ok(())
    }

    /// Writes a change, after all entries and after the change before it. Leaves out those of an account that is not in
    /// the dump, as entries.
    ///
    /// # Errors
    /// What the destination says.
    pub fn change(&mut self, account: &AccountKey, change: &HistoryChange) -> Result<(), ExportError> {
        if !self.accounts.may_contain(account) {
            return Ok(());
        }
        match self.format.version {
            DumpVersion::V1 => self.left_out.changes += 1,
            DumpVersion::V2 => {
                self.put(&Line::Change(ChangeLine::new(account, change)), || name(account))?;
                self.written.changes += 1;
            }
        }
        Ok(())
    }

    /// Writes a chat group, after all accounts and those of its app with smaller serial numbers.
    ///
    /// # Errors
    /// What the destination says.
    pub fn chat_group(
        &mut self,
        app: AppId,
        serial: ChatGroupSeq,
        id: &ChatGroupId,
        chat_group: &ChatGroup,
    ) -> Result<(), ExportError> {
        let line = Line::ChatGroup(ChatGroupLine::new(app, serial, id, chat_group));
        self.put(&line, || name_of_chat_group(app, id))?;
        self.written.chat_groups += 1;
        Ok(())
    }

    /// Writes the time of the last message in a chat group, after all chat groups.
    ///
    /// # Errors
    /// As [`Writer::entry`].
    pub fn chat_group_time(&mut self, app: AppId, id: &ChatGroupId, at: Timestamp) -> Result<(), ExportError> {
        let what = || name_of_chat_group(app, id);
        check_time(at).map_err(|problem| ExportError::Unfit { what: what(), problem })?;
        match self.format.version {
            DumpVersion::V1 => self.left_out.chat_group_times += 1,
            DumpVersion::V2 => {
                self.put(&Line::ChatGroupTime(ChatGroupTimeLine::new(app, id, at)), what)?;
                self.written.chat_group_times += 1;
            }
        }
        Ok(())
    }

    /// Writes the end, without which a dump is none.
    ///
    /// # Errors
    /// What the destination says.
    pub fn end(mut self) -> Result<W, ExportError> {
        let end = EndLine::new(&self.written, hex::encode(self.sha256.clone().finalize()));
        self.put(&Line::End(end), || "the end".into())?;
        self.to.flush()?;
        Ok(self.to)
    }

    /// The account after which an interrupted export continues.
    pub(super) fn continues_after(&mut self) -> Option<AccountKey> {
        self.last.take()
    }

    /// Whether it is to have the history.
    pub(super) fn with_history(&self) -> bool {
        self.format.with_history
    }

    /// The last changes of the accounts in the dump, if it is an export that goes on: the store may have others since.
    pub(super) fn last_changes(&self) -> Option<&LastChanges> {
        self.last_changes.as_ref()
    }

    /// Where it is written to.
    pub(super) fn destination(&mut self) -> &mut W {
        &mut self.to
    }

    /// What was written so far.
    pub(super) fn written(&self) -> Moved {
        self.written
    }

    /// What was to be written so far and the version has no place for.
    pub fn left_out(&self) -> LeftOut {
        self.left_out
    }

    fn put(&mut self, line: &Line<'_>, what: impl FnOnce() -> String) -> Result<(), ExportError> {
        self.text.clear();
        serde_json::to_writer(&mut self.text, line).map_err(io::Error::from)?;
        seal(&mut self.text);
        self.text.push(b'\n');
        if self.text.len() > self.line_bytes_max {
            let problem = format!("it takes {} bytes, a line has at most {}", self.text.len(), self.line_bytes_max);
            return Err(ExportError::Unfit { what: what(), problem });
        }
        self.sha256.update(&self.text);
        self.written.bytes += self.text.len() as u64;
        Ok(self.to.write_all(&self.text)?)
    }
}
