//! Adapter for fjall: the calls that pinfold makes.

use std::ops::Bound;
use std::path::Path;
use std::sync::{Arc, Weak};

use fjall::compaction::Leveled;
use pinfold_core::{AppId, ChatGroup, ChatGroupId, Head};

#[cfg(not(feature = "schedules"))]
use fjall::{AbstractTree, Database, Keyspace, Readable, Snapshot};
use fjall::{KeyspaceCreateOptions, PersistMode, Slice};

use tokio::sync::watch;

use super::format::rows::{Write, Writes};
use super::format::values::{self, ChatGroupCount};
use super::format::{heads, keys};
use super::memtables::Memtable;
#[cfg(feature = "schedules")]
use super::schedules::fake_fjall::{Database, Keyspace, Snapshot};
use super::shortage;
use crate::{AccountKey, StoreError, Version};

const KEYSPACE: &str = "rows";
/// Blocks of tables kept in memory by the engine, beside the cache of decoded accounts.
const BLOCK_CACHE_BYTES: u64 = 32 << 20;
/// Smaller memtables are flushed so often that all marks get slower. Larger ones take more memory, and longer to free
/// (decisions/0016).
const MEMTABLE_BYTES: u64 = 16 << 20;
/// Flushed memtables before they are merged into the next level. Marks of accounts all over a large store touch
/// all of that level, so merging half as often costs half.
const FLUSHES_BEFORE_MERGE: u8 = 8;

/// Tables that are kept open. Counted in what `pinfold serve` keeps free of the limit of open files.
const TABLES_OPEN_MAX: usize = 256;
/// With more than one, the first one spins while another one compacts.
const WORKERS: usize = 1;

/// One directory of fjall with one keyspace.
///
/// Every read uses a snapshot: reads of the keyspace itself can see half of a batch.
#[derive(Clone)]
pub(super) struct Engine {
    database: Database,
    rows: Keyspace,
    /// The last field, since fields are dropped in order: when no handle is left, the engine is closed.
    handle: Arc<Handle>,
}

/// Held by everything that keeps an engine open. True asks the holder to let go.
struct Handle(watch::Sender<bool>);

/// The other handles of an engine, after its owner let go of it.
pub(super) struct Others(Weak<Handle>);

impl Others {
    /// Whether another holder keeps the engine open.
    pub(super) fn remain(&self) -> bool {
        self.0.strong_count() > 0
    }
}

impl Engine {
    /// Opens the directory; `create` says whether the keyspace may be made.
    pub(super) fn open(data: &Path, create: bool) -> Result<Self, fjall::Error> {
        let database = Database::builder(data)
            .worker_threads(WORKERS)
            .cache_size(BLOCK_CACHE_BYTES)
            .max_cached_files(Some(TABLES_OPEN_MAX))
            .open()?;
        Self::over(database, create)
    }

    /// The engine of an open database.
    pub(super) fn over(database: Database, create: bool) -> Result<Self, fjall::Error> {
        if !create && !database.keyspace_exists(KEYSPACE) {
            return Err(fjall::Error::KeyspaceDeleted);
        }
        let merging = Arc::new(Leveled::default().with_l0_threshold(FLUSHES_BEFORE_MERGE));
        let options =
            || KeyspaceCreateOptions::default().max_memtable_size(MEMTABLE_BYTES).compaction_strategy(merging.clone());
        let rows = database.keyspace(KEYSPACE, options)?;
        Ok(Self { database, rows, handle: Arc::new(Handle(watch::Sender::new(false))) })
    }

    /// Lets go of the engine and asks long-lived holders to do the same. It is closed when all have.
    pub(super) fn let_go(self) -> Others {
        self.handle.0.send_replace(true);
        Others(Arc::downgrade(&self.handle))
    }

    /// Writes one batch; when this returns it is durable, and only then readable.
    pub(super) fn commit(&self, writes: impl Iterator<Item = Write>) -> Result<(), fjall::Error> {
        let mut batch = self.database.batch().durability(Some(PersistMode::SyncData));
        for (key, value) in writes {
            match value {
                Some(value) => batch.insert(&self.rows, key, value),
                None => batch.remove(&self.rows, key),
            }
        }
        batch.commit()
    }

    /// One row.
    pub(super) fn get(&self, key: &[u8]) -> Result<Option<Slice>, StoreError> {
        self.database.snapshot().get(&self.rows, key).map_err(failed)
    }

    /// Rows from one snapshot, in the order of their keys here.
    pub(super) fn get_all(&self, keys: impl Iterator<Item: AsRef<[u8]>>) -> Result<Vec<Option<Slice>>, StoreError> {
        let snapshot = self.database.snapshot();
        keys.map(|key| snapshot.get(&self.rows, key).map_err(failed)).collect()
    }

    /// All rows whose key begins with `prefix`, in order, from one snapshot.
    pub(super) fn scan(&self, prefix: &[u8]) -> impl Iterator<Item = Result<(Slice, Slice), StoreError>> + use<> {
        self.database.snapshot().prefix(&self.rows, prefix).map(|guard| guard.into_inner().map_err(failed))
    }

    /// All rows with a key greater than `after` and less than `until`.
    pub(super) fn range(
        &self,
        after: Vec<u8>,
        until: Vec<u8>,
    ) -> impl DoubleEndedIterator<Item = Result<(Slice, Slice), StoreError>> + use<> {
        let bounds = (Bound::Excluded(after), Bound::Excluded(until));
        self.database.snapshot().range(&self.rows, bounds).map(|guard| guard.into_inner().map_err(failed))
    }

    /// Everything as it is now.
    pub(super) fn now(&self) -> Instant {
        Instant {
            snapshot: self.database.snapshot(),
            rows: self.rows.clone(),
            closing: self.handle.0.subscribe(),
            _handle: Arc::clone(&self.handle),
        }
    }

    /// The head of an account.
    pub(super) fn head(&self, account: &AccountKey) -> Result<Option<(Version, Head)>, StoreError> {
        decode_head(self.get(&keys::head(account))?)
    }

    /// One chat group of the register.
    pub(super) fn chat_group(&self, app: AppId, id: &ChatGroupId) -> Result<Option<ChatGroup>, StoreError> {
        let row = self.get(&keys::chat_group(app, id))?;
        row.map(|value| Ok(values::decode_chat_group(&value)?.1)).transpose()
    }

    /// The number of chat groups of an app.
    pub(super) fn chat_group_count(&self, app: AppId) -> Result<ChatGroupCount, StoreError> {
        let row = self.get(&keys::chat_group_count(app))?;
        row.map_or_else(|| Ok(ChatGroupCount::default()), |value| values::decode_chat_group_count(&value))
    }

    /// The memtable that commits go into until the engine seals it and begins another one.
    pub(super) fn active_memtable(&self) -> Memtable {
        self.rows.tree.active_memtable()
    }

    /// Seals the active memtable and waits until its table is written.
    #[cfg(all(test, not(feature = "schedules")))]
    pub(super) fn flush(&self) -> Result<(), fjall::Error> {
        self.rows.rotate_memtable_and_wait()
    }

    /// Syncs the journal; fails if a background worker failed.
    pub(super) fn sync(&self, mode: PersistMode) -> Result<(), fjall::Error> {
        self.database.persist(mode)
    }
}

/// All rows as they were at one instant. Rows that were replaced or removed since stay on the disk until this is
/// dropped.
pub(super) struct Instant {
    snapshot: Snapshot,
    rows: Keyspace,
    closing: watch::Receiver<bool>,
    /// The last field; see [`Engine`].
    _handle: Arc<Handle>,
}

impl Instant {
    /// True once the engine is to be closed, so that this should be dropped.
    pub(super) fn closing(&self) -> watch::Receiver<bool> {
        self.closing.clone()
    }

    /// One row.
    pub(super) fn get(&self, key: &[u8]) -> Result<Option<Slice>, StoreError> {
        self.snapshot.get(&self.rows, key).map_err(failed)
    }

    /// The head of an account.
    pub(super) fn head(&self, account: &AccountKey) -> Result<Option<(Version, Head)>, StoreError> {
        decode_head(self.get(&keys::head(account))?)
    }

    /// All rows from this key on, in order. After an error rows may be missing.
    pub(super) fn rows(&self, from: Bound<Vec<u8>>) -> Rows {
        self.rows_between((from, Bound::Unbounded))
    }

    /// The rows between two keys, in order. After an error rows may be missing.
    pub(super) fn rows_between(&self, bounds: (Bound<Vec<u8>>, Bound<Vec<u8>>)) -> Rows {
        Box::new(self.snapshot.range(&self.rows, bounds).map(|guard| guard.into_inner().map_err(failed)))
    }
}

fn decode_head(row: Option<Slice>) -> Result<Option<(Version, Head)>, StoreError> {
    row.map(|value| heads::decode_head(&value)).transpose()
}

/// Rows with their keys.
pub(super) type Rows = Box<dyn DoubleEndedIterator<Item = Result<(Slice, Slice), StoreError>>>;

/// The rows of a batch together with the number of its commit.
pub(super) fn numbered(writes: Writes, commit: u64) -> impl Iterator<Item = Write> {
    let number = (keys::LAST_COMMIT.into(), Some(values::encode_number(commit).into()));
    std::iter::once(number).chain(writes)
}

pub(super) fn failed(error: fjall::Error) -> StoreError {
    match shortage::system_error(&error) {
        Some(cause) if shortage::is_lack(cause) => StoreError::Unreadable(cause.to_string()),
        _ => StoreError::Failed(format!("{error:?}")),
    }
}
