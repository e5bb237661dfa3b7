//! What the disk itself takes: an append and its sync, one after the other.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::Instant;

const APPENDS: usize = 500;
const APPEND_BYTES: usize = 256;

/// The median time of one append with `fdatasync`, in microseconds.
pub(crate) fn append_and_sync_us(directory: &Path) -> Result<u64, String> {
    let path = directory.join("floor");
    let measured = measure(&path).map_err(|error| format!("{}: {error}", path.display()));
    let _ = std::fs::remove_file(&path);
    measured
}

fn measure(path: &Path) -> std::io::Result<u64> {
    let mut file = File::create(path)?;
    let mut times_us = Vec::with_capacity(APPENDS);
    for _ in 0..APPENDS {
        let began = Instant::now();
        file.write_all(&[7; APPEND_BYTES])?;
        file.sync_data()?;
        times_us.push(began.elapsed().as_micros() as u64);
    }
    times_us.sort_unstable();
    Ok(times_us[APPENDS / 2])
}
