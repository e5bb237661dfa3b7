//! The space that a store takes, and the space that is free.

use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use crate::stats::DiskStats;

/// A disk that hangs does not delay the caller longer than this.
const LOOK_MAX: Duration = Duration::from_millis(500);

/// Adds up the files on a thread that may block; `None` on an error, and after [`LOOK_MAX`].
pub(super) async fn stats(directory: &Path) -> Option<DiskStats> {
    let directory = directory.to_owned();
    let look = tokio::task::spawn_blocking(move || look(&directory));
    tokio::time::timeout(LOOK_MAX, look).await.ok()?.ok()?.ok()
}

fn look(directory: &Path) -> io::Result<DiskStats> {
    let space = rustix::fs::statvfs(directory)?;
    Ok(DiskStats { used_bytes: used(directory)?, free_bytes: space.f_bavail.saturating_mul(space.f_frsize) })
}

/// Bytes of the files below the directory. Files that the engine removes meanwhile are not counted.
fn used(directory: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(directory)? {
        let Ok(entry) = entry else { continue };
        let Ok(metadata) = entry.metadata() else { continue };
        bytes += if metadata.is_dir() { used(&entry.path()).unwrap_or(0) } else { metadata.len() };
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn files_of_all_levels_are_counted_and_a_missing_directory_has_no_stats() {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("data")).unwrap();
        fs::write(directory.path().join("lock"), [0; 10]).unwrap();
        fs::write(directory.path().join("data/table"), [0; 100]).unwrap();
        let stats_of = stats(directory.path()).await.unwrap();
        assert_eq!(stats_of.used_bytes, 110);
        assert!(stats_of.free_bytes > 0);
        assert!(stats(&directory.path().join("missing")).await.is_none());
    }
}
