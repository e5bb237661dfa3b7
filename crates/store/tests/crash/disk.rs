//! A model of a disk with a cache that a power cut empties: what is safe, and what is only on its way.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;
use std::fs;
use std::path::Path;

use super::recording::Event;

/// When a change of a directory is safe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Directories {
    /// As on ext4: with the next `fsync` of anything. What was not synced survives in order.
    Ordered,
    /// As POSIX promises: with an `fsync` of that directory. What was not synced survives at random.
    Strict,
}

/// A file or a directory, by its place in [`Disk::files`]; 0 is the top.
pub(crate) type Id = usize;

/// Entries of all directories.
pub(crate) type Entries = BTreeMap<(Id, OsString), Id>;

/// Bytes of a file; those after `bytes` up to `length` are zeros.
#[derive(Debug, Default, Clone)]
pub(crate) struct Content {
    pub(crate) bytes: Vec<u8>,
    pub(crate) length: u64,
}

/// A change of a file that is not safe yet. `order` counts through all files.
#[derive(Debug, Clone)]
pub(crate) struct Pending {
    pub(crate) order: usize,
    pub(crate) change: Change,
}

#[derive(Debug, Clone)]
pub(crate) enum Change {
    Write { offset: u64, data: Vec<u8> },
    Resize(u64),
}

#[derive(Debug, Default)]
pub(crate) struct File {
    pub(crate) is_directory: bool,
    pub(crate) safe: Content,
    pub(crate) pending: Vec<Pending>,
}

/// One change of a directory: entries set or removed together.
#[derive(Debug, Clone)]
pub(crate) struct EntryChange {
    pub(crate) directory: Id,
    pub(crate) entries: Vec<(OsString, Option<Id>)>,
}

#[derive(Debug)]
pub(crate) struct Disk {
    pub(crate) directories: Directories,
    pub(crate) files: Vec<File>,
    pub(crate) safe_entries: Entries,
    pub(crate) pending_entries: Vec<EntryChange>,
    entries: Entries,
    inodes: HashMap<u64, Id>,
    changes: usize,
}

impl Disk {
    /// A disk that safely holds what is in `folder`.
    pub(crate) fn holding(folder: &Path, directories: Directories) -> Self {
        let top = File { is_directory: true, ..File::default() };
        let (entries, inodes) = (Entries::new(), HashMap::new());
        let mut disk = Self {
            directories,
            files: vec![top],
            safe_entries: Entries::new(),
            pending_entries: Vec::new(),
            entries,
            inodes,
            changes: 0,
        };
        disk.take_in(folder, 0);
        disk.safe_entries = disk.entries.clone();
        disk
    }

    fn take_in(&mut self, folder: &Path, parent: Id) {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let is_directory = entry.path().is_dir();
            let id = self.add(File { is_directory, ..File::default() });
            self.entries.insert((parent, entry.file_name()), id);
            if is_directory {
                self.take_in(&entry.path(), id);
            } else {
                let mut bytes = fs::read(entry.path()).unwrap();
                let length = bytes.len() as u64;
                bytes.truncate(bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1));
                self.files[id].safe = Content { bytes, length };
            }
        }
    }

    pub(crate) fn apply(&mut self, event: &Event) {
        match event {
            Event::Create { path, inode } => {
                let id = self.add(File::default());
                self.inodes.insert(*inode, id);
                self.change_entries(path, Some(id), None);
            }
            Event::Open { path, inode, emptied } => {
                let id = self.find(path);
                self.inodes.insert(*inode, id);
                if *emptied {
                    self.change_file(*inode, Change::Resize(0));
                }
            }
            Event::Write { inode, offset, data } => {
                self.change_file(*inode, Change::Write { offset: *offset, data: data.0.clone() });
            }
            Event::Resize { inode, length } => self.change_file(*inode, Change::Resize(*length)),
            Event::Sync { inode, data_only } => self.sync_file(*inode, *data_only),
            Event::SyncDirectory { path } => self.sync_directory(path),
            Event::Rename { from, to } => {
                let id = self.find(from);
                self.change_entries(to, Some(id), from.file_name().map(OsString::from));
            }
            Event::Remove { path } => self.change_entries(path, None, None),
            Event::MakeDirectory { path } => {
                let id = self.add(File { is_directory: true, ..File::default() });
                self.change_entries(path, Some(id), None);
            }
            Event::Acknowledged { .. } => {}
        }
    }

    fn add(&mut self, file: File) -> Id {
        self.files.push(file);
        self.files.len() - 1
    }

    fn find(&self, path: &Path) -> Id {
        let step = |id: Id, name: &std::ffi::OsStr| self.entries.get(&(id, name.to_owned())).copied();
        path.iter().try_fold(0, step).unwrap_or_else(|| panic!("{} is not recorded", path.display()))
    }

    fn change_file(&mut self, inode: u64, change: Change) {
        self.changes += 1;
        let id = self.inodes[&inode];
        self.files[id].pending.push(Pending { order: self.changes, change });
    }

    /// Sets or removes the entry `path` and, for a renaming, removes the old name in the same directory.
    fn change_entries(&mut self, path: &Path, id: Option<Id>, old_name: Option<OsString>) {
        let directory = self.find(path.parent().unwrap());
        let mut entries = vec![(path.file_name().unwrap().to_owned(), id)];
        entries.extend(old_name.map(|name| (name, None)));
        let change = EntryChange { directory, entries };
        change.apply(&mut self.entries);
        self.pending_entries.push(change);
    }

    fn sync_file(&mut self, inode: u64, data_only: bool) {
        let file = &mut self.files[self.inodes[&inode]];
        for pending in std::mem::take(&mut file.pending) {
            file.safe.apply(&pending.change);
        }
        if self.directories == Directories::Ordered && !data_only {
            self.sync_entries(|_| true);
        }
    }

    fn sync_directory(&mut self, path: &Path) {
        let id = self.find(path);
        let ordered = self.directories == Directories::Ordered;
        self.sync_entries(|change| ordered || change.directory == id);
    }

    fn sync_entries(&mut self, safe: impl Fn(&EntryChange) -> bool) {
        for change in std::mem::take(&mut self.pending_entries) {
            if safe(&change) {
                change.apply(&mut self.safe_entries);
            } else {
                self.pending_entries.push(change);
            }
        }
    }
}

impl EntryChange {
    pub(crate) fn apply(&self, entries: &mut Entries) {
        for (name, id) in &self.entries {
            let key = (self.directory, name.clone());
            match id {
                Some(id) => entries.insert(key, *id),
                None => entries.remove(&key),
            };
        }
    }
}

impl Content {
    pub(crate) fn apply(&mut self, change: &Change) {
        match change {
            Change::Write { offset, data } => self.write(*offset, data),
            Change::Resize(length) => {
                self.bytes.truncate(usize::try_from(*length).unwrap());
                self.length = *length;
            }
        }
    }

    pub(crate) fn write(&mut self, offset: u64, data: &[u8]) {
        let (start, end) = (usize::try_from(offset).unwrap(), usize::try_from(offset).unwrap() + data.len());
        if self.bytes.len() < end {
            self.bytes.resize(end, 0);
        }
        self.bytes[start..end].copy_from_slice(data);
        self.length = self.length.max(end as u64);
    }
}
