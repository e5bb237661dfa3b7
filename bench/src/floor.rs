//! What the disk itself takes: an append and its sync, one after the other.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

const APPEND_BYTES: usize = 256;
/// The file has its length from the beginning, as a journal of the engine has: one that grows also waits for the file
/// system to note each new length, which takes longer and would be a lower mark.
const FILE_BYTES: u64 = 64 << 20;

/// The median time of one append with `fdatasync`, in microseconds. A preloaded library does not slow it. It goes on for
/// `time`, as long as a server's turn, because a disk that others use has quick and slow moments.
pub(crate) fn append_and_sync_us(directory: &Path, time: Duration) -> Result<f64, String> {
    let path = directory.join("floor");
    let measured = measure(&path, time).map_err(|error| format!("{}: {error}", path.display()));
    let _ = std::fs::remove_file(&path);
    measured
}

fn measure(path: &Path, time: Duration) -> std::io::Result<f64> {
    let mut file = File::create(path)?;
    file.set_len(FILE_BYTES)?;
    let mut times_us = Vec::new();
    let all = Instant::now();
    while all.elapsed() < time {
        let began = Instant::now();
        file.write_all(&[7; APPEND_BYTES])?;
        file.sync_data()?;
        times_us.push(began.elapsed().as_micros() as f64);
    }
    Ok(crate::table::median(&times_us))
}
