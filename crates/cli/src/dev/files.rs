//! Small files that are whole or absent, also after a crash.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use crate::failure::Failure;

/// Only the owner may read it.
pub(super) const PRIVATE: u32 = 0o600;
/// Everybody may read it.
pub(super) const PUBLIC: u32 = 0o644;

/// The text of a file, none where it is missing.
pub(super) fn read(path: &Path) -> Result<Option<String>, Failure> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::new(format!("cannot read {}: {error}", path.display()))),
    }
}

/// Writes a file whole, durably and with these permissions, unless it says just that already.
pub(super) fn write(path: &Path, text: &str, mode: u32) -> Result<(), Failure> {
    if read(path).is_ok_and(|found| found.as_deref() == Some(text)) {
        return Ok(());
    }
    replace(path, text, mode).map_err(|error| Failure::new(format!("cannot write {}: {error}", path.display())))
}

fn replace(path: &Path, text: &str, mode: u32) -> io::Result<()> {
    let mut unfinished = path.to_owned().into_os_string();
    unfinished.push(".new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(&unfinished)?;
    // A file that a crash left behind keeps the permissions it was made with.
    file.set_permissions(Permissions::from_mode(mode))?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    match path.parent() {
        Some(directory) if directory != Path::new("") => File::open(directory)?.sync_all(),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_private_file_is_private_also_where_a_crash_left_a_public_one() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("key");
        fs::write(place.path().join("key.new"), "half").unwrap();
        fs::set_permissions(place.path().join("key.new"), Permissions::from_mode(0o666)).unwrap();
        write(&path, "whole", PRIVATE).unwrap();
        assert_eq!((read(&path).unwrap().as_deref(), mode(&path)), (Some("whole"), 0o600));
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_that_says_the_same_is_left_alone() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("ca.pem");
        fs::write(&path, "same").unwrap();
        fs::create_dir(place.path().join("ca.pem.new")).unwrap();
        write(&path, "same", PUBLIC).unwrap();
        assert!(write(&path, "other", PUBLIC).is_err());
    }
}
