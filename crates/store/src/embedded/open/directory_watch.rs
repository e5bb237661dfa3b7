//! Whether the files of the store are still those that were opened.
//!
//! A directory that is removed, moved or replaced under a running process takes its files along, and the process goes
//! on writing to them: writes that no restart finds. Without its lock files the directory is open to a second process.

use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// Device and inode.
type Identity = (u64, u64);

fn identity(metadata: &Metadata) -> Identity {
    (metadata.dev(), metadata.ino())
}

/// The files that make a directory the one that was opened, and the journal that is written.
pub(crate) struct DirectoryWatch {
    data: PathBuf,
    watched: Vec<(PathBuf, Identity)>,
    journal: Option<Journal>,
    /// As long as they are open no other file gets their inodes.
    _held: Vec<File>,
}

/// The newest journal as it was seen last. The engine removes none but older ones, and shortens none.
#[derive(Clone, PartialEq)]
struct Journal {
    number: u64,
    path: PathBuf,
    identity: Identity,
    bytes: u64,
}

impl DirectoryWatch {
    /// Watches the directory of a store that this process has locked, before its engine is opened: replaying journals
    /// may take long, and what replaces the directory meanwhile is not what was locked.
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

    /// Watches the engine's lock and journal as well, now that it was opened.
    ///
    /// # Errors
    /// What the system says, or which file is not the one that was locked.
    pub(crate) fn opened(&mut self) -> io::Result<()> {
        let lock = self.data.join("lock");
        let found = identity(&fs::metadata(&lock)?);
        self.watched.push((lock, found));
        self.journal = newest_journal(&self.data)?;
        self.check().map_err(io::Error::other)
    }

    /// Looks at the directories and the locks: four questions to the system.
    ///
    /// # Errors
    /// A sentence that says which is gone. What the system does not answer is no reason.
    pub(crate) fn check(&self) -> Result<(), String> {
        self.watched.iter().try_for_each(|(path, expected)| is_still(path, *expected))
    }

    /// Looks at the newest journal as well.
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

    /// Begins again with the journal that the engine, opened anew, has now.
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
    format!("{} was replaced by another", path.display())
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

/// Whether this process still has a journal or the lock of the engine in `data` open.
///
/// The engine's last thread lets go of the journal a moment after the engine says that it is closed, and may write to
/// it then. Only the system knows.
pub(crate) fn is_held(data: &Path) -> io::Result<bool> {
    let mut files = Vec::new();
    for entry in fs::read_dir(data)? {
        let metadata = entry?.metadata()?;
        if metadata.is_file() {
            files.push(identity(&metadata));
        }
    }
    for descriptor in fs::read_dir("/proc/self/fd")? {
        // One that was closed meanwhile, or is no file.
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

    /// A directory with the files of a store, as far as they are watched.
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
    fn what_is_replaced_while_the_engine_is_being_opened_is_noticed_and_named() {
        for name in ["", "data", "lock"] {
            let (_top, directory) = store();
            let mut watch = locked(&directory);
            let path = directory.join(name);
            fs::rename(&path, directory.with_extension("away")).unwrap();
            fill(&directory);
            let problem = watch.opened().unwrap_err().to_string();
            assert!(problem.ends_with("was replaced by another"), "{name}: {problem}");
        }
    }

    #[test]
    fn what_is_removed_moved_or_replaced_is_noticed_and_named() {
        for name in ["", "data", "lock", "data/lock", "data/1.jnl"] {
            let (_top, directory) = store();
            let mut watch = opened(&directory);
            assert_eq!(watch.check_journal(), Ok(()));
            let path = directory.join(name);
            fs::rename(&path, directory.with_extension("away")).unwrap();
            assert!(watch.check_journal().unwrap_err().contains("is gone"), "{name}");
            fill(&directory);
            let problem = watch.check_journal().unwrap_err();
            assert!(problem.ends_with("was replaced by another"), "{name}: {problem}");
        }
    }

    #[test]
    fn a_journal_may_grow_and_be_followed_by_another_and_may_not_get_shorter() {
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
    fn a_file_of_the_engine_is_held_as_long_as_any_part_of_this_process_has_it_open() {
        let (_top, directory) = store();
        let data = directory.join("data");
        assert!(!is_held(&data).unwrap());
        let journal = File::open(data.join("1.jnl")).unwrap();
        assert!(is_held(&data).unwrap());
        drop(journal);
        assert!(!is_held(&data).unwrap());
    }
}
