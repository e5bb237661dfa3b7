//! The embedded backend: fjall, a cache of decoded accounts, and one thread that writes.
//!
//! Every write goes through that thread, so the cache is never stale, and only durable data can be read. Checks that
//! fjall leaves to its users are in `open` and in the crate `fjall-guard`.

mod backend;
mod cache;
mod commit;
mod disk_usage;
mod engine;
mod format;
mod free;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod gathered_reads;
mod history;
mod listing;
mod memtables;
mod meters;
mod open;
mod outbox;
mod recents;
#[cfg(feature = "schedules")]
pub mod schedules;
mod shortage;
mod slot;
mod snapshot;
mod sweep;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot::{self, Receiver};

use self::cache::accounts::{self, Accounts, Cached};
use self::cache::chat_groups::ChatGroups;
use self::cache::heads::HeadCache;
use self::cache::lists::ListCache;
use self::commit::group_commit::GroupCommitPolicy;
use self::commit::healing::schedule::Healing;
use self::commit::health::{self, WriterHealth};
use self::commit::in_flight::InFlightCommits;
use self::commit::jobs::{Done, Job};
use self::commit::recent_writes::RecentWrites;
use self::commit::writer::Writer;
use self::engine::Engine;
use self::format::{keys, rows};
use self::gathered_reads::GatheredReads;
use self::memtables::HeldMemtables;
use self::meters::Meters;
use self::open::opening::{self, Opened};
use self::shortage::EngineLog;
use self::slot::Slot;
use crate::history::SinkSlot;
use crate::sync::atomic::AtomicU64;
use crate::sync::mpsc::{SyncSender, sync_channel};
use crate::sync::thread::{self, JoinHandle};
use crate::sync::{Instant, Mutex, spawn_blocking};
use crate::{AccountKey, Durability, StoreError};

pub use self::open::open_error::OpenError;
pub use self::open::restoring::Restoring;
pub use self::open::verify_files::check_files;
pub use self::shortage::engine_logged;

/// How the embedded backend is run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Memory for decoded accounts, in bytes.
    pub cache_bytes_max: u64,
    /// Writes that may wait for the writer; further ones are rejected as overload.
    pub waiting_max: usize,
    /// Memory for the accounts, the changes and the times of waiting writes, in bytes, and as much again for the states they replace; further
    /// writes are rejected as overload.
    pub waiting_bytes_max: u64,
    /// A commit that takes longer takes the store out of service while it lasts.
    pub commit_max: Duration,
    /// Leaves a store of an older format as it is, so that the older build still opens it. Only for a process that writes
    /// nothing into it.
    pub keep_format: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            cache_bytes_max: 256 << 20,
            waiting_max: 8192,
            waiting_bytes_max: 256 << 20,
            commit_max: Duration::from_secs(10),
            keep_format: false,
        }
    }
}

/// Accounts and chat groups in a directory of this machine.
pub struct Embedded {
    directory: PathBuf,
    slot: Arc<Slot>,
    /// Held until the store is closed, also while it reopens.
    lock: Mutex<Option<File>>,
    accounts: Arc<Accounts>,
    head_cache: Arc<HeadCache>,
    chat_groups: Arc<ChatGroups>,
    lists: Arc<ListCache>,
    in_flight: Arc<InFlightCommits>,
    sink: SinkSlot,
    health: Arc<WriterHealth>,
    meters: Arc<Meters>,
    /// The last commit that can be read.
    published_commit: Arc<AtomicU64>,
    gathered_reads: GatheredReads,
    waiting_max: usize,
    writer: Mutex<Option<(SyncSender<Job>, JoinHandle<u64>)>>,
}

impl Embedded {
    /// Opens the store in `directory`, or creates one if the directory is missing or empty. Blocks while journals are
    /// replayed.
    ///
    /// # Errors
    /// [`OpenError`] says in a sentence what is wrong and what to do.
    pub fn open(directory: &Path, settings: &Settings) -> Result<Self, OpenError> {
        let log = EngineLog::now();
        Self::start(directory, opening::open(directory, settings.keep_format)?, log, settings)
    }

    /// Starts the writer of an open store.
    fn start(directory: &Path, opened: Opened, log: EngineLog, settings: &Settings) -> Result<Self, OpenError> {
        let Opened { engine, last_commit, lock, watch, acknowledged } = opened;
        let slot = Arc::new(Slot::new(engine.clone()));
        let meters = Arc::new(Meters::new());
        let accounts = Arc::new(accounts::accounts(settings.cache_bytes_max, meters.accounts.evictions()));
        let head_cache = Arc::new(HeadCache::new());
        let chat_groups = Arc::new(ChatGroups::new());
        let lists = Arc::new(ListCache::new());
        let in_flight = Arc::new(InFlightCommits::new(settings.waiting_bytes_max));
        let sink = SinkSlot::default();
        let health = Arc::new(WriterHealth::new(settings.commit_max));
        let published_commit = Arc::new(AtomicU64::new(last_commit));
        let (sender, jobs) = sync_channel(settings.waiting_max);
        let writer = Writer {
            directory: directory.to_owned(),
            engine: Some(engine),
            slot: Arc::clone(&slot),
            watch,
            acknowledged,
            healing: Healing::new(),
            log,
            checked: Instant::now(),
            looked: Instant::now(),
            asked: Instant::now(),
            accounts: Arc::clone(&accounts),
            head_cache: Arc::clone(&head_cache),
            chat_groups: Arc::clone(&chat_groups),
            lists: Arc::clone(&lists),
            in_flight: Arc::clone(&in_flight),
            sink: sink.clone(),
            undecided: Vec::new(),
            health: Arc::clone(&health),
            meters: Arc::clone(&meters),
            last_commit,
            published_commit: Arc::clone(&published_commit),
            recent_writes: RecentWrites::new(last_commit),
            group_commit: GroupCommitPolicy::default(),
            memtables: HeldMemtables::default(),
        };
        let thread = thread::Builder::new().name("pinfold-writer".into()).spawn(move || writer.run(&jobs));
        let thread = thread.map_err(|cause| OpenError::Io {
            path: directory.to_owned(),
            action: "start the writer's thread",
            cause,
        })?;
        Ok(Self {
            directory: directory.to_owned(),
            slot,
            lock: Mutex::new(Some(lock)),
            accounts,
            head_cache,
            chat_groups,
            lists,
            in_flight,
            sink,
            health,
            meters,
            published_commit,
            gathered_reads: GatheredReads::default(),
            waiting_max: settings.waiting_max,
            writer: Mutex::new(Some((sender, thread))),
        })
    }

    /// Runs a read that may wait for the disk on a thread that may block.
    async fn reading<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Engine) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.health.check_read()?;
        let engine = self.slot.engine().await?;
        let read = spawn_blocking(move || read(&engine)).await;
        read.map_err(|error| StoreError::Failed(format!("a read ended early: {error}")))?
    }

    /// The durable state of an account, from the cache or read into it; and whether it was in memory.
    async fn cached(&self, account: &AccountKey) -> Result<(Arc<Cached>, bool), StoreError> {
        self.health.check_read()?;
        if let Some(cached) = self.accounts.get(account) {
            return Ok((cached, true));
        }
        let (accounts, account) = (Arc::clone(&self.accounts), account.clone());
        let read = self.reading(move |engine| {
            // A commit that is published during this read replaces the guard, so that the older state read here does
            // not enter the cache.
            cache::read_through(&accounts, &account, || {
                let prefix = keys::account_prefix(&account);
                let account = rows::decode(prefix.len(), engine.scan(&prefix))?;
                Ok(Cached::new(account, Durability::durable()))
            })
        });
        Ok((read.await?, false))
    }

    /// The newest state of an account, durable or not; and whether it was in memory.
    async fn latest_cached(&self, account: &AccountKey) -> Result<(Arc<Cached>, bool), StoreError> {
        match self.in_flight.get(account) {
            Some(newest) => Ok((newest, true)),
            None => self.cached(account).await,
        }
    }

    /// Hands the writer a job; its answer comes through the channel.
    fn send<T>(&self, job: impl FnOnce(Done<T>) -> Job) -> Result<Receiver<Result<T, StoreError>>, StoreError> {
        self.health.check()?;
        let (done, answer) = oneshot::channel();
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let (sender, _) = writer.as_ref().ok_or_else(|| StoreError::Failed("the store is closed".into()))?;
        self.meters.queued();
        sender.try_send(job(done)).map_err(|error| {
            self.meters.taken();
            health::not_queued(&error, self.waiting_max)
        })?;
        Ok(answer)
    }

    /// Hands the writer a job that takes these bytes while it waits, and waits until it is done.
    async fn write<T>(&self, bytes: u64, job: impl FnOnce(Done<T>) -> Job) -> Result<T, StoreError> {
        self.in_flight.reserve(bytes)?;
        let sent = self.send(job);
        if sent.is_err() {
            self.in_flight.release(bytes);
        }
        backend::answered(sent?).await
    }
}

impl Drop for Embedded {
    /// Waits until the writer has finished its queue, so that the directory is free afterwards. Does not leave the mark
    /// of a clean shutdown: only [`crate::Backend::close`] does.
    fn drop(&mut self) {
        let writer = self.writer.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((sender, thread)) = writer {
            drop(sender);
            let _ = thread.join();
        }
    }
}
