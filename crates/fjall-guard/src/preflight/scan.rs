//! Classifies the bytes after the last whole batch of a journal: unused space, a torn write, or batches that must not
//! be lost.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use super::format::{HEAD_BYTES, Stop, may_begin, read_batch};

const WINDOW_BYTES: usize = 256 * 1024;

/// A window holds new bytes and the end of the one before.
static ZEROS: [u8; WINDOW_BYTES + HEAD_BYTES] = [0; WINDOW_BYTES + HEAD_BYTES];

/// The bytes of a journal after its last whole batch.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Rest {
    /// Only space that was reserved and never written.
    Zeros,
    /// A whole batch begins at this offset.
    Batch(u64),
    /// No whole batch begins there; the last byte that was written lies just before this offset.
    Torn(u64),
}

/// Searches the journal from `from` to its end. A batch counts only if `plausible` accepts its sequence number.
pub(super) fn rest(journal: &Path, from: u64, plausible: impl Fn(u64) -> bool) -> io::Result<Rest> {
    let mut source = File::open(journal)?;
    source.seek(SeekFrom::Start(from))?;
    let (mut window, mut start, mut written_to) = (Vec::new(), from, None);
    loop {
        let read = source.by_ref().take(WINDOW_BYTES as u64).read_to_end(&mut window)?;
        if let Some(last) = last_written(&window) {
            written_to = Some(start + last as u64 + 1);
            for place in places(&window) {
                if batch_at(journal, start + place as u64, &plausible)? {
                    return Ok(Rest::Batch(start + place as u64));
                }
            }
        }
        if read == 0 {
            return Ok(written_to.map_or(Rest::Zeros, Rest::Torn));
        }
        // The last bytes stay, so that a head across two windows is seen.
        let done = window.len().saturating_sub(HEAD_BYTES - 1);
        window.drain(..done);
        start += done as u64;
    }
}

/// Reserved space is tens of megabytes, so whole windows of it are compared at once.
fn last_written(window: &[u8]) -> Option<usize> {
    if window == &ZEROS[..window.len()] { None } else { window.iter().rposition(|byte| *byte != 0) }
}

fn places(window: &[u8]) -> impl Iterator<Item = usize> {
    window.windows(HEAD_BYTES).enumerate().filter(|(_, head)| may_begin(head)).map(|(place, _)| place)
}

fn batch_at(journal: &Path, offset: u64, plausible: &impl Fn(u64) -> bool) -> io::Result<bool> {
    let mut source = File::open(journal)?;
    source.seek(SeekFrom::Start(offset))?;
    match read_batch(&mut BufReader::new(source)) {
        Ok(batch) => Ok(plausible(batch.sequence)),
        Err(Stop::Fault(_)) => Ok(false),
        Err(Stop::Io(error)) => Err(error),
    }
}
