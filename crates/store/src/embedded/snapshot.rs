//! Snapshots: turns all rows of one instant into accounts and chat groups, and reports the rows that do not fit as
//! damage.
//!
//! In key order accounts come first, then the counts, the entries of recent conversations, the chat groups by id, the
//! changes of accounts, the number of the last commit, the changes that wait to be sent, the list of serial numbers, the
//! times of messages in chat groups, and the pauses.

use std::ops::Bound;
use std::sync::Arc;

use fjall::Slice;
use fjall_guard::{SkippingScan, Unreadable};
use pinfold_core::{AppId, Head, RecentEntry, Revision};

use super::engine::Instant;
use super::format::keys::{self, Row};
use super::format::{bulk, history, outbox, rows, times, values};
use crate::dump::{name, name_of_chat_group};
use crate::history::{KeptRun, encoding};
use crate::snapshot::{SnapshotSender, Stop};
use crate::{AccountKey, Damage, Life, ListedChatGroup, OnDamage, RegisterCounts, SnapshotItem, StoreError, Version};

/// Sends everything after the account `after`, and the history if it is asked for.
pub(super) fn run(
    instant: &Instant,
    after: Option<&AccountKey>,
    on_damage: OnDamage,
    with_history: bool,
    sender: &SnapshotSender,
) -> Result<(), Stop> {
    let first = after.map_or(Bound::Unbounded, |after| Bound::Excluded(keys::end_of_account(after)));
    let mut assembler = Assembler { instant, after, on_damage, sender, account: None, head: None, changes: None };
    if with_history {
        return assembler.rows(first, &Bound::Unbounded);
    }
    assembler.rows(first, &Bound::Excluded(vec![history::CHANGES]))?;
    assembler.rows(Bound::Included(vec![history::CHANGES + 1]), &Bound::Unbounded)
}

struct Assembler<'s> {
    instant: &'s Instant,
    after: Option<&'s AccountKey>,
    on_damage: OnDamage,
    sender: &'s SnapshotSender,
    account: Option<Gathered>,
    /// The account of the last entry or change, and its head.
    head: Option<(AccountKey, Option<(Version, Head)>)>,
    changes: Option<Changes>,
}

/// The changes of the current account.
struct Changes {
    account: AccountKey,
    life: Option<Life>,
    run: KeptRun,
}

/// The rows read so far of the current account.
struct Gathered {
    account: AccountKey,
    prefix: Vec<u8>,
    rows: Vec<(Slice, Slice)>,
    unreadable: Option<StoreError>,
}

impl Assembler<'_> {
    /// Sends what these rows are. An account ends with them, and so do its changes.
    fn rows(&mut self, from: Bound<Vec<u8>>, until: &Bound<Vec<u8>>) -> Result<(), Stop> {
        let instant = self.instant;
        let mut scan = SkippingScan::new(from, |from| instant.rows_between((from, until.clone())));
        while let Some(row) = scan.next() {
            match row {
                Ok((key, value)) => self.row(key, value)?,
                // Rows that the system does not let this process read now may be intact.
                Err(problem @ StoreError::Unreadable(_)) => return Err(problem.into()),
                Err(problem) if self.on_damage == OnDamage::Stop => return Err(problem.into()),
                Err(problem) => self.unreadable(&scan.skip_unreadable(), &problem)?,
            }
        }
        self.end_account()?;
        self.end_changes()
    }

    fn row(&mut self, key: Slice, value: Slice) -> Result<(), Stop> {
        if let Some(account) = &mut self.account
            && key.starts_with(&account.prefix)
        {
            account.rows.push((key, value));
            return Ok(());
        }
        self.end_account()?;
        if key.first() == Some(&keys::ACCOUNTS) {
            return match keys::parse_account(&key) {
                Ok(account) => {
                    let prefix = keys::account_prefix(&account);
                    self.account = Some(Gathered { account, prefix, rows: vec![(key, value)], unreadable: None });
                    Ok(())
                }
                Err(error) => self.damage("a row of some account".into(), &error),
            };
        }
        if key.first() == Some(&history::CHANGES) {
            return match history::parse_change(&key) {
                Ok((account, life, revision)) => self.change(account, life, revision, &value),
                Err(error) => self.damage(place(&key), &error),
            };
        }
        self.end_changes()?;
        match self.beside_accounts(&key, &value) {
            Ok(found) => found.map_or(Ok(()), |found| self.sender.found_blocking(found)),
            Err(error) => self.damage(place(&key), &error),
        }
    }

    /// The item of a row that is beside accounts.
    fn beside_accounts(&mut self, key: &[u8], value: &[u8]) -> Result<Option<SnapshotItem>, StoreError> {
        match keys::parse_other(key)? {
            keys::Other::LastCommit => values::decode_number(value).map(|_| None),
            keys::Other::Count(app) => {
                let count = values::decode_chat_group_count(value)?;
                Ok(Some(SnapshotItem::Counts(app, RegisterCounts { live: count.live, last_serial: count.last_serial })))
            }
            keys::Other::ChatGroupSeq(app, serial) => {
                let id = values::decode_chat_group_id(value)?;
                let row = self.instant.get(&keys::chat_group(app, &id))?;
                let row = row.ok_or_else(|| StoreError::Damaged(format!("it lists {id}, which does not exist")))?;
                let (kept, chat_group) = values::decode_chat_group(&row)?;
                if kept != serial {
                    return Err(StoreError::Damaged(format!("it lists {id}, whose number is {}", kept.0)));
                }
                Ok(Some(SnapshotItem::ChatGroup(app, ListedChatGroup { seq: serial, id, chat_group })))
            }
            // Chat groups are sent by their rows in the list of serial numbers; this finds one that is not listed.
            keys::Other::ChatGroup(app, id) if self.on_damage == OnDamage::Skip => {
                let (serial, _) = values::decode_chat_group(value)?;
                let listed = self.instant.get(&keys::serial(app, serial))?;
                let listed = listed.map(|row| values::decode_chat_group_id(&row)).transpose()?;
                if listed.as_ref() == Some(&id) {
                    return Ok(None);
                }
                Err(StoreError::Damaged(format!("it is not listed under its number {}", serial.0)))
            }
            keys::Other::ChatGroup(..) => Ok(None),
            keys::Other::Entry(account, life, conversation) => {
                let entry = RecentEntry { conversation, at: times::decode_checked(value)? };
                Ok(self.has_life(&account, life)?.then_some(SnapshotItem::Entry(account, entry)))
            }
            // They are sent as runs.
            keys::Other::Change(..) => Ok(None),
            keys::Other::Unsent(account, life, revision) if self.on_damage == OnDamage::Skip => {
                outbox::decode(value)?;
                self.missing_content(account, life, revision)
            }
            keys::Other::Paused(_) if self.on_damage == OnDamage::Skip => outbox::decode_paused(value).map(|()| None),
            // A backup has none of them, whatever is in them.
            keys::Other::Unsent(..) | keys::Other::Paused(_) => Ok(None),
            keys::Other::ChatGroupTime(app, id) => {
                Ok(Some(SnapshotItem::ChatGroupTime(app, id, times::decode_checked(value)?)))
            }
        }
    }

    /// The damage of a change that waits to be sent, if its content is not in the history or does not decode.
    fn missing_content(
        &mut self,
        account: AccountKey,
        life: Life,
        revision: Revision,
    ) -> Result<Option<SnapshotItem>, StoreError> {
        if !self.has_life(&account, life)? {
            return Ok(None);
        }
        let change = self.instant.get(&history::change(&account, life, revision))?;
        let content = change.map(|change| encoding::decode(&account.account, revision, &change));
        if matches!(content, Some(Ok(_))) {
            return Ok(None);
        }
        let problem = format!("change {revision} waits to be sent and is not in its history");
        Ok(Some(SnapshotItem::Damage(Damage::new(name(&account), &problem))))
    }

    /// Whether an account has this life. One whose head cannot be read has none, which is an error at its first entry if
    /// the snapshot did not begin before its other rows, and was reported otherwise.
    fn has_life(&mut self, account: &AccountKey, life: Life) -> Result<bool, StoreError> {
        Ok(self.head(account)?.is_some_and(|(version, _)| version.life == life))
    }

    fn head(&mut self, account: &AccountKey) -> Result<Option<&(Version, Head)>, StoreError> {
        if self.head.as_ref().is_none_or(|(last, _)| last != account) {
            let head = self.instant.head(account);
            self.head = Some((account.clone(), head.clone().unwrap_or_default()));
            if self.after.is_some_and(|after| keys::account_prefix(account) <= keys::account_prefix(after)) {
                head?;
            }
        }
        Ok(self.head.as_ref().and_then(|(_, head)| head.as_ref()))
    }

    fn change(&mut self, account: AccountKey, life: Life, revision: Revision, value: &[u8]) -> Result<(), Stop> {
        if self.changes.as_ref().is_none_or(|changes| changes.account != account) {
            self.end_changes()?;
            self.begin_changes(account)?;
        }
        let Some(changes) = self.changes.as_mut().filter(|changes| changes.life == Some(life)) else { return Ok(()) };
        let change = encoding::decode(&changes.account.account, revision, value).map(Arc::new);
        changes.run.next(revision, change).try_for_each(|item| self.sender.found_blocking(item))
    }

    fn begin_changes(&mut self, account: AccountKey) -> Result<(), Stop> {
        let (life, run) = match self.head(&account) {
            Ok(Some((version, head))) => (Some(version.life), KeptRun::of(&account, Some(head))),
            Ok(None) => (None, KeptRun::of(&account, None)),
            Err(error) => {
                self.damage(name(&account), &error)?;
                (None, KeptRun::of(&account, None))
            }
        };
        self.changes = Some(Changes { account, life, run });
        Ok(())
    }

    fn end_changes(&mut self) -> Result<(), Stop> {
        let missing = self.changes.take().and_then(|changes| changes.run.end());
        missing.map_or(Ok(()), |missing| self.sender.found_blocking(missing))
    }

    fn end_account(&mut self) -> Result<(), Stop> {
        let Some(gathered) = self.account.take() else { return Ok(()) };
        let account = gathered.account.clone();
        match gathered.read() {
            Ok(state) => self.sender.found_blocking(SnapshotItem::Account(account, state.into())),
            Err(error) => self.damage(name(&account), &error),
        }
    }

    /// Reports that rows between two keys cannot be read.
    fn unreadable(&mut self, skipped: &Unreadable<Slice>, problem: &StoreError) -> Result<(), Stop> {
        let (last, next) = (skipped.last.as_deref(), skipped.next.as_deref());
        if let Some(account) = &mut self.account {
            account.unreadable = Some(problem.clone());
            if next.is_some_and(|next| next.starts_with(&account.prefix)) {
                return Ok(());
            }
        }
        self.end_account()?;
        let from = last.map_or_else(|| "the beginning".into(), place);
        let to = next.map_or_else(|| "the end".into(), place);
        self.damage(format!("the rows between {from} and {to}"), problem)
    }

    fn damage(&self, what: String, problem: &StoreError) -> Result<(), Stop> {
        self.sender.found_blocking(SnapshotItem::Damage(Damage::new(what, problem)))
    }
}

impl Gathered {
    fn read(self) -> Result<pinfold_core::AccountState, StoreError> {
        if let Some(error) = self.unreadable {
            return Err(error);
        }
        let prefix_len = self.prefix.len();
        let keys: Vec<_> = self.rows.iter().map(|(key, _)| key.clone()).collect();
        let account = rows::decode(prefix_len, self.rows.into_iter().map(Ok))?;
        check_bulk(&account, keys.iter().map(|key| &key[prefix_len..]))?;
        Ok(account.state)
    }
}

/// Commits rely on this: exactly the records that are newer than the bulk row have separate rows.
fn check_bulk<'k>(account: &rows::Account, keys: impl Iterator<Item = &'k [u8]>) -> Result<(), StoreError> {
    let mut own = 0;
    for key in keys {
        if let Row::Record(conversation) = keys::parse_row(key)? {
            own += 1;
            let record = account.state.records.get(&conversation);
            if !record.is_some_and(|record| bulk::is_apart(account.bulk, record)) {
                return Err(StoreError::Damaged(format!("{conversation} has a row that is older than the bulk row")));
            }
        }
    }
    let apart = account.state.records.values().filter(|record| bulk::is_apart(account.bulk, record)).count();
    if apart == own { Ok(()) } else { Err(StoreError::Damaged("the bulk row holds records newer than itself".into())) }
}

/// What a row belongs to, for a sentence.
pub(super) fn place(key: &[u8]) -> String {
    let of_app = |what: &str, app: AppId| format!("{what} of app {}", app.0);
    if key.first() == Some(&keys::ACCOUNTS) {
        return keys::parse_account(key).map_or_else(|_| "some account".into(), |account| name(&account));
    }
    match keys::parse_other(key) {
        Ok(keys::Other::LastCommit) => "the number of the last commit".into(),
        Ok(keys::Other::Count(app)) => of_app("the count of chat groups", app),
        Ok(keys::Other::Entry(account, _, conversation)) => format!("the entry ({conversation}) of {}", name(&account)),
        Ok(keys::Other::Change(account, _, revision)) => format!("change {revision} of {}", name(&account)),
        Ok(keys::Other::Unsent(account, _, revision)) => format!("unsent change {revision} of {}", name(&account)),
        Ok(keys::Other::Paused(app)) => of_app("the pause", app),
        Ok(keys::Other::ChatGroup(app, id)) => name_of_chat_group(app, &id),
        Ok(keys::Other::ChatGroupTime(app, id)) => format!("the time of {}", name_of_chat_group(app, &id)),
        Ok(keys::Other::ChatGroupSeq(app, serial)) => of_app(&format!("chat group number {}", serial.0), app),
        Err(_) => format!("the row {key:?}"),
    }
}
