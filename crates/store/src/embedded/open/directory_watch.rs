//! Checks that the files of the store are still those that were opened.
//!
//! When a directory is removed, moved or replaced, a running process keeps writing to the old files, and a restart does
//! not find these writes. When lock files are removed, a second process can open the directory.

use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// Device and inode.
type Identity = (u64, u64);

fn identity(metadata: &Metadata) -> Identity {
    (metadata.dev(), metadata.ino())
}

/// The identities of the directories and lock files that were opened, and the state of the newest journal.
pub(crate) struct DirectoryWatch {
    data: PathBuf,
    watched: Vec<(PathBuf, Identity)>,
    journal: Option<Journal>,
    /// Kept open, so that no other file gets their inodes.
    _held: Vec<File>,
}

/// The newest journal as it was at the last check. The engine removes only older ones and never shortens one.
#[derive(Clone, PartialEq)]
struct Journal {
    number: u64,
    path: PathBuf,
    identity: Identity,
    bytes: u64,
}

impl DirectoryWatch {
    /// Begins to watch a directory that this process has locked, before the engine is opened: replaying journals may
    /// take long, and the directory may be replaced meanwhile.
    pub(crate) fn new(directory: &Path, lock: &File) -> io::Result<Self> {
        let data = directory.join("data");
        let held = vec![File::open(directory)?, File::open(&data)?];
        let watched = vec![
            (directory.to_owned(), identity(&held[0].metadata()?)),
            (data.clone(), identity(&held[1].metadata()?)),
            (directory.join("lock"), identity(&lock.metadata()?)),
        ];
        Ok(Self { data, watched, journal: None, _held: held })
    }

    /// Also watches the engine's lock and journal, after the engine was opened.
    ///
    /// # Errors
    /// What the system says, or which file was removed or replaced.
    pub(crate) fn opened(&mut self) -> io::Result<()> {
        let lock = self.data.join("lock");
        let found = identity(&fs::metadata(&lock)?);
        self.watched.push((lock, found));
        self.journal = newest_journal(&self.data)?;
        self.check().map_err(io::Error::other)
    }

    /// Checks the directories and the lock files, with four system calls.
    ///
    /// # Errors
    /// A sentence that names the file that was removed or replaced. A file that cannot be checked is not an error.
    pub(crate) fn check(&self) -> Result<(), String> {
        self.watched.iter().try_for_each(|(path, expected)| is_still(path, *expected))
    }

    /// Also checks the newest journal.
    ///
    /// # Errors
    /// As [`DirectoryWatch::check`].
    pub(crate) fn check_journal(&mut self) -> Result<(), String> {
        self.check()?;
        let Ok(found) = newest_journal(&self.data) else { return Ok(()) };
        if let Some(last) = &self.journal {
            let (path, found) = (last.path.display(), found.as_ref());
            match found {
                Some(found) if found.number > last.number => {}
                Some(found) if found.number < last.number => return Err(format!("{path} is gone")),
                None => return Err(format!("{path} is gone")),
                Some(found) if found.identity != last.identity => return Err(replaced(&last.path)),
                Some(found) if found.bytes < last.bytes => return Err(format!("{path} was cut short")),
                Some(_) => {}
            }
        }
        self.journal = found;
        Ok(())
    }

    /// Watches the newest journal of an engine that was reopened.
    pub(crate) fn reopened(&mut self) {
        self.journal = newest_journal(&self.data).ok().flatten();
    }
}

fn is_still(path: &Path, expected: Identity) -> Result<(), String> {
    match fs::metadata(path) {
        Ok(found) if identity(&found) == expected => Ok(()),
        Ok(_) => Err(replaced(path)),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Err(format!("{} is gone", path.display()))
        }
        Err(_) => Ok(()),
    }
}

fn replaced(path: &Path) -> String {
    format!("{} was replaced", path.display())
}

fn newest_journal(data: &Path) -> io::Result<Option<Journal>> {
    let mut newest = None;
    for entry in fs::read_dir(data)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".jnl")?.parse::<u64>().ok());
        newest = newest.max(name.map(|number| (number, path)));
    }
    newest
        .map(|(number, path)| {
            let metadata = fs::metadata(&path)?;
            Ok(Journal { number, path, identity: identity(&metadata), bytes: metadata.len() })
        })
        .transpose()
}

/// Whether this process still has a file of the engine in `data` open, such as a journal or the lock.
///
/// The engine's last thread closes the journal shortly after the engine reports that it is closed, and may still write
/// to it. Only the system knows when that has happened.
pub(crate) fn is_held(data: &Path) -> io::Result<bool> {
    let mut files = Vec::new();
    for entry in fs::read_dir(data)? {
        let metadata = entry?.metadata()?;
        if metadata.is_file() {
            files.push(identity(&metadata));
        }
    }
    for descriptor in fs::read_dir("/proc/self/fd")? {
        // A descriptor that was closed meanwhile, or is not a file.
        let Ok(metadata) = fs::metadata(descriptor?.path()) else { continue };
        if files.contains(&identity(&metadata)) {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A directory with the files of a store that are watched.
    fn store() -> (tempfile::TempDir, PathBuf) {
        let top = tempfile::tempdir().unwrap();
        let directory = top.path().join("store");
        fill(&directory);
        (top, directory)
    }

    fn fill(directory: &Path) {
        fs::create_dir_all(directory.join("data")).unwrap();
        for file in ["lock", "data/lock"] {
            fs::write(directory.join(file), "").unwrap();
        }
        fs::write(directory.join("data/1.jnl"), "journal").unwrap();
    }

    fn locked(directory: &Path) -> DirectoryWatch {
        DirectoryWatch::new(directory, &File::open(directory.join("lock")).unwrap()).unwrap()
    }

    fn opened(directory: &Path) -> DirectoryWatch {
        let mut watch = locked(directory);
        watch.opened().unwrap();
        watch
    }

    #[test]
    fn a_file_replaced_while_the_engine_is_being_opened_is_named() {
        for name in ["", "data", "lock"] {
            let (_top, directory) = store();
            let mut watch = locked(&directory);
            let path = directory.join(name);
            fs::rename(&path, directory.with_extension("away")).unwrap();
            fill(&directory);
            let problem = watch.opened().unwrap_err().to_string();
            assert!(problem.ends_with("was replaced"), "{name}: {problem}");
        }
    }

    #[test]
    fn a_file_that_is_removed_moved_or_replaced_is_named() {
        for name in ["", "data", "lock", "data/lock", "data/1.jnl"] {
            let (_top, directory) = store();
            let mut watch = opened(&directory);
            assert_eq!(watch.check_journal(), Ok(()));
            let path = directory.join(name);
            fs::rename(&path, directory.with_extension("away")).unwrap();
            assert!(watch.check_journal().unwrap_err().contains("is gone"), "{name}");
            fill(&directory);
            let problem = watch.check_journal().unwrap_err();
            assert!(problem.ends_with("was replaced"), "{name}: {problem}");
        }
    }

    #[test]
    fn a_journal_may_grow_and_have_a_successor_and_must_not_get_shorter() {
        let (_top, directory) = store();
        let mut watch = opened(&directory);
        fs::write(directory.join("data/1.jnl"), "a longer journal").unwrap();
        assert_eq!(watch.check_journal(), Ok(()));
        fs::write(directory.join("data/2.jnl"), "").unwrap();
        fs::remove_file(directory.join("data/1.jnl")).unwrap();
        assert_eq!(watch.check_journal(), Ok(()));
        fs::write(directory.join("data/2.jnl"), "journal").unwrap();
        assert_eq!(watch.check_journal(), Ok(()));
        fs::write(directory.join("data/2.jnl"), "jour").unwrap();
        assert!(watch.check_journal().unwrap_err().ends_with("was cut short"));
        watch.reopened();
        assert_eq!(watch.check_journal(), Ok(()), "opening cuts what is torn");
    }

    #[test]
    fn a_file_of_the_engine_is_held_while_any_part_of_this_process_has_it_open() {
        let (_top, directory) = store();
        let data = directory.join("data");
        assert!(!is_held(&data).unwrap());
        let journal = File::open(data.join("1.jnl")).unwrap();
        assert!(is_held(&data).unwrap());
        drop(journal);
        assert!(!is_held(&data).unwrap());
    }
}
