//! The directory of `pinfold dev` and the small files in it. They are whole or absent, also after a crash. Other users
//! cannot have made them: a user who knows the key can act for every account.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use pinfold_store::small_file;
use rustix::fs::OFlags;
use rustix::process::geteuid;

use crate::failure::Failure;

/// Only the owner may read it.
pub(super) const PRIVATE: u32 = 0o600;
/// Every user may read it.
pub(super) const PUBLIC: u32 = 0o644;

const WRITABLE_BY_OTHERS: u32 = 0o022;

/// Makes a directory for this user alone, or makes sure of one that is there, as [`refuse_planted`] does.
pub(super) fn own_directory(path: &Path) -> Result<(), Failure> {
    fs::create_dir_all(path)
        .map_err(|error| Failure::new(format!("cannot create the directory {}: {error}", path.display())))?;
    refuse_planted(path)
}

/// Makes sure that a directory, if it is there, is this user's and that others cannot write in it: they could have put
/// a key there that they know, or links to files that are then written.
pub(super) fn refuse_planted(path: &Path) -> Result<(), Failure> {
    let cannot = |error| Failure::new(format!("cannot read {}: {error}", path.display()));
    let found = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        found => found.map_err(cannot)?,
    };
    if !found.is_symlink() {
        return refuse_others(path, &found);
    }
    refuse_owner(path, &found)?;
    refuse_others(path, &fs::metadata(path).map_err(cannot)?)
}

/// The text of a file that no other user can have written; none where it is missing.
pub(super) fn read(path: &Path) -> Result<Option<String>, Failure> {
    let cannot = |error: io::Error| Failure::new(format!("cannot read {}: {error}", path.display()));
    let file = match small_file::open(path, OFlags::NOFOLLOW) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(cannot(error)),
    };
    refuse_others(path, &file.metadata().map_err(cannot)?)?;
    small_file::read_open(&file).and_then(small_file::text).map(Some).map_err(cannot)
}

/// Writes a file whole, durably and with these permissions, unless it says just that already.
pub(super) fn write(path: &Path, text: &str, mode: u32) -> Result<(), Failure> {
    if read(path).is_ok_and(|found| found.as_deref() == Some(text)) {
        return Ok(());
    }
    small_file::replace(path, text.as_bytes(), mode)
        .map_err(|error| Failure::new(format!("cannot write {}: {error}", path.display())))
}

fn refuse_others(path: &Path, found: &Metadata) -> Result<(), Failure> {
    refuse_owner(path, found)?;
    if found.mode() & WRITABLE_BY_OTHERS == 0 {
        return Ok(());
    }
    let path = path.display();
    Err(Failure::new(format!(
        "other users can write to {path}, so a key in it may be one that they know; run chmod go-w {path} if you know \
         what is in it, or choose another directory by --data"
    )))
}

/// The superuser can write everywhere anyway.
fn refuse_owner(path: &Path, found: &Metadata) -> Result<(), Failure> {
    if [geteuid().as_raw(), 0].contains(&found.uid()) {
        return Ok(());
    }
    Err(Failure::new(format!(
        "{} belongs to another user, so a key in it may be one that they know; choose another directory by --data",
        path.display()
    )))
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    use std::path::PathBuf;

    use super::*;

    fn place() -> (tempfile::TempDir, PathBuf) {
        let place = crate::dev::private_directory();
        let path = place.path().join("key");
        (place, path)
    }

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_directory_that_others_can_write_in_is_refused() {
        let (place, _) = place();
        for mode in [0o777, 0o1777, 0o770, 0o702] {
            set_mode(place.path(), mode);
            let refusal = own_directory(place.path()).unwrap_err();
            assert!(refusal.sentence().starts_with("other users can write to "), "{mode:o}: {}", refusal.sentence());
        }
        for mode in [0o700, 0o755] {
            set_mode(place.path(), mode);
            assert!(own_directory(place.path()).is_ok(), "{mode:o}");
        }
    }

    #[test]
    fn a_file_that_others_can_write_is_not_read() {
        let (_place, path) = place();
        fs::write(&path, "planted").unwrap();
        set_mode(&path, 0o666);
        assert!(read(&path).unwrap_err().sentence().starts_with("other users can write to "));
        set_mode(&path, 0o644);
        assert_eq!(read(&path).unwrap().as_deref(), Some("planted"));
    }

    #[test]
    fn a_link_is_neither_read_nor_written_through() {
        let (place, path) = place();
        let mine = place.path().join("mine");
        fs::write(&mine, "mine").unwrap();
        symlink(&mine, &path).unwrap();
        symlink(&mine, place.path().join("key.new")).unwrap();
        assert!(read(&path).is_err());
        write(&path, "whole", PRIVATE).unwrap();
        assert_eq!(
            (fs::read_to_string(&mine).unwrap().as_str(), read(&path).unwrap().as_deref()),
            ("mine", Some("whole"))
        );
    }

    #[test]
    fn a_file_that_says_the_same_is_left_alone() {
        let (place, path) = place();
        write(&path, "same", PUBLIC).unwrap();
        fs::create_dir(place.path().join("key.new")).unwrap();
        write(&path, "same", PUBLIC).unwrap();
        assert!(write(&path, "other", PUBLIC).is_err());
    }
}
