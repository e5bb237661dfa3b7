//! Reads a dump line by line and takes nothing for granted: order, sums, counts, values, and that it ends.

use std::io::{BufRead, Read as _};

use pinfold_core::{
    AccountState, AppId, ChatGroup, ChatGroupId, ChatGroupSeq, HistoryChange, RecentEntry, Revision, Timestamp,
};
use sha2::{Digest as _, Sha256};

use super::account::AccountLine;
use super::account_set::AccountSet;
use super::error::name;
use super::format::{ChatGroupLine, EndLine, HeaderLine, Line};
use super::history::ChangeLine;
use super::kind::Kind;
use super::recents::{ChatGroupTimeLine, EntryLine};
use super::seal::unseal;
use super::{DumpFormat, DumpVersion, LINE_BYTES_MAX, LineError, Moved};
use crate::AccountKey;

/// What a line holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// An account with all that is kept for it.
    Account(AccountKey, AccountState),
    /// An entry of recent conversations, of an account that is in the dump.
    Entry(AccountKey, RecentEntry),
    /// A change of the history of an account that is in the dump. Those of an account ascend without gaps.
    Change(AccountKey, HistoryChange),
    /// A chat group of the register. Those of an app come in the order of their serial numbers.
    ChatGroup(AppId, ChatGroupSeq, ChatGroupId, ChatGroup),
    /// The time of the last message in a chat group, registered or not.
    ChatGroupTime(AppId, ChatGroupId, Timestamp),
}

/// An item and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedItem {
    /// Number of the line, from 1.
    pub line: u64,
    /// Length of the line, in bytes.
    pub line_bytes: usize,
    /// Bytes of the dump to the end of this line.
    pub bytes: u64,
    /// What it holds.
    pub item: Item,
}

/// Reads a dump. Holds one line in memory, and 8 bytes for each account.
pub struct Reader<R> {
    from: R,
    format: DumpFormat,
    line_bytes_max: usize,
    text: Vec<u8>,
    line: u64,
    sha256: Sha256,
    accounts: AccountSet,
    read: Moved,
    last_kind: Kind,
    last_change: Option<(AccountKey, Revision)>,
    last_chat_group: Option<(AppId, ChatGroupSeq)>,
}

impl<R: BufRead> Reader<R> {
    /// A reader of a dump, from its first byte.
    pub fn new(from: R) -> Self {
        Self {
            from,
            format: DumpFormat::default(),
            line_bytes_max: LINE_BYTES_MAX,
            text: Vec::new(),
            line: 0,
            sha256: Sha256::new(),
            accounts: AccountSet::default(),
            read: Moved::default(),
            last_kind: Kind::Account,
            last_change: None,
            last_chat_group: None,
        }
    }

    /// With another limit than [`LINE_BYTES_MAX`].
    #[must_use]
    pub fn with_line_bytes_max(self, line_bytes_max: usize) -> Self {
        Self { line_bytes_max, ..self }
    }

    /// The next item; `None` after the last one, if everything that the end line says holds.
    ///
    /// # Errors
    /// [`LineError`] for the first line that is wrong. Nothing can be read after it.
    pub fn read(&mut self) -> Result<Option<PlacedItem>, LineError> {
        self.read_line().map_err(|problem| LineError { line: self.line, problem })
    }

    /// Reads to the end; how much there is.
    ///
    /// # Errors
    /// As [`Reader::read`].
    pub fn read_to_end(mut self, mut seen: impl FnMut(&PlacedItem)) -> Result<Moved, LineError> {
        while let Some(item) = self.read()? {
            seen(&item);
        }
        Ok(self.read)
    }

    /// The format of the dump, as soon as its head was read.
    pub(super) fn format(&self) -> DumpFormat {
        self.format
    }

    /// How much was read so far.
    pub(super) fn read_so_far(&self) -> Moved {
        self.read
    }

    /// The accounts read so far.
    pub(super) fn into_accounts(self) -> AccountSet {
        self.accounts
    }

    /// Sum of all lines read so far, unfinished.
    pub(super) fn sha256(&self) -> Sha256 {
        self.sha256.clone()
    }

    fn read_line(&mut self) -> Result<Option<PlacedItem>, String> {
        if self.line == 0 {
            self.header()?;
        }
        let before = self.sha256.clone();
        let line_bytes = self.next_text()?;
        // Taken out, so that the values may borrow from it while the reader continues.
        let text = std::mem::take(&mut self.text);
        let item = match parse(&text)? {
            Line::Account(account) => self.account(account)?,
            Line::Entry(entry) => self.entry(entry)?,
            Line::Change(change) => self.change(change)?,
            Line::ChatGroup(chat_group) => self.chat_group(chat_group)?,
            Line::ChatGroupTime(time) => self.chat_group_time(time)?,
            Line::End(end) => return self.end(&end, before).map(|()| None),
            Line::PinfoldDump(_) => return Err("a second head; are these two dumps, one after the other?".into()),
        };
        self.text = text;
        Ok(Some(PlacedItem { line: self.line, line_bytes, bytes: self.read.bytes, item }))
    }

    fn header(&mut self) -> Result<(), String> {
        let foreign = |problem: String| format!("this is not a dump of pinfold, or it is damaged: {problem}");
        self.next_text().map_err(foreign)?;
        match parse(&self.text).map_err(foreign)? {
            Line::PinfoldDump(HeaderLine { version, history, .. }) => {
                let newest = DumpVersion::NEWEST.number();
                let version = DumpVersion::of_number(version).ok_or_else(|| {
                    format!(
                        "the dump has version {version}, this build reads up to {newest}; use the build that wrote it"
                    )
                })?;
                self.format = DumpFormat { version, with_history: history };
                Ok(())
            }
            Line::Account(_)
            | Line::Entry(_)
            | Line::Change(_)
            | Line::ChatGroup(_)
            | Line::ChatGroupTime(_)
            | Line::End(_) => Err(foreign("the head is missing".into())),
        }
    }

    fn account(&mut self, line: AccountLine<'_>) -> Result<Item, String> {
        self.begin(Kind::Account)?;
        let account = line.account()?;
        let state = line.state(self.format.version).map_err(|problem| format!("{}: {problem}", name(&account)))?;
        self.accounts.insert(&account);
        self.read.accounts += 1;
        Ok(Item::Account(account, state))
    }

    fn entry(&mut self, line: EntryLine<'_>) -> Result<Item, String> {
        self.begin(Kind::Entry)?;
        let (account, entry) = line.read()?;
        if !self.accounts.may_contain(&account) {
            return Err(format!("{}: it has an entry and is not in the dump", name(&account)));
        }
        self.read.entries += 1;
        Ok(Item::Entry(account, entry))
    }

    fn change(&mut self, line: ChangeLine<'_>) -> Result<Item, String> {
        self.begin(Kind::Change)?;
        let (account, change) = line.read()?;
        if !self.format.with_history {
            return Err(format!("{}: a change in a dump whose head says that it has no history", name(&account)));
        }
        if !self.accounts.may_contain(&account) {
            return Err(format!("{}: it has a change and is not in the dump", name(&account)));
        }
        if let Some((_, last)) = self.last_change.as_ref().filter(|(last, _)| *last == account)
            && last.0.checked_add(1) != Some(change.revision.0)
        {
            return Err(format!("{}: change {} after change {last}", name(&account), change.revision));
        }
        self.last_change = Some((account.clone(), change.revision));
        self.read.changes += 1;
        Ok(Item::Change(account, change))
    }

    fn chat_group(&mut self, line: ChatGroupLine<'_>) -> Result<Item, String> {
        self.begin(Kind::ChatGroup)?;
        let (app, serial, id, chat_group) = line.read()?;
        if self.last_chat_group.is_some_and(|last| last >= (app, serial)) {
            return Err(format!("chat group {:?} of app {} is not in the order of app and serial", id.as_str(), app.0));
        }
        self.last_chat_group = Some((app, serial));
        self.read.chat_groups += 1;
        Ok(Item::ChatGroup(app, serial, id, chat_group))
    }

    fn chat_group_time(&mut self, line: ChatGroupTimeLine<'_>) -> Result<Item, String> {
        self.begin(Kind::ChatGroupTime)?;
        let (app, id, at) = line.read()?;
        self.read.chat_group_times += 1;
        Ok(Item::ChatGroupTime(app, id, at))
    }

    /// Checks that a line of this kind may come now.
    fn begin(&mut self, kind: Kind) -> Result<(), String> {
        kind.check_place(self.last_kind, self.format.version)?;
        self.last_kind = kind;
        Ok(())
    }

    fn end(&mut self, end: &EndLine<'_>, before: Sha256) -> Result<(), String> {
        for kind in Kind::ALL {
            let (written, found) = (kind.count(&end.counts()), kind.count(&self.read));
            if written != found {
                let what = kind.many();
                return Err(format!(
                    "the end line counts {written} {what}, but there are {found}; lines were lost or added"
                ));
            }
        }
        if *end.sha256 != hex::encode(before.finalize()) {
            return Err("the sum of the whole dump is another; lines were changed or are in another order".into());
        }
        match self.next_bytes()? {
            0 => Ok(()),
            _ => Err("something follows the end".into()),
        }
    }

    /// Reads a line that must be there, and takes its sum off.
    fn next_text(&mut self) -> Result<usize, String> {
        let line_bytes = self.next_bytes()?;
        match line_bytes {
            0 => return Err("the dump ends here without its end line; it was cut".into()),
            _ if line_bytes > self.line_bytes_max => {
                return Err(format!("it is longer than {} bytes", self.line_bytes_max));
            }
            _ if self.text.pop() != Some(b'\n') => return Err("the dump ends within this line; it was cut".into()),
            _ => {}
        }
        unseal(&mut self.text)?;
        Ok(line_bytes)
    }

    /// Reads up to a line end, at most a byte more than a line may have; how many bytes, 0 at the end of the dump.
    fn next_bytes(&mut self) -> Result<usize, String> {
        self.line += 1;
        self.text.clear();
        let mut bounded = (&mut self.from).take(self.line_bytes_max as u64 + 1);
        let bytes = bounded.read_until(b'\n', &mut self.text).map_err(|error| format!("cannot read it: {error}"))?;
        self.sha256.update(&self.text);
        self.read.bytes += bytes as u64;
        Ok(bytes)
    }
}

/// Reads a line without its sum. The error tells the column.
fn parse(text: &[u8]) -> Result<Line<'_>, String> {
    serde_json::from_slice(text).map_err(|error| {
        let sentence = error.to_string();
        let what = sentence.rsplit_once(" at line ").map_or(sentence.as_str(), |(what, _)| what);
        format!("column {}: {what}", error.column())
    })
}
