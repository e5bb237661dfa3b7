//! The part of fjall that the engine uses, over a [`Disk`].

use std::ops::{Bound, RangeBounds};
use std::path::Path;
use std::sync::Arc;

use fjall::{PersistMode, Slice};

use super::disk::{Disk, Rows};
use crate::sync::thread;

/// The rows of one disk.
#[derive(Clone)]
pub(crate) struct Database(pub(super) Disk);

/// The only keyspace.
#[derive(Clone, Default)]
pub(crate) struct Keyspace {
    pub(crate) tree: Tree,
}

/// A tree whose only memtable is never full.
#[derive(Clone, Default)]
pub(crate) struct Tree(Arc<()>);

impl Tree {
    pub(crate) fn active_memtable(&self) -> Arc<()> {
        Arc::clone(&self.0)
    }
}

impl Database {
    /// Ignores the directory: the database is on a disk of its own.
    pub(crate) fn builder(_: &Path) -> Builder {
        Builder
    }

    pub(crate) fn keyspace_exists(&self, _: &str) -> bool {
        true
    }

    pub(crate) fn keyspace<T>(&self, _: &str, _: T) -> Result<Keyspace, fjall::Error> {
        Ok(Keyspace::default())
    }

    pub(crate) fn batch(&self) -> Batch {
        Batch { disk: self.0.clone(), writes: Vec::new() }
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        Snapshot(self.0.rows())
    }

    pub(crate) fn persist(&self, _: PersistMode) -> Result<(), fjall::Error> {
        self.0.check()
    }
}

/// Takes fjall's options and has no use for them.
pub(crate) struct Builder;

impl Builder {
    pub(crate) fn worker_threads(self, _: usize) -> Self {
        self
    }

    pub(crate) fn cache_size(self, _: u64) -> Self {
        self
    }

    pub(crate) fn max_cached_files(self, _: Option<usize>) -> Self {
        self
    }

    pub(crate) fn open(self) -> Result<Database, fjall::Error> {
        Ok(Database(Disk::default()))
    }
}

/// A batch that is synced before it can be read.
pub(crate) struct Batch {
    disk: Disk,
    writes: Vec<(Slice, Option<Slice>)>,
}

impl Batch {
    pub(crate) fn durability(self, _: Option<PersistMode>) -> Self {
        self
    }

    pub(crate) fn insert(&mut self, _: &Keyspace, key: Slice, value: Slice) {
        self.writes.push((key, Some(value)));
    }

    pub(crate) fn remove(&mut self, _: &Keyspace, key: Slice) {
        self.writes.push((key, None));
    }

    pub(crate) fn commit(self) -> Result<(), fjall::Error> {
        self.disk.commit(self.writes)
    }
}

/// The durable rows of one instant. Other threads run between a read and the use of its result.
pub(crate) struct Snapshot(Rows);

impl Snapshot {
    pub(crate) fn get(&self, _: &Keyspace, key: impl AsRef<[u8]>) -> Result<Option<Slice>, fjall::Error> {
        let found = self.0.get(key.as_ref()).cloned();
        thread::switch();
        Ok(found)
    }

    pub(crate) fn prefix(&self, keyspace: &Keyspace, prefix: &[u8]) -> impl Iterator<Item = Row> + use<> {
        let prefix = prefix.to_vec();
        let from = (Bound::Included(prefix.clone()), Bound::Unbounded);
        self.range(keyspace, from).take_while(move |row| row.0.starts_with(&prefix))
    }

    pub(crate) fn range(&self, _: &Keyspace, bounds: impl RangeBounds<Vec<u8>>) -> std::vec::IntoIter<Row> {
        let rows = self.0.range::<Vec<u8>, _>(bounds).map(|(key, value)| Row(key.as_slice().into(), value.clone()));
        let rows = rows.collect::<Vec<_>>().into_iter();
        thread::switch();
        rows
    }
}

/// A row with its key.
pub(crate) struct Row(Slice, Slice);

impl Row {
    pub(crate) fn into_inner(self) -> Result<(Slice, Slice), fjall::Error> {
        Ok((self.0, self.1))
    }
}
