//! The directory of a store: created if it is missing, and locked for one process.

use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::open_error::OpenError;
use super::sync::sync_directory;

/// Creates the directory and missing parents, each durable in the one above. `made` is called for each.
pub(super) fn create(directory: &Path, mut made: impl FnMut(&Path)) -> io::Result<()> {
    for level in missing(directory)?.iter().rev() {
        match fs::create_dir(level) {
            Ok(()) => made(level),
            // Another process created it meanwhile.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
        level.parent().map_or(Ok(()), sync_directory)?;
    }
    Ok(())
}

/// The directory and its parents as far as they are missing, the innermost first. Fails if one cannot be created.
pub(super) fn missing(directory: &Path) -> io::Result<Vec<PathBuf>> {
    // Without a trailing slash, which would hide a symbolic link.
    let absolute: PathBuf = std::path::absolute(directory)?.components().collect();
    let mut missing = Vec::new();
    for level in absolute.ancestors() {
        if level.try_exists()? {
            break;
        }
        if let Ok(target) = fs::read_link(level) {
            return Err(leads_nowhere(level, &target));
        }
        missing.push(level.to_owned());
    }
    Ok(missing)
}

fn leads_nowhere(link: &Path, target: &Path) -> io::Error {
    let (link, target) = (link.display(), target.display());
    let what =
        format!("{link} is a symbolic link to {target}, which does not exist; make that directory, or remove the link");
    io::Error::new(io::ErrorKind::NotFound, what)
}

/// Locks the directory. The engine's own lock is in `data`, which is created and checked before the engine locks it.
pub(super) fn lock(directory: &Path) -> Result<File, OpenError> {
    let io = |cause| OpenError::Io { path: directory.to_owned(), action: "lock it", cause };
    let path = directory.join("lock");
    let open = File::options().create(true).truncate(false).write(true).open(&path);
    let file = open.map_err(io)?;
    match file.try_lock() {
        Ok(()) if is_at(&file, &path) => Ok(file),
        // A restore that fails removes the lock file it created, and another process may have created a new one.
        Ok(()) | Err(TryLockError::WouldBlock) => Err(OpenError::InUse(directory.to_owned())),
        Err(TryLockError::Error(cause)) => Err(io(cause)),
    }
}

/// Whether this open file is the one at this path.
fn is_at(file: &File, path: &Path) -> bool {
    let of = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    matches!((file.metadata().map(of), fs::metadata(path).map(of)), (Ok(file), Ok(path)) if file == path)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn only_missing_directories_are_reported_as_created_the_outermost_first() {
        let top = tempfile::tempdir().unwrap();
        let mut made = Vec::new();
        create(&top.path().join("a/b"), |level| made.push(level.to_owned())).unwrap();
        create(&top.path().join("a/c/"), |level| made.push(level.to_owned())).unwrap();
        assert_eq!(made, ["a", "a/b", "a/c"].map(|name| top.path().join(name)));
    }

    #[test]
    fn a_dangling_link_is_named_wherever_it_is_in_the_path() {
        let top = tempfile::tempdir().unwrap();
        let link = top.path().join("link");
        symlink("nowhere", &link).unwrap();
        for path in ["link", "link/", "link/below/it"] {
            let error = create(&top.path().join(path), |_| ()).unwrap_err().to_string();
            assert!(error.starts_with(&format!("{} is a symbolic link to nowhere, ", link.display())), "{error}");
        }
    }

    /// Otherwise two processes would have the store, one by the removed file and one by its successor.
    #[test]
    fn a_lock_on_a_removed_file_does_not_count() {
        let top = tempfile::tempdir().unwrap();
        let path = top.path().join("lock");
        let file = lock(top.path()).unwrap();
        assert!(is_at(&file, &path));
        fs::remove_file(&path).unwrap();
        assert!(!is_at(&file, &path));
        let next = lock(top.path()).unwrap();
        assert!(!is_at(&file, &path) && is_at(&next, &path));
    }
}
