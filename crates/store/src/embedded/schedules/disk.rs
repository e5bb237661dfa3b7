//! A disk in memory that remembers everything that was ever durable on it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use fjall::Slice;
use pinfold_core::{AccountState, Conversation, Head, HistoryChange, Revision, Timestamp};
use rustix::io::Errno;

use crate::embedded::format::{heads, history, keys, outbox, rows, times};
use crate::history::encoding;
use crate::sync::thread;
use crate::{AccountKey, Version};

/// Longer than the group commit policy's shortest wait, so that batches wait for each other.
const SYNC: Duration = Duration::from_millis(2);

pub(super) type Rows = Arc<BTreeMap<Vec<u8>, Slice>>;

/// A disk whose contents tests look at beside the store. Clones are the same disk.
#[derive(Clone, Default)]
pub struct Disk(Arc<Mutex<Contents>>);

/// Its lock is the system's: it is never held while another thread runs.
#[derive(Default)]
struct Contents {
    rows: Rows,
    /// The versions that each account ever had here; `None` is that of an account without data.
    past: HashMap<AccountKey, HashSet<Option<u64>>>,
    commits_until_failure: Option<u32>,
    has_failed: bool,
}

impl Disk {
    /// Has the commit after so many others fail, and each one after it.
    pub fn fail_after(&self, commits: u32) {
        self.contents().commits_until_failure = Some(commits);
    }

    /// The account as a restart would find it.
    pub fn account(&self, account: &AccountKey) -> (Option<Version>, AccountState) {
        let (rows, prefix) = (self.rows(), keys::account_prefix(account));
        let of_account = rows.range(prefix.clone()..).take_while(|(key, _)| key.starts_with(&prefix));
        let of_account = of_account.map(|(key, value)| Ok((key.as_slice().into(), value.clone())));
        let account = rows::decode(prefix.len(), of_account).expect("the store wrote these rows");
        (account.version, account.state)
    }

    /// The time of an entry that the account's life has, as a restart would find it.
    pub fn entry(&self, account: &AccountKey, conversation: &Conversation) -> Option<Timestamp> {
        let (version, _) = self.account(account);
        let rows = self.rows();
        let at = rows.get(&times::entry(account, version?.life, conversation))?;
        Some(times::decode(at).expect("the store wrote this time"))
    }

    /// The head of the account and the changes that are stored of its life, of one instant, as a restart would find them.
    pub fn history(&self, account: &AccountKey) -> Option<(Head, Vec<HistoryChange>)> {
        let rows = self.rows();
        let head = rows.get(&keys::head(account))?;
        let (version, head) = heads::decode_head(head).expect("the store wrote this head");
        let prefix = history::changes(account, version.life);
        let changes = rows.range(prefix.clone()..).take_while(|(key, _)| key.starts_with(&prefix));
        let changes = changes.map(|(key, value)| {
            let (_, _, revision) = history::parse_change(key).expect("the store wrote this key");
            encoding::decode(&account.account, revision, value).expect("the store wrote this change")
        });
        Some((head, changes.collect()))
    }

    /// The unsent changes of the account's life, of one instant, as a restart would find them, and whether each has its
    /// content in the history.
    pub fn unsent(&self, account: &AccountKey) -> Vec<(Revision, bool)> {
        let rows = self.rows();
        let Some(head) = rows.get(&keys::head(account)) else { return Vec::new() };
        let (version, _) = heads::decode_head(head).expect("the store wrote this head");
        let prefix = outbox::unsent_of(account, version.life);
        let unsent = rows.range(prefix.clone()..).take_while(|(key, _)| key.starts_with(&prefix));
        let unsent = unsent.map(|(key, _)| {
            let (_, life, revision) = history::parse_change(key).expect("the store wrote this key");
            (revision, rows.contains_key(&history::change(account, life, revision)))
        });
        unsent.collect()
    }

    /// The rows of unsent changes, those of lives that have ended too.
    pub fn unsent_rows(&self) -> usize {
        self.rows().keys().filter(|key| key.first() == Some(&outbox::UNSENT)).count()
    }

    /// Whether the account ever had this version here.
    pub fn had(&self, account: &AccountKey, version: Option<Version>) -> bool {
        let version = version.map(|version| version.number);
        self.contents().past.get(account).map_or(version.is_none(), |past| past.contains(&version))
    }

    pub(super) fn rows(&self) -> Rows {
        Arc::clone(&self.contents().rows)
    }

    pub(super) fn check(&self) -> Result<(), fjall::Error> {
        if self.contents().has_failed { Err(fjall::Error::Poisoned) } else { Ok(()) }
    }

    /// Writes and syncs; other threads run before, meanwhile, and before the writer knows that it is done.
    pub(super) fn commit(&self, writes: Vec<(Slice, Option<Slice>)>) -> Result<(), fjall::Error> {
        self.check()?;
        thread::switch();
        thread::sleep(SYNC);
        let synced = self.contents().sync(writes);
        thread::switch();
        synced
    }

    fn contents(&self) -> MutexGuard<'_, Contents> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Contents {
    fn sync(&mut self, writes: Vec<(Slice, Option<Slice>)>) -> Result<(), fjall::Error> {
        if let Some(commits) = &mut self.commits_until_failure {
            self.has_failed = *commits == 0;
            *commits = commits.saturating_sub(1);
        }
        if self.has_failed {
            return Err(fjall::Error::Io(io::Error::from_raw_os_error(Errno::IO.raw_os_error())));
        }
        for (key, value) in writes {
            self.remember(&key, value.as_ref());
            let rows = Arc::make_mut(&mut self.rows);
            match value {
                Some(value) => rows.insert(key.to_vec(), value),
                None => rows.remove(&*key),
            };
        }
        Ok(())
    }

    fn remember(&mut self, key: &[u8], value: Option<&Slice>) {
        let Ok(account) = keys::parse_account(key) else { return };
        if key == keys::head(&account) {
            let version = value.map(|value| heads::decode_head(value).expect("the store wrote this head").0.number);
            self.past.entry(account).or_insert_with(|| HashSet::from([None])).insert(version);
        }
    }
}
