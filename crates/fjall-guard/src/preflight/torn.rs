//! Cuts a torn end from a journal and keeps a copy of the bytes.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

const FOLDER: &str = "torn";
const COPIES_MAX: usize = 8;

/// Copies the bytes `from..to` of the journal to a new file in `<dir>/torn`, synced, and returns its path. The file is
/// named by a rising number, the journal and the offset, so the bytes can be put back by hand. The newest 8 are kept.
pub(super) fn keep_copy(dir: &Path, journal: &Path, from: u64, to: u64) -> io::Result<PathBuf> {
    let folder = dir.join(FOLDER);
    fs::create_dir_all(&folder)?;
    let copies = copies(&folder)?;
    let number = copies.last().map_or(0, |(number, _)| *number) + 1;
    let name = journal.file_name().unwrap_or_default().display();
    let copy = folder.join(format!("{number:06}-{name}-at-{from}"));
    copy_bytes(journal, &copy, from, to)?;
    for (_, old) in copies.iter().rev().skip(COPIES_MAX - 1) {
        fs::remove_file(old)?;
    }
    for changed in [folder.as_path(), dir] {
        File::open(changed)?.sync_all()?;
    }
    Ok(copy)
}

/// Ends the journal at `offset`; returns when that is on disk.
pub(super) fn cut(journal: &Path, offset: u64) -> io::Result<()> {
    let file = OpenOptions::new().write(true).open(journal)?;
    file.set_len(offset)?;
    file.sync_all()
}

/// Writes a copy to its place in the journal again; returns when that is on disk.
pub(super) fn put_back(journal: &Path, offset: u64, copy: &Path) -> io::Result<()> {
    let mut target = OpenOptions::new().write(true).open(journal)?;
    target.seek(SeekFrom::Start(offset))?;
    io::copy(&mut File::open(copy)?, &mut target)?;
    target.sync_all()
}

fn copy_bytes(journal: &Path, copy: &Path, from: u64, to: u64) -> io::Result<()> {
    let mut source = File::open(journal)?;
    source.seek(SeekFrom::Start(from))?;
    let mut target = File::create_new(copy)?;
    io::copy(&mut source.take(to - from), &mut target)?;
    target.sync_all()
}

/// The copies made so far, oldest first. Files with other names were not made here and are left alone.
fn copies(folder: &Path) -> io::Result<Vec<(u64, PathBuf)>> {
    let mut copies = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let number = path.file_name().and_then(|name| name.to_str()?.split_once('-')?.0.parse().ok());
        copies.extend(number.map(|number| (number, path)));
    }
    copies.sort();
    Ok(copies)
}
