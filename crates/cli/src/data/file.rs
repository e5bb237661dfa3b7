//! Reads and writes files that hold a dump, plain or compressed. A file under its final name is whole.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek as _, Write};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use pinfold_store::dump::{Moved, Reader};
use rustix::fs::{Advice, CWD, OFlags, RenameFlags, fadvise, renameat_with};
use rustix::io::Errno;

use super::progress::Progress;
use crate::failure::Failure;

/// Bytes that are gathered before they are written, or read at a time.
const BUFFER_BYTES: usize = 1 << 20;
/// The end of a name that asks for compression.
const COMPRESSED: &str = "gz";
/// The first bytes of a compressed file.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// For opening: links are not followed, and pipes not waited for.
pub(super) const NO_LINK: i32 = OFlags::NOFOLLOW.union(OFlags::NONBLOCK).bits().cast_signed();
const BUSY: &str = "another backup is writing it";

/// Why a file cannot be begun under a name.
enum Refused {
    /// The name is taken, so that another one may do.
    Taken(Failure),
    Failed(Failure),
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Taken(failure) | Refused::Failed(failure) => failure,
        }
    }
}

/// Whether a file can be begun under this name: nothing is written over, and no link that leads nowhere is replaced.
pub(super) fn check_free(path: &Path) -> Result<(), Failure> {
    Ok(free(path)?)
}

fn free(path: &Path) -> Result<(), Refused> {
    match fs::symlink_metadata(path) {
        Ok(_) => Err(Refused::Taken(cannot("write", path, "it exists already; choose another name or remove it"))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(cannot("write", path, error).into()),
    }
}

/// Removes the file of a writer that was interrupted, or a link that another user put there: a new file begins empty.
fn clear(partial: &Path) -> Result<(), Refused> {
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(NO_LINK);
    // Locked until it is removed: a writer that has just made it and finds it locked takes another name.
    let left = options.open(partial).ok();
    if let Some(left) = &left {
        left.try_lock().map_err(|_| busy(partial))?;
    }
    match fs::remove_file(partial) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(cannot("write", partial, error).into()),
        _ => Ok(()),
    }
}

fn busy(partial: &Path) -> Refused {
    Refused::Taken(cannot("write", partial, BUSY))
}

/// Renames a file that is whole, unless the new name was taken meanwhile. Some file systems can only replace.
fn rename_to_free(partial: &Path, path: &Path) -> io::Result<()> {
    match renameat_with(CWD, partial, CWD, path, RenameFlags::NOREPLACE) {
        Err(Errno::INVAL | Errno::NOSYS) => fs::rename(partial, path),
        renamed => Ok(renamed?),
    }
}

/// Gives a file that is whole and on the disk its name, and sees to it that the disk has that too.
pub(super) fn name_for_good(partial: &Path, path: &Path) -> io::Result<()> {
    rename_to_free(partial, path)?;
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(directory)?.sync_all()
}

/// Whether this file has this name.
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let (of_file, of_path) = (file.metadata()?, fs::symlink_metadata(path)?);
    Ok((of_file.dev(), of_file.ino()) == (of_path.dev(), of_path.ino()))
}

/// A file that is being written, under another name, and goes with this unless it is finished.
pub(super) struct Unfinished {
    path: PathBuf,
    partial: PathBuf,
    file: File,
    finished: bool,
}

impl Unfinished {
    /// Begins the file at the first of these paths where nothing is.
    pub(super) fn create(paths: impl IntoIterator<Item = PathBuf>) -> Result<Self, Failure> {
        let mut refused = Failure::new("there is no name for the file");
        for path in paths {
            match Self::create_at(&path) {
                Ok(unfinished) => return Ok(unfinished),
                Err(Refused::Taken(failure)) => refused = failure,
                Err(Refused::Failed(failure)) => return Err(failure),
            }
        }
        Err(refused)
    }

    fn create_at(path: &Path) -> Result<Self, Refused> {
        free(path)?;
        let mut partial = OsString::from(path);
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        clear(&partial)?;
        let mut options = OpenOptions::new();
        options.create_new(true).read(true).write(true).mode(0o600);
        let file = options.open(&partial).map_err(|error| match error {
            error if error.kind() == io::ErrorKind::AlreadyExists => busy(&partial),
            error => cannot("write", &partial, error).into(),
        })?;
        // Another one may have taken this for what an interrupted one left.
        let is_ours = file.try_lock().is_ok() && is_at(&file, &partial).unwrap_or(false);
        if is_ours { Ok(Self { path: path.to_owned(), partial, file, finished: false }) } else { Err(busy(&partial)) }
    }

    /// The name that it gets.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Has it written, and sees to it that the disk has it.
    pub(super) fn write<T>(&self, write: impl FnOnce(&mut dyn Write) -> Result<T, Failure>) -> Result<T, Failure> {
        let mut told = Telling { to: BufWriter::with_capacity(BUFFER_BYTES, &self.file), failed: None };
        let written = if self.path.extension().is_some_and(|end| end == COMPRESSED) {
            let mut compressed = GzEncoder::new(&mut told, Compression::default());
            write(&mut compressed).and_then(|written| Ok(compressed.finish().map(|_| written)?))
        } else {
            write(&mut told)
        };
        let written = written.and_then(|written| Ok(told.flush().map(|()| written)?));
        // An error of the file system is reported with the file, whichever writer met it.
        if let Some(error) = told.failed {
            return Err(cannot("write", &self.path, format!("{error}; what was written of it was removed")));
        }
        let synced = self.file.sync_all().map_err(|error| cannot("write", &self.path, error));
        written.and_then(|written| synced.map(|()| written))
    }

    /// Reads it back from the disk and checks every line; how much it holds.
    pub(super) fn verify(&self, progress: bool) -> Result<Moved, Failure> {
        // The page cache says nothing about the disk. A file system that cannot drop it verifies less, and no error is due.
        let _ = fadvise(&self.file, 0, None, Advice::DontNeed);
        check(&self.partial, "verifying", progress).map_err(|failure| {
            cannot("write", &self.path, format!("what was written is not what is read back: {}", failure.sentence()))
        })
    }

    /// Gives it its name, for good.
    pub(super) fn finish(mut self) -> Result<(), Failure> {
        let failed = |error: io::Error| cannot("write", &self.path, error);
        // Another one may have cleared this away before it was locked.
        if !is_at(&self.file, &self.partial).map_err(failed)? {
            return Err(cannot("write", &self.partial, BUSY));
        }
        name_for_good(&self.partial, &self.path).map_err(failed)?;
        self.finished = true;
        Ok(())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.finished {
            let _ = fs::remove_file(&self.partial);
        }
    }
}

/// Remembers the first thing that went wrong with the file itself.
struct Telling<W> {
    to: W,
    failed: Option<String>,
}

impl<W> Telling<W> {
    fn tell<T>(&mut self, done: io::Result<T>) -> io::Result<T> {
        done.inspect_err(|error| {
            self.failed.get_or_insert_with(|| error.to_string());
        })
    }
}

impl<W: Write> Write for Telling<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes);
        self.tell(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        let flushed = self.to.flush();
        self.tell(flushed)
    }
}

/// A dump in a file, decompressed if it was compressed.
pub(super) struct DumpFile {
    /// The dump in it, decompressed.
    pub(super) dump: Box<dyn BufRead + Send>,
    /// Length of the file, if it has one.
    pub(super) bytes: Option<u64>,
    /// How much of the file was read.
    pub(super) read: Arc<AtomicU64>,
}

impl DumpFile {
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        let failed = |error: io::Error| cannot("read", path, error);
        // A pipe without a writer would be waited for.
        let mut options = OpenOptions::new();
        options.read(true).custom_flags(OFlags::NONBLOCK.bits().cast_signed());
        let mut file = options.open(path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        if !metadata.is_file() {
            return Err(Failure::new(format!("{} is not a regular file", path.display())));
        }
        let mut begin = Vec::new();
        Read::take(&mut file, GZIP.len() as u64).read_to_end(&mut begin).map_err(failed)?;
        file.rewind().map_err(failed)?;
        let read = Arc::new(AtomicU64::new(0));
        let counted = BufReader::with_capacity(BUFFER_BYTES, Counting { file, read: Arc::clone(&read) });
        let dump: Box<dyn BufRead + Send> = if begin == GZIP {
            Box::new(BufReader::with_capacity(BUFFER_BYTES, MultiGzDecoder::new(counted)))
        } else {
            Box::new(counted)
        };
        Ok(Self { dump, bytes: Some(metadata.len()), read })
    }

    /// A dump that comes through stdin, not compressed.
    pub(super) fn stdin() -> Self {
        let dump = Box::new(BufReader::with_capacity(BUFFER_BYTES, io::stdin()));
        Self { dump, bytes: None, read: Arc::default() }
    }
}

struct Counting {
    file: File,
    read: Arc<AtomicU64>,
}

impl Read for Counting {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.file.read(buffer)?;
        self.read.fetch_add(bytes as u64, Ordering::Relaxed);
        Ok(bytes)
    }
}

/// Reads a whole dump and believes nothing; how much it holds.
pub(super) fn check(path: &Path, doing: &'static str, progress: bool) -> Result<Moved, Failure> {
    let DumpFile { dump, bytes, read } = DumpFile::open(path)?;
    let mut told = Progress::begin(doing, bytes, progress);
    let mut items = 0;
    let checked = Reader::new(dump).read_to_end(|_| {
        items += 1;
        told.tell(read.load(Ordering::Relaxed), items);
    });
    told.end();
    checked.map_err(|error| Failure::new(format!("{}, {error}", path.display())))
}

/// That something cannot be done with a file.
pub(super) fn cannot(what: &str, path: &Path, why: impl ToString) -> Failure {
    Failure::new(format!("cannot {what} {}: {}", path.display(), why.to_string()))
}
