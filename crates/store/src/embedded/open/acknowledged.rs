//! The file with the number of the last acknowledged commit, beside the engine's directory while the store is open.
//!
//! A journal that was cut at the end of a batch looks whole, and one that was cut inside a batch looks as if its last
//! write was torn and never acknowledged. This number tells the difference. It is written after each sync and not
//! synced itself: after a kill it is exact, after a power cut it may be too small, and it is never too large. A clean
//! shutdown removes it and leaves its own mark.

use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::Path;

use rustix::fs::OFlags;
use rustix::io::Errno;

use super::format_files;
use crate::small_file;

const NAME: &str = "acknowledged";
/// The digits of the largest number: the file is overwritten in place, within one sector.
const DIGITS: usize = 20;

pub(crate) struct Acknowledged(File);

impl Acknowledged {
    /// Creates the file with the last commit that was found.
    pub(crate) fn begin(directory: &Path, last_commit: u64) -> io::Result<Self> {
        // Without NONBLOCK opening a pipe waits for its reader.
        let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
        let mut options = File::options();
        let opened = options.create(true).truncate(false).write(true).custom_flags(flags).open(directory.join(NAME));
        let acknowledged = Self(opened.map_err(in_words)?);
        acknowledged.write(last_commit)?;
        Ok(acknowledged)
    }

    /// Records a commit before it is acknowledged.
    ///
    /// # Errors
    /// What the system says. The number is too small then, which is allowed.
    pub(crate) fn write(&self, commit: u64) -> io::Result<()> {
        self.0.write_all_at(format!("{commit:0DIGITS$}\n").as_bytes(), 0)
    }
}

/// The number in a directory; `None` if the file is missing or a power cut left it incomplete.
pub(super) fn read(directory: &Path) -> io::Result<Option<u64>> {
    let file = small_file::open(&directory.join(NAME), OFlags::NOFOLLOW);
    match file.and_then(|file| small_file::read_open(&file)) {
        Ok(bytes) => Ok(parse(&bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(in_words(error)),
    }
}

/// Explains the error for a symbolic link, which is not followed: the file is written in place, so that following it
/// would overwrite another file.
fn in_words(error: io::Error) -> io::Error {
    if error.raw_os_error() == Some(Errno::LOOP.raw_os_error()) {
        return io::Error::other(format!("{NAME} is a symbolic link, which is not followed; remove it"));
    }
    error
}

fn parse(bytes: &[u8]) -> Option<u64> {
    let digits = std::str::from_utf8(bytes).ok()?.strip_suffix('\n')?;
    (digits.len() == DIGITS).then(|| digits.parse().ok())?
}

/// Removes the file, after a clean shutdown.
pub(crate) fn remove(directory: &Path) -> io::Result<()> {
    format_files::remove(directory, NAME)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn the_number_is_read_back_and_anything_else_is_not_a_number() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(read(directory.path()).unwrap(), None);
        let acknowledged = Acknowledged::begin(directory.path(), u64::MAX).unwrap();
        assert_eq!(read(directory.path()).unwrap(), Some(u64::MAX));
        acknowledged.write(7).unwrap();
        assert_eq!(read(directory.path()).unwrap(), Some(7));
        for torn in ["", "7\n", "0000000000000000000", "0000000000000000000\0\n", "00000000000000000007"] {
            fs::write(directory.path().join(NAME), torn).unwrap();
            assert_eq!(read(directory.path()).unwrap(), None, "{torn:?}");
        }
        remove(directory.path()).unwrap();
        assert_eq!(read(directory.path()).unwrap(), None);
    }

    #[test]
    fn a_link_in_place_of_the_number_is_refused_in_words_and_not_followed() {
        let directory = tempfile::tempdir().unwrap();
        let mine = directory.path().join("mine");
        fs::write(&mine, "mine").unwrap();
        symlink(&mine, directory.path().join(NAME)).unwrap();
        let begun = Acknowledged::begin(directory.path(), 7).map(drop);
        for refused in [begun, read(directory.path()).map(drop)] {
            let error = refused.unwrap_err().to_string();
            assert_eq!(error, "acknowledged is a symbolic link, which is not followed; remove it");
        }
        assert_eq!(fs::read(&mine).unwrap(), b"mine");
    }
}
