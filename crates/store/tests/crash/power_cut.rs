//! The content of a disk after a power cut: all that was synced, and some of the rest.

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

use super::disk::{Change, Content, Directories, Disk, Entries, File, Id, Pending};

const TORN_BYTES: usize = 512;

/// Which of the unsafe changes survive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Survival {
    Nothing,
    Everything,
    /// Each change or not; half of those that do are torn.
    Each,
    /// Each sector of this many bytes of each write or not.
    Sectors(usize),
    /// All up to one, which is torn.
    Prefix,
}

impl Survival {
    pub(crate) const ALL: [Self; 6] =
        [Self::Nothing, Self::Everything, Self::Each, Self::Sectors(512), Self::Sectors(4096), Self::Prefix];
}

/// Writes to the empty folder what the disk may hold if the power goes now.
pub(crate) fn write_state(disk: &Disk, survival: Survival, random: &mut StdRng, folder: &Path) {
    let entries = surviving_entries(disk, survival, random);
    let orders: Vec<usize> = disk.files.iter().flat_map(|file| file.pending.iter().map(|p| p.order)).collect();
    let last = orders.choose(random).copied().unwrap_or(0);
    write_directory(0, &entries, folder, &mut |id| surviving_content(&disk.files[id], survival, last, random));
}

fn write_directory(id: Id, entries: &Entries, folder: &Path, content: &mut impl FnMut(Id) -> Option<Content>) {
    for ((_, name), child) in entries.range((id, OsString::new())..(id + 1, OsString::new())) {
        let path = folder.join(name);
        match content(*child) {
            None => {
                fs::create_dir(&path).unwrap();
                write_directory(*child, entries, &path, content);
            }
            Some(content) => {
                fs::write(&path, &content.bytes).unwrap();
                fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(content.length).unwrap();
            }
        }
    }
}

fn surviving_entries(disk: &Disk, survival: Survival, random: &mut StdRng) -> Entries {
    let pending = &disk.pending_entries;
    let first_lost = random.random_range(0..=pending.len());
    let mut entries = disk.safe_entries.clone();
    for (index, change) in pending.iter().enumerate() {
        let survives = match (survival, disk.directories) {
            (Survival::Nothing, _) => false,
            (Survival::Everything, _) => true,
            (_, Directories::Ordered) => index < first_lost,
            (_, Directories::Strict) => random.random(),
        };
        if survives {
            change.apply(&mut entries);
        }
    }
    entries
}

/// `None` for a directory.
fn surviving_content(file: &File, survival: Survival, last: usize, random: &mut StdRng) -> Option<Content> {
    let mut content = file.safe.clone();
    for Pending { order, change } in &file.pending {
        match survival {
            Survival::Nothing => {}
            Survival::Everything => content.apply(change),
            Survival::Each if random.random() => {
                if random.random() {
                    torn(&mut content, change, random);
                } else {
                    content.apply(change);
                }
            }
            Survival::Each => {}
            Survival::Sectors(bytes) => sectors(&mut content, change, bytes, random),
            Survival::Prefix if *order < last => content.apply(change),
            Survival::Prefix if *order == last => torn(&mut content, change, random),
            Survival::Prefix => {}
        }
    }
    (!file.is_directory).then_some(content)
}

/// The beginning of a write, up to a border of sectors.
fn torn(content: &mut Content, change: &Change, random: &mut StdRng) {
    match change {
        Change::Write { offset, data } => {
            let pieces: Vec<_> = split(*offset, data, TORN_BYTES).collect();
            for (offset, piece) in &pieces[..random.random_range(0..=pieces.len())] {
                content.write(*offset, piece);
            }
        }
        Change::Resize(_) => content.apply(change),
    }
}

/// Some sectors of a write; the file may have got its new length even where the last of them are lost.
fn sectors(content: &mut Content, change: &Change, bytes: usize, random: &mut StdRng) {
    match change {
        Change::Write { offset, data } => {
            for (offset, piece) in split(*offset, data, bytes) {
                if random.random() {
                    content.write(offset, piece);
                }
            }
            if random.random() {
                content.length = content.length.max(offset + data.len() as u64);
            }
        }
        Change::Resize(_) if random.random() => content.apply(change),
        Change::Resize(_) => {}
    }
}

/// The write cut at the sector borders of the file.
fn split(offset: u64, data: &[u8], sector: usize) -> impl Iterator<Item = (u64, &[u8])> {
    let first = sector - usize::try_from(offset).unwrap() % sector;
    let (head, rest) = data.split_at(first.min(data.len()));
    let mut at = offset;
    std::iter::once(head).chain(rest.chunks(sector)).map(move |piece| {
        let start = at;
        at += piece.len() as u64;
        (start, piece)
    })
}
