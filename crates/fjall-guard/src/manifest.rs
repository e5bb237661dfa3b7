//! fjall's lists of the tables of each keyspace, and the checksums in them.
//!
//! The directory of a keyspace has a file `current`, which names a file `vN` and holds its checksum. `vN` lists the
//! tables with their checksums. fjall compares neither: a flipped byte in a list makes it panic or abort, or hides a
//! table, which fjall then removes.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::Xxh3Default;

use crate::error::{Damage, Error};

const KEYSPACES: &str = "keyspaces";
const CURRENT: &str = "current";
const TABLES: &str = "tables";
/// The only kind of checksum that fjall writes.
const XXH3: u8 = 0;
const BUFFER_BYTES: usize = 256 << 10;

/// A file and the checksum that fjall recorded for it.
#[derive(Debug)]
pub struct ListedFile {
    /// The file.
    pub path: PathBuf,
    checksum: u128,
}

/// Why a file is not the one that was listed.
#[derive(Debug, thiserror::Error)]
pub enum FileFault {
    /// The file does not exist.
    #[error("it is missing")]
    Missing,
    /// The bytes of the file have another checksum.
    #[error("it is not as it was written: its checksum does not match")]
    ChecksumMismatch,
    /// The file cannot be read. It may be intact.
    #[error("it cannot be read: {0}")]
    Unreadable(io::Error),
}

impl ListedFile {
    /// Reads the whole file and compares its checksum. `progress` is given the number of bytes of each read.
    ///
    /// # Errors
    /// Why the file is not the one that was listed.
    pub fn verify(&self, progress: impl FnMut(u64)) -> Result<(), FileFault> {
        match checksum(&self.path, progress) {
            Ok(found) if found == self.checksum => Ok(()),
            Ok(_) => Err(FileFault::ChecksumMismatch),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Err(FileFault::Missing),
            Err(cause) => Err(FileFault::Unreadable(cause)),
        }
    }
}

/// Compares all lists of tables below `dir`, the directory given to fjall, and returns the tables they name. The tables
/// themselves are not read: [`ListedFile::verify`] does that. A directory that is missing or was never used has none.
///
/// # Errors
/// [`Damage::TableList`] for a list that is missing or not as it was written, [`Error::Io`] for one that cannot be
/// read.
pub fn tables(dir: &Path) -> Result<Vec<ListedFile>, Error> {
    let keyspaces = dir.join(KEYSPACES);
    let io_error = Error::io(&keyspaces);
    let mut tables = Vec::new();
    if !keyspaces.try_exists().map_err(io_error)? {
        return Ok(tables);
    }
    for entry in fs::read_dir(&keyspaces).map_err(io_error)? {
        let entry = entry.map_err(io_error)?;
        if entry.file_type().map_err(io_error)?.is_dir() {
            tables.extend(of_keyspace(&entry.path())?);
        }
    }
    Ok(tables)
}

fn of_keyspace(keyspace: &Path) -> Result<Vec<ListedFile>, Error> {
    let list = current(keyspace)?;
    let damaged = |problem| damaged(&list.path, problem);
    list.verify(|_| ()).map_err(|fault| match fault {
        FileFault::Missing => damaged("it is missing"),
        FileFault::ChecksumMismatch => {
            damaged("the list of tables is not as it was written: its checksum does not match")
        }
        FileFault::Unreadable(cause) => Error::io(&list.path)(cause),
    })?;
    let archive = sfa::Reader::new(&list.path).map_err(|error| match error {
        sfa::Error::Io(cause) => unreadable(&list.path, cause),
        sfa::Error::InvalidHeader
        | sfa::Error::InvalidVersion
        | sfa::Error::UnsupportedChecksumType
        | sfa::Error::ChecksumMismatch { .. } => damaged("the list of tables cannot be read"),
    })?;
    let section = archive.toc().section(TABLES.as_bytes()).ok_or_else(|| damaged("it lists no tables"))?;
    let mut bytes = Vec::new();
    let read = section.buf_reader(&list.path).and_then(|mut reader| reader.read_to_end(&mut bytes));
    read.map_err(|cause| unreadable(&list.path, cause))?;
    parse(&bytes, &keyspace.join(TABLES)).ok_or_else(|| damaged("the list of tables ends early"))
}

/// The list in use, read from `current`: `N:u64 checksum:u128 kind:u8`, little-endian.
fn current(keyspace: &Path) -> Result<ListedFile, Error> {
    let path = keyspace.join(CURRENT);
    let bytes = fs::read(&path).map_err(|cause| unreadable(&path, cause))?;
    let damaged = || damaged(&path, "it names no list of tables");
    let (number, rest) = bytes.split_first_chunk().ok_or_else(damaged)?;
    let (checksum, kind) = rest.split_first_chunk().ok_or_else(damaged)?;
    if *kind != [XXH3] {
        return Err(damaged());
    }
    let path = keyspace.join(format!("v{}", u64::from_le_bytes(*number)));
    Ok(ListedFile { path, checksum: u128::from_le_bytes(*checksum) })
}

/// Parses levels, the runs of each and the tables of each run: `id:u64 kind:u8 checksum:u128 sequence:u64`.
fn parse(mut bytes: &[u8], tables: &Path) -> Option<Vec<ListedFile>> {
    let mut found = Vec::new();
    let [levels] = take(&mut bytes)?;
    for _ in 0..levels {
        let [runs] = take(&mut bytes)?;
        for _ in 0..runs {
            for _ in 0..u32::from_le_bytes(take(&mut bytes)?) {
                let id = u64::from_le_bytes(take(&mut bytes)?);
                let [_kind] = take(&mut bytes)?;
                let checksum = u128::from_le_bytes(take(&mut bytes)?);
                let _sequence: [u8; 8] = take(&mut bytes)?;
                found.push(ListedFile { path: tables.join(id.to_string()), checksum });
            }
        }
    }
    bytes.is_empty().then_some(found)
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*taken)
}

fn unreadable(path: &Path, cause: io::Error) -> Error {
    if cause.kind() == io::ErrorKind::NotFound {
        return damaged(path, "it is missing");
    }
    Error::io(path)(cause)
}

fn damaged(path: &Path, problem: &'static str) -> Error {
    Damage::TableList { path: path.to_owned(), problem }.into()
}

fn checksum(path: &Path, mut progress: impl FnMut(u64)) -> io::Result<u128> {
    let (mut file, mut hash) = (File::open(path)?, Xxh3Default::new());
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hash.digest128()),
            bytes => {
                hash.update(&buffer[..bytes]);
                progress(bytes as u64);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use fjall::{Database, KeyspaceCreateOptions};

    use super::*;

    /// A closed database with one table, and that table.
    fn database() -> (tempfile::TempDir, ListedFile) {
        let dir = tempfile::tempdir().unwrap();
        let database = Database::builder(dir.path()).worker_threads(1).open().unwrap();
        let keyspace = database.keyspace("rows", KeyspaceCreateOptions::default).unwrap();
        keyspace.insert("key", "value").unwrap();
        keyspace.rotate_memtable_and_wait().unwrap();
        drop((keyspace, database));
        let table = tables(dir.path()).unwrap().pop().unwrap();
        (dir, table)
    }

    fn flip(path: &Path, byte: usize) {
        let mut bytes = fs::read(path).unwrap();
        bytes[byte] ^= 1;
        fs::write(path, bytes).unwrap();
    }

    #[test]
    fn the_tables_that_fjall_wrote_are_listed_and_match_their_checksums() {
        let (_dir, table) = database();
        let mut read = 0;
        table.verify(|bytes| read += bytes).unwrap();
        assert_eq!(read, fs::metadata(&table.path).unwrap().len());
    }

    #[test]
    fn a_directory_that_was_never_used_has_no_tables() {
        let dir = tempfile::tempdir().unwrap();
        assert!(tables(dir.path()).unwrap().is_empty());
        assert!(tables(&dir.path().join("missing")).unwrap().is_empty());
    }

    #[test]
    fn a_flipped_byte_in_a_table_and_a_missing_table_are_told_apart() {
        let (_dir, table) = database();
        flip(&table.path, 0);
        assert!(matches!(table.verify(|_| ()), Err(FileFault::ChecksumMismatch)));
        fs::remove_file(&table.path).unwrap();
        assert!(matches!(table.verify(|_| ()), Err(FileFault::Missing)));
    }

    #[test]
    fn a_flipped_byte_anywhere_in_a_list_is_damage() {
        let (dir, table) = database();
        let keyspace = table.path.ancestors().nth(2).unwrap();
        for path in [keyspace.join(CURRENT), current(keyspace).unwrap().path] {
            for byte in 0..fs::read(&path).unwrap().len() {
                flip(&path, byte);
                let found = tables(dir.path());
                let is_damaged = matches!(found, Err(Error::Damaged(Damage::TableList { .. })));
                assert!(is_damaged, "{} byte {byte}: {found:?}", path.display());
                flip(&path, byte);
            }
        }
    }
}
