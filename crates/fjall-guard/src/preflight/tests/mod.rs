//! Databases made by fjall itself, then damaged.

use std::fs::{self, OpenOptions};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use fjall::{Database, KeyspaceCreateOptions, PersistMode};
use tempfile::TempDir;

use super::format::read_batch;
use super::{Known, Preflight};
use crate::error::Error;

mod damage;
mod refusal;
mod torn;

/// The keyspaces of every database here.
const KEYSPACES: [&str; 2] = ["rows", "heads"];

fn open(dir: &Path) -> Result<Database, fjall::Error> {
    Database::builder(dir).worker_threads(1).open()
}

/// A closed database with one batch for each length: batch n has a row "n" with a value of that length in each
/// keyspace.
fn database(value_bytes: &[usize]) -> TempDir {
    let dir = TempDir::new().unwrap();
    let db = open(dir.path()).unwrap();
    for (number, length) in value_bytes.iter().enumerate() {
        let mut batch = db.batch().durability(Some(PersistMode::SyncData));
        for name in KEYSPACES {
            let keyspace = db.keyspace(name, KeyspaceCreateOptions::default).unwrap();
            batch.insert(&keyspace, number.to_string(), vec![b'v'; *length]);
        }
        batch.commit().unwrap();
    }
    drop(db);
    drop_reserved_space(&journal(dir.path()));
    dir
}

/// Opens the database with fjall and returns the number of batches found in each keyspace.
fn batches_in(dir: &Path) -> [usize; 2] {
    let db = open(dir).unwrap();
    KEYSPACES.map(|name| db.keyspace(name, KeyspaceCreateOptions::default).unwrap().len().unwrap())
}

/// The number of a commit in these databases: the key of the batch's first row.
fn number(key: &[u8], _: &[u8]) -> Option<u64> {
    std::str::from_utf8(key).ok()?.parse().ok()
}

fn preflight(dir: &Path, closed_cleanly: bool) -> Result<Preflight, Error> {
    super::preflight(dir, &Known { closed_cleanly, acknowledged: None, number })
}

fn journal(dir: &Path) -> PathBuf {
    dir.join("0.jnl")
}

/// Where each batch of the journal ends.
fn ends(journal: &Path) -> Vec<u64> {
    let bytes = fs::read(journal).unwrap();
    let mut source = BufReader::new(bytes.as_slice());
    let lengths = std::iter::from_fn(|| read_batch(&mut source).ok().map(|batch| batch.bytes));
    lengths
        .scan(0, |end, length| {
            *end += length;
            Some(*end)
        })
        .collect()
}

/// Ends the journal after its last batch, as fjall does at its next open, so that copies of it are small.
fn drop_reserved_space(journal: &Path) {
    let end = ends(journal).last().copied().unwrap_or(0);
    OpenOptions::new().write(true).open(journal).unwrap().set_len(end).unwrap();
}

fn copy_of(dir: &Path) -> TempDir {
    let copy = TempDir::new().unwrap();
    copy_into(dir, copy.path());
    copy
}

fn copy_into(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let (path, target) = {
            let entry = entry.unwrap();
            (entry.path(), to.join(entry.file_name()))
        };
        if path.is_dir() {
            fs::create_dir(&target).unwrap();
            copy_into(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

/// Changes the bytes of a file in place.
fn edit(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

/// Expects a refusal that leaves the journals as they are.
fn refused(dir: &Path, closed_cleanly: bool) -> Error {
    let before = fs::read(journal(dir)).unwrap();
    let error = preflight(dir, closed_cleanly).unwrap_err();
    assert_eq!(fs::read(journal(dir)).unwrap(), before, "a refused journal is left untouched");
    error
}

fn passes(dir: &Path) -> Preflight {
    let found = preflight(dir, false).unwrap();
    assert_eq!(found.torn, None);
    found
}
