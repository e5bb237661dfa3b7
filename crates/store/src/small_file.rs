//! Small files: configuration, keys, certificates, marks. They are read within bounds of size and time, whatever the
//! name leads to, and replaced whole or not at all.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::fs::OFlags;

/// The largest file that is read, 4 MiB. Bundles of all public authorities have less than a tenth of it.
pub const BYTES_MAX: u64 = 4 << 20;
/// How long a pipe may take to come to its end.
const PIPE_MAX: Duration = Duration::from_secs(5);
const PIPE_PAUSE: Duration = Duration::from_millis(5);

/// The bytes of a file.
///
/// # Errors
/// What the system says; `FileTooLarge` over [`BYTES_MAX`], as for a device without an end; `TimedOut` for a pipe whose
/// writer does not come to an end.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    read_open(&open(path, OFlags::empty())?)
}

/// The same for text.
///
/// # Errors
/// Also `InvalidData` for bytes that are not UTF-8.
pub fn read_text(path: &Path) -> io::Result<String> {
    text(read(path)?)
}

/// Opens a file for [`read_open`], with further flags such as [`OFlags::NOFOLLOW`].
///
/// # Errors
/// What the system says.
pub fn open(path: &Path, flags: OFlags) -> io::Result<File> {
    // Else opening a pipe waits for its writer, and so does reading.
    let flags = (flags | OFlags::NONBLOCK).bits().cast_signed();
    OpenOptions::new().read(true).custom_flags(flags).open(path)
}

/// What is left to read of a file that [`open`] opened.
///
/// # Errors
/// As for [`read`].
pub fn read_open(mut file: &File) -> io::Result<Vec<u8>> {
    let (mut bytes, began) = (Vec::new(), Instant::now());
    loop {
        let left = (BYTES_MAX + 1).saturating_sub(bytes.len() as u64);
        match (&mut file).take(left).read_to_end(&mut bytes) {
            Ok(_) if bytes.len() as u64 > BYTES_MAX => return Err(too_large()),
            Ok(_) => return Ok(bytes),
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(error),
            Err(_) if began.elapsed() > PIPE_MAX => return Err(no_end()),
            Err(_) => sleep(PIPE_PAUSE),
        }
    }
}

/// Bytes as text.
///
/// # Errors
/// `InvalidData` for bytes that are not UTF-8.
pub fn text(bytes: Vec<u8>) -> io::Result<String> {
    String::from_utf8(bytes).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8 text"))
}

fn too_large() -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, format!("it is larger than {} MiB", BYTES_MAX >> 20))
}

fn no_end() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, format!("no end of it came in {} s", PIPE_MAX.as_secs()))
}

/// Whether users of this machine that are neither the file's owner nor in its group can read it.
pub fn is_readable_by_everybody(path: &Path) -> bool {
    const READABLE_BY_OTHERS: u32 = 0o004;
    fs::metadata(path).is_ok_and(|about| about.permissions().mode() & READABLE_BY_OTHERS != 0)
}

/// Replaces a file whole, durably and with these permissions, whatever the umask. What is written is called `NAME.new`
/// before; a link of that name is removed and not followed.
///
/// # Errors
/// What the system says. The file is as it was then.
pub fn replace(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let mut unfinished = OsString::from(path);
    unfinished.push(".new");
    let unfinished = PathBuf::from(unfinished);
    let mut file = create_new(&unfinished, mode)?;
    file.set_permissions(Permissions::from_mode(mode))?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    match path.parent() {
        Some(directory) if directory != Path::new("") => File::open(directory)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}

/// Creates a file, in place of one that a crash or another program left there. Writing goes to no file that was there before.
pub(crate) fn create_new(path: &Path, mode: u32) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(mode).custom_flags(OFlags::NOFOLLOW.bits().cast_signed());
    match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            fs::remove_file(path)?;
            options.open(path)
        }
        opened => opened,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn what_has_no_end_is_read_no_further_than_the_bound() {
        let error = read(Path::new("/dev/zero")).unwrap_err();
        assert_eq!(error.to_string(), "it is larger than 4 MiB");
    }

    #[test]
    fn a_file_may_be_as_large_as_the_bound_and_not_larger() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("file");
        let file = File::create(&path).unwrap();
        file.set_len(BYTES_MAX).unwrap();
        assert_eq!(read(&path).unwrap().len() as u64, BYTES_MAX);
        file.set_len(BYTES_MAX + 1).unwrap();
        assert_eq!(read(&path).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
    }

    #[test]
    fn a_pipe_is_read_to_its_end_and_one_that_has_none_is_given_up() {
        let (reader, mut writer) = io::pipe().unwrap();
        let name = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&reader));
        writer.write_all(b"key").unwrap();
        let stalled = std::thread::spawn({
            let name = name.clone();
            move || read(Path::new(&name)).unwrap_err().kind()
        });
        assert_eq!(stalled.join().unwrap(), io::ErrorKind::TimedOut);
        writer.write_all(b"another").unwrap();
        drop(writer);
        assert_eq!(read(Path::new(&name)).unwrap(), b"another");
    }

    #[test]
    fn a_named_pipe_without_a_writer_is_not_waited_for() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&path).status().unwrap();
        assert!(made.success());
        assert_eq!(read(&path).unwrap(), b"");
    }

    #[test]
    fn a_link_in_place_of_the_unfinished_file_is_not_followed() {
        let place = tempfile::tempdir().unwrap();
        let (path, mine) = (place.path().join("key"), place.path().join("mine"));
        fs::write(&mine, "mine").unwrap();
        symlink(&mine, place.path().join("key.new")).unwrap();
        replace(&path, b"whole", 0o600).unwrap();
        assert_eq!((fs::read(&mine).unwrap(), fs::read(&path).unwrap()), (b"mine".to_vec(), b"whole".to_vec()));
        assert!(fs::symlink_metadata(&path).unwrap().is_file());
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_link_in_place_of_the_file_is_replaced_and_not_followed() {
        let place = tempfile::tempdir().unwrap();
        let (path, mine) = (place.path().join("key"), place.path().join("mine"));
        fs::write(&mine, "mine").unwrap();
        symlink(&mine, &path).unwrap();
        replace(&path, b"whole", 0o600).unwrap();
        assert_eq!(fs::read(&mine).unwrap(), b"mine");
    }

    #[test]
    fn a_private_file_is_private_also_where_a_crash_left_a_public_one() {
        let place = tempfile::tempdir().unwrap();
        let (path, left) = (place.path().join("key"), place.path().join("key.new"));
        fs::write(&left, "half, and more than is written now").unwrap();
        fs::set_permissions(&left, Permissions::from_mode(0o666)).unwrap();
        replace(&path, b"whole", 0o600).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
