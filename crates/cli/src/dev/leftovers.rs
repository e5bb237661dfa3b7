//! Removes the files that a `pinfold dev` made before it failed.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// All that `dev` makes in its directory; the content of a directory comes before it.
const MADE: [&str; 6] = ["tls/authority.pem", "tls/ca.pem", "tls/server.pem", "tls", "key", ".gitignore"];
const STORE: &str = "store";

/// Removes what was made since it began, unless it is kept. What was there before stays as it is.
pub(super) struct Leftovers {
    directory: PathBuf,
    /// Missing before, the innermost first.
    parents: Vec<PathBuf>,
    files: Vec<PathBuf>,
    /// Whether there was no store.
    store: bool,
    /// Two of these at once would remove what the other one made.
    lock: Option<File>,
    kept: bool,
}

impl Leftovers {
    /// Makes the directory and looks at what is there.
    pub(super) fn begin(directory: &Path) -> io::Result<Self> {
        let parents: Vec<_> = directory.ancestors().take_while(|level| is_missing(level)).map(Path::to_owned).collect();
        fs::create_dir_all(directory)?;
        // Where another one has it, or the file system knows no locks, nothing is removed.
        let lock = File::open(directory).ok().filter(|directory| directory.try_lock().is_ok());
        // A file is written under another name first.
        let names = MADE.iter().flat_map(|name| [format!("{name}.new"), (*name).to_owned()]);
        let files = names.map(|name| directory.join(name)).filter(|path| is_missing(path)).collect();
        let store = is_missing(&directory.join(STORE));
        Ok(Self { directory: directory.to_owned(), parents, files, store, lock, kept: false })
    }

    /// Leaves all of it: it serves, and has data to keep.
    pub(super) fn keep(&mut self) {
        self.kept = true;
    }

    /// A file that cannot be removed is left: the error to report is the one before.
    fn remove(&self) {
        if self.store {
            let _ = fs::remove_dir_all(self.directory.join(STORE));
        }
        for path in &self.files {
            let _ = fs::remove_file(path).or_else(|_| fs::remove_dir(path));
        }
        for directory in &self.parents {
            let _ = fs::remove_dir(directory);
        }
    }
}

/// The empty path is the working directory.
fn is_missing(path: &Path) -> bool {
    let looked = path.symlink_metadata();
    !path.as_os_str().is_empty() && looked.is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
}

impl Drop for Leftovers {
    fn drop(&mut self) {
        if !self.kept && self.lock.is_some() {
            self.remove();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn make_all(directory: &Path) {
        fs::create_dir_all(directory.join("tls")).unwrap();
        fs::create_dir_all(directory.join("store/data")).unwrap();
        for name in MADE.into_iter().filter(|name| *name != "tls").chain(["store/format"]) {
            fs::write(directory.join(name), "made").unwrap();
        }
    }

    #[test]
    fn all_that_was_made_goes_and_so_do_the_directories_above_it() {
        let place = tempfile::tempdir().unwrap();
        let directory = place.path().join("a/b");
        let leftovers = Leftovers::begin(&directory).unwrap();
        make_all(&directory);
        drop(leftovers);
        assert!(!place.path().join("a").exists() && place.path().exists());
    }

    #[test]
    fn what_was_there_before_stays_as_it_was() {
        let place = tempfile::tempdir().unwrap();
        for name in ["key", "notes"] {
            fs::write(place.path().join(name), "mine").unwrap();
        }
        fs::create_dir(place.path().join(STORE)).unwrap();
        let leftovers = Leftovers::begin(place.path()).unwrap();
        fs::write(place.path().join("store/format"), "made").unwrap();
        fs::write(place.path().join(".gitignore"), "made").unwrap();
        drop(leftovers);
        let read = |name| fs::read_to_string(place.path().join(name)).unwrap();
        assert_eq!((read("key").as_str(), read("notes").as_str()), ("mine", "mine"));
        assert!(place.path().join(STORE).exists() && !place.path().join(".gitignore").exists());
    }

    #[test]
    fn what_serves_is_kept() {
        let place = tempfile::tempdir().unwrap();
        let mut leftovers = Leftovers::begin(place.path()).unwrap();
        make_all(place.path());
        leftovers.keep();
        drop(leftovers);
        assert!(place.path().join("store/format").exists());
    }

    #[test]
    fn of_two_at_once_the_second_removes_nothing() {
        let place = tempfile::tempdir().unwrap();
        let first = Leftovers::begin(place.path()).unwrap();
        let second = Leftovers::begin(place.path()).unwrap();
        make_all(place.path());
        drop(second);
        assert!(place.path().join("key").exists());
        drop(first);
        assert!(!place.path().join("key").exists());
    }
}
