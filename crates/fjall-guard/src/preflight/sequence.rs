//! The order of sequence numbers.

use super::format::Fault;

/// The largest difference between the sequence numbers of two batches in a row. Flushes and compactions between them
/// take numbers too, a few each.
pub(super) const LEAP_MAX: u64 = 1 << 20;

/// Whether a batch with the number `sequence` may come after `last`.
pub(super) fn follows(last: Option<u64>, sequence: u64, leap_max: u64) -> Result<(), Fault> {
    match last {
        Some(last) if sequence <= last => Err(Fault::SequenceBack),
        Some(last) if sequence - last > leap_max => Err(Fault::SequenceLeap),
        _ => Ok(()),
    }
}
