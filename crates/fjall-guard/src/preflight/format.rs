//! The journal format of fjall, read batch by batch. Large values are never held in memory.
//!
//! A batch is a start marker (tag, number of items, sequence number), its items, and an end marker (tag, xxh3 over
//! the bytes of the items, four magic bytes). Numbers are little-endian. A write outside a batch is a batch of one.
//! The checksum is taken over the bytes as they lie in the file, so compressed values need no decompression.

use std::fmt;
use std::io::{self, BufRead, ErrorKind};

use xxhash_rust::xxh3::Xxh3;

const START: u8 = 1;
const ITEM: u8 = 2;
const END: u8 = 3;
const CLEAR: u8 = 4;
const MAGIC: [u8; 4] = [b'F', b'J', b'L', 3];
const VALUE: u8 = 0;
const TOMBSTONE_WEAK: u8 = 2;
const COMPRESSION_NONE: u8 = 0;
const COMPRESSION_LZ4: u8 = 1;

/// The bytes that tell whether a batch may begin at a place: the start marker and the tag of the first item.
pub(super) const HEAD_BYTES: usize = 14;

/// The largest key and value, together, that are read into memory.
const SMALL_BYTES_MAX: u64 = 64;

/// One whole batch whose checksum matches.
pub(super) struct Batch {
    /// Rises from batch to batch through all journals of a database.
    pub(super) sequence: u64,
    /// Length in the file, both markers included.
    pub(super) bytes: u64,
    /// The first row, if it is small, not compressed and no removal.
    pub(super) first: Option<SmallRow>,
}

/// Key and value.
pub(super) type SmallRow = (Vec<u8>, Vec<u8>);

/// Why the bytes at a place are not a whole batch in sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The first byte is not the tag of a start marker.
    NoStart,
    /// The file ends before the batch does.
    EndOfFile,
    /// Tag, type, compression or length of an item is impossible, or the number of items is wrong.
    Item,
    /// The end marker does not close with its magic bytes.
    EndMarker,
    /// The items do not match their checksum.
    Checksum,
    /// A whole batch, but its sequence number is not above its predecessor's.
    SequenceBack,
    /// A whole batch, but its sequence number is impossibly far above its predecessor's.
    SequenceLeap,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoStart => "no batch begins here",
            Self::EndOfFile => "the file ends inside a batch",
            Self::Item => "an item of the batch does not parse",
            Self::EndMarker => "the end marker of the batch does not parse",
            Self::Checksum => "the checksum of the batch does not match",
            Self::SequenceBack => "the sequence number goes back",
            Self::SequenceLeap => "the sequence number leaps",
        })
    }
}

/// Why reading a batch stopped: the bytes are wrong, or the file cannot be read.
pub(super) enum Stop {
    Fault(Fault),
    Io(io::Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        if error.kind() == ErrorKind::UnexpectedEof { Self::Fault(Fault::EndOfFile) } else { Self::Io(error) }
    }
}

/// Whether a batch may begin with these bytes: a cheap filter before `read_batch`.
pub(super) fn may_begin(head: &[u8]) -> bool {
    head.len() == HEAD_BYTES && head[0] == START && matches!(head[HEAD_BYTES - 1], ITEM | CLEAR)
}

/// Reads the batch at the position of `source`. After an error the position is undefined.
pub(super) fn read_batch(source: &mut impl BufRead) -> Result<Batch, Stop> {
    let mut raw = Hashed { source, hash: Xxh3::new(), bytes: 0 };
    if raw.take::<1>()? != [START] {
        return Err(Stop::Fault(Fault::NoStart));
    }
    let count = u32::from_le_bytes(raw.take()?);
    let sequence = u64::from_le_bytes(raw.take()?);
    if count == 0 {
        return Err(Stop::Fault(Fault::Item));
    }
    raw.hash = Xxh3::new();
    let first = read_item(&mut raw, true)?;
    for _ in 1..count {
        read_item(&mut raw, false)?;
    }
    let checksum = raw.hash.digest();
    read_end(&mut raw, checksum)?;
    Ok(Batch { sequence, bytes: raw.bytes, first })
}

/// The first row of the batch at the position of `source`. The rest of the batch may be torn.
pub(super) fn read_first(source: &mut impl BufRead) -> Result<Option<SmallRow>, Stop> {
    let mut raw = Hashed { source, hash: Xxh3::new(), bytes: 0 };
    let [_start, ..]: [u8; HEAD_BYTES - 1] = raw.take()?;
    read_item(&mut raw, true)
}

/// Reads an item; returns its row if that is `wanted` and small.
fn read_item(raw: &mut Hashed<'_, impl BufRead>, wanted: bool) -> Result<Option<SmallRow>, Stop> {
    match raw.take()? {
        [ITEM] => read_row(raw, wanted),
        [CLEAR] => Ok(raw.skip(size_of::<u64>() as u64).map(|()| None)?),
        _ => Err(Stop::Fault(Fault::Item)),
    }
}

fn read_row(raw: &mut Hashed<'_, impl BufRead>, wanted: bool) -> Result<Option<SmallRow>, Stop> {
    let [kind, compression] = raw.take()?;
    let _keyspace: [u8; 8] = raw.take()?;
    let key_bytes = u16::from_le_bytes(raw.take()?);
    let value_bytes = u32::from_le_bytes(raw.take()?);
    let stored_bytes = u32::from_le_bytes(raw.take()?);
    let known = kind <= TOMBSTONE_WEAK && compression <= COMPRESSION_LZ4;
    if !known || (compression == COMPRESSION_NONE && stored_bytes != value_bytes) {
        return Err(Stop::Fault(Fault::Item));
    }
    let bytes = u64::from(key_bytes) + u64::from(stored_bytes);
    if wanted && kind == VALUE && compression == COMPRESSION_NONE && bytes <= SMALL_BYTES_MAX {
        return Ok(Some((raw.take_vec(key_bytes.into())?, raw.take_vec(stored_bytes as usize)?)));
    }
    raw.skip(bytes)?;
    Ok(None)
}

fn read_end(raw: &mut Hashed<'_, impl BufRead>, checksum: u64) -> Result<(), Stop> {
    if raw.take()? != [END] {
        return Err(Stop::Fault(Fault::Item));
    }
    let expected = u64::from_le_bytes(raw.take()?);
    if raw.take()? != MAGIC {
        return Err(Stop::Fault(Fault::EndMarker));
    }
    if checksum == expected { Ok(()) } else { Err(Stop::Fault(Fault::Checksum)) }
}

/// Hashes and counts the bytes that are read through it.
struct Hashed<'a, R> {
    source: &'a mut R,
    hash: Xxh3,
    bytes: u64,
}

impl<R: BufRead> Hashed<'_, R> {
    fn take<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut taken = [0; N];
        self.source.read_exact(&mut taken)?;
        self.hash.update(&taken);
        self.bytes += N as u64;
        Ok(taken)
    }

    fn take_vec(&mut self, count: usize) -> io::Result<Vec<u8>> {
        let mut taken = vec![0; count];
        self.source.read_exact(&mut taken)?;
        self.hash.update(&taken);
        self.bytes += count as u64;
        Ok(taken)
    }

    fn skip(&mut self, count: u64) -> io::Result<()> {
        let mut left = count;
        while left > 0 {
            let buffer = self.source.fill_buf()?;
            if buffer.is_empty() {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            let length = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            self.hash.update(&buffer[..length]);
            self.source.consume(length);
            left -= length as u64;
        }
        self.bytes += count;
        Ok(())
    }
}
