//! The directory of a store: made if it is missing, and locked for one process.

use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::open_error::OpenError;
use super::sync::sync_directory;

/// Makes the directory and those above it that are missing, each durable in the one above. `made` is told of each.
pub(super) fn create(directory: &Path, mut made: impl FnMut(&Path)) -> io::Result<()> {
    for level in missing(directory)?.iter().rev() {
        match fs::create_dir(level) {
            Ok(()) => made(level),
            // Somebody else was faster.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
        level.parent().map_or(Ok(()), sync_directory)?;
    }
    Ok(())
}

/// The directory and those above it, as far as they are missing and can be made; the innermost first.
pub(super) fn missing(directory: &Path) -> io::Result<Vec<PathBuf>> {
    // Without a slash at its end, behind which a link is not seen.
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

/// The engine's own lock is in `data`, which is made and checked first, so it comes too late.
pub(super) fn lock(directory: &Path) -> Result<File, OpenError> {
    let io = |cause| OpenError::Io { path: directory.to_owned(), action: "lock it", cause };
    let path = directory.join("lock");
    let open = File::options().create(true).truncate(false).write(true).open(&path);
    let file = open.map_err(io)?;
    match file.try_lock() {
        Ok(()) if is_at(&file, &path) => Ok(file),
        // A restore that fails takes away the file it made, and another process may have made a new one.
        Ok(()) | Err(TryLockError::WouldBlock) => Err(OpenError::InUse(directory.to_owned())),
        Err(TryLockError::Error(cause)) => Err(io(cause)),
    }
}

/// Whether this open file is the one with this name.
fn is_at(file: &File, path: &Path) -> bool {
    let of = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    matches!((file.metadata().map(of), fs::metadata(path).map(of)), (Ok(file), Ok(path)) if file == path)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn only_what_was_missing_is_told_as_made_and_the_outermost_comes_first() {
        let top = tempfile::tempdir().unwrap();
        let mut made = Vec::new();
        create(&top.path().join("a/b"), |level| made.push(level.to_owned())).unwrap();
        create(&top.path().join("a/c/"), |level| made.push(level.to_owned())).unwrap();
        assert_eq!(made, ["a", "a/b", "a/c"].map(|name| top.path().join(name)));
    }

    #[test]
    fn a_link_that_leads_nowhere_is_named_wherever_it_is_in_the_path() {
        let top = tempfile::tempdir().unwrap();
        let link = top.path().join("link");
        symlink("nowhere", &link).unwrap();
        for path in ["link", "link/", "link/below/it"] {
            let error = create(&top.path().join(path), |_| ()).unwrap_err().to_string();
            assert!(error.starts_with(&format!("{} is a symbolic link to nowhere, ", link.display())), "{error}");
        }
    }

    /// Two processes would have the store: one by a file that is gone, one by the file that came after it.
    #[test]
    fn a_lock_whose_file_was_taken_away_is_none() {
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
