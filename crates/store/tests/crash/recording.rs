//! Running a process under the recorder, and its log as a list of events.

use std::collections::HashMap;
use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

/// Environment variables of the recorded process; the recorder reads the first two.
const ROOT: &str = "PINFOLD_RECORD_ROOT";
const LOG: &str = "PINFOLD_RECORD_LOG";
const HEAD_BYTES: usize = 25;

/// One change below the recorded directory. Paths are relative to it; files are known by inode.
#[derive(Debug)]
pub(crate) enum Event {
    /// A file was made.
    Create {
        path: PathBuf,
        inode: u64,
    },
    /// A file that was there was opened for writing, maybe emptied.
    Open {
        path: PathBuf,
        inode: u64,
        emptied: bool,
    },
    Write {
        inode: u64,
        offset: u64,
        data: Data,
    },
    Resize {
        inode: u64,
        length: u64,
    },
    /// `fsync`, or `fdatasync` if only the data counts.
    Sync {
        inode: u64,
        data_only: bool,
    },
    SyncDirectory {
        path: PathBuf,
    },
    Rename {
        from: PathBuf,
        to: PathBuf,
    },
    Remove {
        path: PathBuf,
    },
    MakeDirectory {
        path: PathBuf,
    },
    /// The workload was told that this commit of this account is durable.
    Acknowledged {
        account: u64,
        number: u64,
    },
}

/// Bytes that were written; too many to print.
pub(crate) struct Data(pub(crate) Vec<u8>);

impl fmt::Debug for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

impl Event {
    /// Whether it makes, renames, removes or syncs entries of a directory.
    pub(crate) fn changes_directories(&self) -> bool {
        matches!(
            self,
            Self::Create { .. }
                | Self::Rename { .. }
                | Self::Remove { .. }
                | Self::MakeDirectory { .. }
                | Self::SyncDirectory { .. }
        )
    }

    /// Whether it makes or removes a journal of the engine.
    pub(crate) fn changes_journals(&self) -> bool {
        let (Self::Create { path, .. } | Self::Remove { path }) = self else { return false };
        path.extension().is_some_and(|extension| extension == "jnl")
    }

    /// Keeps the last acknowledged commit of each account.
    pub(crate) fn note_acknowledged(&self, acknowledged: &mut HashMap<u64, u64>) {
        if let Self::Acknowledged { account, number } = self {
            acknowledged.insert(*account, *number);
        }
    }
}

/// Compiles the recorder into `folder`.
pub(crate) fn build(folder: &Path) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/crash/recorder.c");
    let library = folder.join("recorder.so");
    let mut compiler = Command::new("cc");
    compiler.args(["-std=gnu11", "-O1", "-shared", "-fPIC", "-pthread", "-o"]).arg(&library).arg(source);
    assert!(compiler.status().expect("a C compiler named cc").success(), "the recorder does not compile");
    library
}

/// Runs `process` with everything recorded that it does below `root`.
pub(crate) fn run(process: &mut Command, recorder: &Path, root: &Path, log: &Path) -> (ExitStatus, Vec<Event>) {
    let _ = fs::remove_file(log);
    let status = process.env("LD_PRELOAD", recorder).env(ROOT, root).env(LOG, log).status().unwrap();
    (status, parse(&fs::read(log).unwrap(), root))
}

/// Called by the recorded process: adds an acknowledgement to the log, in one write, like the recorder's own records.
pub(crate) fn acknowledge(account: u64, number: u64) {
    let Some(log) = std::env::var_os(LOG) else { return };
    let mut record = vec![b'A'];
    record.extend(account.to_le_bytes());
    record.extend(number.to_le_bytes());
    record.extend([0; 8]);
    OpenOptions::new().append(true).open(log).unwrap().write_all(&record).unwrap();
}

fn parse(mut log: &[u8], root: &Path) -> Vec<Event> {
    let root = fs::canonicalize(root).unwrap();
    let mut events = Vec::new();
    while !log.is_empty() {
        let (head, rest) = log.split_at(HEAD_BYTES);
        let number = |at: usize| u64::from_le_bytes(head[at..at + 8].try_into().unwrap());
        let length = |at: usize| u32::from_le_bytes(head[at..at + 4].try_into().unwrap()) as usize;
        let (first, rest) = rest.split_at(length(17));
        let (second, rest) = rest.split_at(length(21));
        events.push(event(head[0], number(1), number(9), first, &relative(second, &root), &root));
        log = rest;
    }
    events
}

fn event(kind: u8, inode: u64, offset: u64, first: &[u8], to: &Path, root: &Path) -> Event {
    let path = || relative(first, root);
    match kind {
        b'C' => Event::Create { path: path(), inode },
        b'O' => Event::Open { path: path(), inode, emptied: offset != 0 },
        b'W' => Event::Write { inode, offset, data: Data(first.to_vec()) },
        b'T' => Event::Resize { inode, length: offset },
        b'S' => Event::Sync { inode, data_only: offset != 0 },
        b'D' => Event::SyncDirectory { path: path() },
        b'R' => Event::Rename { from: path(), to: to.to_path_buf() },
        b'U' => Event::Remove { path: path() },
        b'M' => Event::MakeDirectory { path: path() },
        b'A' => Event::Acknowledged { account: inode, number: offset },
        other => panic!("unknown record {other}"),
    }
}

fn relative(bytes: &[u8], root: &Path) -> PathBuf {
    let path = Path::new(std::str::from_utf8(bytes).unwrap_or(""));
    path.strip_prefix(root).unwrap_or(path).to_path_buf()
}
