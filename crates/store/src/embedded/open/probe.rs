//! Probes for the space and descriptors that a store needs to reopen.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use super::format_files;
use crate::small_file;

/// The bytes that the probe writes. With fewer, the engine could reopen and fail after a few batches.
const PROBE_BYTES: usize = 1 << 20;
/// The length of the probe's file: that of a new journal, in case the size of files is limited.
const JOURNAL_BYTES: u64 = 64 << 20;
/// The files that the probe opens: more than opening a store or a flush needs at once.
const PROBE_FILES: usize = 24;
const PROBE: &str = "probe.new";

/// Uses the space and the descriptors for a moment; fails if they are not available.
pub(crate) fn probe(directory: &Path) -> io::Result<()> {
    let files: io::Result<Vec<_>> = (0..PROBE_FILES).map(|_| File::open(directory)).collect();
    drop(files?);
    let path = directory.join(PROBE);
    let written = write_probe(&path);
    let removed = fs::remove_file(&path);
    written.and(removed)
}

/// Removes the file of a probe whose process was killed.
pub(super) fn remove_probe(directory: &Path) -> io::Result<()> {
    format_files::remove(directory, PROBE)
}

fn write_probe(path: &Path) -> io::Result<()> {
    let mut file = small_file::create_new(path, 0o600)?;
    file.set_len(JOURNAL_BYTES)?;
    file.write_all(&vec![0xa5; PROBE_BYTES])?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_probe_does_not_follow_a_link() {
        let directory = tempfile::tempdir().unwrap();
        let mine = directory.path().join("mine");
        fs::write(&mine, "mine").unwrap();
        symlink(&mine, directory.path().join(PROBE)).unwrap();
        probe(directory.path()).unwrap();
        assert_eq!(fs::read(&mine).unwrap(), b"mine");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_probe_leaves_nothing_and_fails_where_nothing_can_be_written() {
        let directory = tempfile::tempdir().unwrap();
        probe(directory.path()).unwrap();
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
        assert!(probe(&directory.path().join("missing")).is_err());
    }
}
