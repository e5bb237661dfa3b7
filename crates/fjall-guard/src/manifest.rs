//! The engine's own lists of its tables, and their checksums.
//!
//! Each keyspace has a file `current` that names a file `vN` and holds its checksum, and that one lists the tables
//! with theirs. The engine compares neither. A flipped byte in a list makes it panic, even abort, and could hide a table,
//! which it would then remove. So the lists are compared before it opens them; tables are compared by
//! the caller when it wants to, since that reads all data.
//! This is the format of one version of the engine, which is pinned (docs/decisions/0002).

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::Xxh3Default;

use crate::error::{Damage, Error};

const KEYSPACES: &str = "keyspaces";
const CURRENT: &str = "current";
const TABLES: &str = "tables";
/// Only this kind of checksum is known.
const XXH3: u8 = 0;
const BUFFER_BYTES: usize = 256 << 10;

/// A file of the engine with the checksum it has to have.
pub struct Listed {
    /// The file.
    pub path: PathBuf,
    /// Of all its bytes.
    pub checksum: u128,
}

/// Compares all lists in the engine's directory; the tables they name. A directory that is missing or was never
/// used has none.
///
/// # Errors
/// [`Error`].
pub fn tables(data: &Path) -> Result<Vec<Listed>, Error> {
    let keyspaces = data.join(KEYSPACES);
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

fn of_keyspace(keyspace: &Path) -> Result<Vec<Listed>, Error> {
    let list = current(keyspace)?;
    let damaged = |problem| damaged(&list.path, problem);
    if checksum(&list.path, |_| ()).map_err(|cause| unreadable(&list.path, cause))? != list.checksum {
        return Err(damaged("the list of tables is not as it was written, its checksum is another"));
    }
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

/// The list that counts, and its checksum: `N:u64 checksum:u128 kind:u8`.
fn current(keyspace: &Path) -> Result<Listed, Error> {
    let path = keyspace.join(CURRENT);
    let bytes = fs::read(&path).map_err(|cause| unreadable(&path, cause))?;
    let damaged = || damaged(&path, "it names no list of tables");
    let (number, rest) = bytes.split_first_chunk().ok_or_else(damaged)?;
    let (checksum, kind) = rest.split_first_chunk().ok_or_else(damaged)?;
    if *kind != [XXH3] {
        return Err(damaged());
    }
    let path = keyspace.join(format!("v{}", u64::from_le_bytes(*number)));
    Ok(Listed { path, checksum: u128::from_le_bytes(*checksum) })
}

/// Levels, runs in each, tables in each: `id:u64 kind:u8 checksum:u128 sequence:u64`.
fn parse(mut bytes: &[u8], tables: &Path) -> Option<Vec<Listed>> {
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
                found.push(Listed { path: tables.join(id.to_string()), checksum });
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

/// The checksum of a whole file. `read` is told of the bytes of each part.
///
/// # Errors
/// What the system says.
pub fn checksum(path: &Path, mut read: impl FnMut(u64)) -> io::Result<u128> {
    let (mut file, mut hash) = (File::open(path)?, Xxh3Default::new());
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hash.digest128()),
            bytes => {
                hash.update(&buffer[..bytes]);
                read(bytes as u64);
            }
        }
    }
}
