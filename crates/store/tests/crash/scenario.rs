//! A disk with a store on it, and processes that work on the store.

use std::collections::HashMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use fjall::{Database, KeyspaceCreateOptions, PersistMode};
use pinfold_store::Backend;
use rand::rngs::StdRng;
use rand::{RngCore, SeedableRng};
use tempfile::TempDir;

use super::cuts::{self, Cuts, Failures};
use super::disk::{Directories, Disk};
use super::files::copy_directory;
use super::power_cut::{Survival, write_state};
use super::recording::{self, Event};
use super::workload;

/// Environment variable of the recorded process: its last commit, how it ends, the store.
const TASK: &str = "PINFOLD_CRASH_TASK";
/// The engine begins a new journal at the first flush after this many bytes.
const JOURNAL_BYTES: usize = 64_000_000;
/// A row of filler: its value, and what the journal adds to it at most.
const FILLER_BYTES: usize = 4_000;
const FILLER_OVERHEAD_BYTES: usize = 60;

/// How the recorded process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// It closes the store.
    Closed,
    /// It is gone at once.
    Killed,
}

/// A disk, what is known to be on it, and the tools.
pub(crate) struct Scenario {
    folder: TempDir,
    recorder: PathBuf,
    seed: u64,
    /// The last commit of each account that was acknowledged before the recording.
    acknowledged: HashMap<u64, u64>,
}

impl Scenario {
    /// A disk without a store.
    pub(crate) fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("pinfold-crash-").tempdir_in(scratch()).unwrap();
        let recorder = recording::build(folder.path());
        let acknowledged = (0..workload::ACCOUNTS).map(|id| (id, 0)).collect();
        let scenario = Self { folder, recorder, seed: cuts::seed(), acknowledged };
        fs::create_dir(scenario.disk()).unwrap();
        scenario
    }

    /// A disk with a store without accounts, whose memtables are flushed so often that a short run sees tables come and
    /// go. `filler_bytes` is written to its journal.
    pub(crate) fn with_small_memtables(memtable_bytes: u64, filler_bytes: usize) -> Self {
        let scenario = Self::new();
        drop(workload::open(&store_in(&scenario.disk())).unwrap());
        make_memtables_small(&store_in(&scenario.disk()).join("data"), memtable_bytes, filler_bytes);
        scenario
    }

    /// The same with a journal that will be full soon.
    pub(crate) fn with_almost_full_journal() -> Self {
        Self::with_small_memtables(256 * 1024, JOURNAL_BYTES)
    }

    /// Makes the next commits of every account in a process that is then killed.
    pub(crate) fn commit(&mut self, commits: u64) {
        let mut process = self.process(&self.disk(), commits, End::Killed);
        assert!(!process.status().unwrap().success(), "it was killed");
        self.acknowledged.values_mut().for_each(|number| *number += commits);
    }

    /// Makes the next commits in a process on a copy of the disk, and gives the log of that.
    pub(crate) fn record(&self, commits: u64, end: End) -> Vec<Event> {
        let copy = self.folder.path().join("recorded");
        copy_directory(&self.disk(), &copy);
        let mut process = self.process(&copy, commits, end);
        let log = self.folder.path().join("log");
        let (status, events) = recording::run(&mut process, &self.recorder, &copy, &log);
        assert_eq!(status.success(), end == End::Closed);
        fs::remove_dir_all(copy).unwrap();
        events
    }

    /// Puts in place of the disk what a power cut during the last of the next commits leaves of it.
    pub(crate) fn lose_power(&mut self, commits: u64) {
        let events = self.record(commits, End::Killed);
        let mut random = StdRng::seed_from_u64(self.seed);
        self.seed = random.next_u64();
        let mut disk = Disk::holding(&self.disk(), Directories::Strict);
        let last_sync = events.iter().rposition(|event| matches!(event, Event::Sync { data_only: true, .. })).unwrap();
        for event in &events[..last_sync] {
            disk.apply(event);
            event.note_acknowledged(&mut self.acknowledged);
        }
        fs::remove_dir_all(self.disk()).unwrap();
        fs::create_dir(self.disk()).unwrap();
        write_state(&disk, Survival::Sectors(512), &mut random, &self.disk());
    }

    /// Makes the cuts in a recording of this scenario.
    pub(crate) fn failures(&self, cuts: &Cuts<'_>) -> Failures {
        cuts.make(&self.disk(), &self.acknowledged, self.seed)
    }

    fn disk(&self) -> PathBuf {
        self.folder.path().join("disk")
    }

    fn process(&self, disk: &Path, commits: u64, end: End) -> Command {
        let mut process = Command::new(env::current_exe().unwrap());
        let last = self.acknowledged.values().copied().max().unwrap_or(0) + commits;
        process.args(["--ignored", "--exact", "recorded_process", "--nocapture"]);
        process.env(TASK, format!("{last} {end:?} {}", store_in(disk).display()));
        process.stdout(Stdio::null());
        process
    }
}

/// Commits to the store and tells the recorder what was acknowledged. Does nothing in a process of no scenario.
pub(crate) fn recorded_process() {
    let Ok(task) = env::var(TASK) else { return };
    let [last, end, store] = task.splitn(3, ' ').collect::<Vec<_>>()[..] else { panic!("{task}") };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let store = workload::open(Path::new(store)).unwrap();
        let store = workload::commit_until(store, last.parse().unwrap(), recording::acknowledge).await.unwrap();
        if end == "Killed" {
            std::process::abort();
        }
        store.close().await.unwrap();
    });
}

/// The store's directory on a disk.
pub(crate) fn store_in(disk: &Path) -> PathBuf {
    disk.join("store")
}

/// Memory where there is some: thousands of syncs would wear a real disk and wait for it.
fn scratch() -> PathBuf {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { memory.to_path_buf() } else { env::temp_dir() }
}

/// Makes the engine's directory anew with the same rows. The engine keeps the size of memtables with the keyspace.
fn make_memtables_small(data: &Path, memtable_bytes: u64, filler_bytes: usize) {
    let rows: Vec<_> = {
        let database = Database::builder(data).open().unwrap();
        let rows = database.keyspace("rows", KeyspaceCreateOptions::default).unwrap();
        rows.iter().map(|row| row.into_inner().unwrap()).collect()
    };
    fs::remove_dir_all(data).unwrap();
    let database = Database::builder(data).open().unwrap();
    let options = || KeyspaceCreateOptions::default().max_memtable_size(memtable_bytes);
    let keyspace = database.keyspace("rows", options).unwrap();
    for (key, value) in rows {
        keyspace.insert(key, value).unwrap();
    }
    // Rows that no account has, written over and over.
    for number in 0..filler_bytes / (FILLER_BYTES + FILLER_OVERHEAD_BYTES) {
        keyspace.insert(format!("z{}", number % 50), vec![b'f'; FILLER_BYTES]).unwrap();
    }
    database.persist(PersistMode::SyncAll).unwrap();
}
