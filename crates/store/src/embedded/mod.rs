//! The embedded backend: fjall, a cache of decoded accounts, and one thread that writes.
//!
//! Every write goes through that thread, so the cache is never behind the disk, and nothing can be read
//! that is not durable. What fjall leaves to its users is done in `open` and `preflight`.

mod apps;
mod cache;
mod commit;
mod disk_usage;
mod engine;
mod format;
#[doc(hidden)]
pub mod fuzzing;
mod meters;
mod open;
mod shortage;
mod skipping_scan;
mod slot;
mod snapshot;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use pinfold_core::{AccountId, AccountState, AppId, ChatGroup, ChatGroupId, StateDiff};
use tokio::sync::oneshot::{self, Receiver};

use self::cache::accounts::{self, Accounts, Cached};
use self::cache::chat_groups::{self, ChatGroups};
use self::cache::imported_cache::ImportedCache;
use self::commit::group_commit::GroupCommitPolicy;
use self::commit::healing::Healing;
use self::commit::health::WriterHealth;
use self::commit::in_flight::InFlightCommits;
use self::commit::writer::{self, AccountJob, ChatGroupJob, ForgetJob, Job, NewChatGroupsJob, Writer};
use self::commit::{closing, health};
use self::engine::Engine;
use self::format::{keys, rows};
use self::meters::Meters;
use self::shortage::EngineLog;
use self::slot::Slot;
use crate::stats::Stats;
use crate::{
    AccountKey, Backend, ChatGroupSeq, Commit, Durability, Loaded, OnDamage, Outcome, Scope, Snapshot, StoreError,
    Version,
};

pub use self::open::open_error::OpenError;
pub use self::open::restoring::Restoring;
pub use self::open::verify_files::check_files;
pub use self::shortage::engine_logged;

/// How the embedded backend is run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Memory for decoded accounts, in bytes.
    pub cache_bytes_max: u64,
    /// Writes that may wait for the writer; further ones are refused as overload.
    pub waiting_max: usize,
    /// Memory that their accounts may take, in bytes, and as much again for what these replace; further ones are
    /// refused as overload.
    pub waiting_bytes_max: u64,
    /// A commit that takes longer takes the store out of service while it lasts.
    pub commit_max: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            cache_bytes_max: 256 << 20,
            waiting_max: 8192,
            waiting_bytes_max: 256 << 20,
            commit_max: Duration::from_secs(10),
        }
    }
}

/// Accounts and chat groups in a directory of this machine.
pub struct Embedded {
    directory: PathBuf,
    slot: Arc<Slot>,
    /// Held until the store is closed, also while it is opened anew.
    lock: Mutex<Option<File>>,
    accounts: Arc<Accounts>,
    imported_cache: Arc<ImportedCache>,
    chat_groups: Arc<ChatGroups>,
    in_flight: Arc<InFlightCommits>,
    health: Arc<WriterHealth>,
    meters: Arc<Meters>,
    waiting_max: usize,
    writer: Mutex<Option<(SyncSender<Job>, JoinHandle<u64>)>>,
}

impl Embedded {
    /// Opens the store in `directory`, or creates it where nothing is. Blocks while it replays journals.
    ///
    /// # Errors
    /// [`OpenError`] says in a sentence what is wrong and what to do.
    pub fn open(directory: &Path, settings: &Settings) -> Result<Self, OpenError> {
        let log = EngineLog::now();
        let open::Opened { engine, last_commit, lock, watch, acknowledged } = open::open(directory)?;
        let slot = Arc::new(Slot::new(engine.clone()));
        let meters = Arc::new(Meters::new());
        let accounts = Arc::new(accounts::accounts(settings.cache_bytes_max, meters.accounts.evictions()));
        let imported_cache = Arc::new(ImportedCache::new());
        let chat_groups = Arc::new(ChatGroups::new());
        let in_flight = Arc::new(InFlightCommits::new(settings.waiting_bytes_max));
        let health = Arc::new(WriterHealth::new(settings.commit_max));
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
            imported_cache: Arc::clone(&imported_cache),
            chat_groups: Arc::clone(&chat_groups),
            in_flight: Arc::clone(&in_flight),
            health: Arc::clone(&health),
            meters: Arc::clone(&meters),
            last_commit,
            group_commit: GroupCommitPolicy::default(),
        };
        let thread = std::thread::Builder::new().name("pinfold-writer".into()).spawn(move || writer.run(&jobs));
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
            imported_cache,
            chat_groups,
            in_flight,
            health,
            meters,
            waiting_max: settings.waiting_max,
            writer: Mutex::new(Some((sender, thread))),
        })
    }

    /// Runs a read that may wait for the disk on a thread that may wait.
    async fn reading<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Engine) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.health.check_read()?;
        let engine = self.slot.engine().await?;
        let read = tokio::task::spawn_blocking(move || read(&engine)).await;
        read.map_err(|error| StoreError::Failed(format!("a read ended early: {error}")))?
    }

    /// The account as the disk has it, from the cache or else from the disk into the cache; whether it was found
    /// in memory.
    async fn cached(&self, account: &AccountKey) -> Result<(Arc<Cached>, bool), StoreError> {
        self.health.check_read()?;
        if let Some(cached) = self.accounts.get(account) {
            return Ok((cached, true));
        }
        let (accounts, account) = (Arc::clone(&self.accounts), account.clone());
        let read = self.reading(move |engine| {
            // A commit that is published while this reads replaces the guard, so that what is read here,
            // older by then, does not get into the cache.
            accounts.get_or_insert_with(&account, || {
                let prefix = keys::account_prefix(&account);
                let account = rows::to_account(prefix.len(), engine.scan(&prefix))?;
                Ok(Cached::new(account, Durability::durable()))
            })
        });
        Ok((read.await?, false))
    }

    /// The newest state of an account, durable or not; whether it was found in memory.
    async fn latest_cached(&self, account: &AccountKey) -> Result<(Arc<Cached>, bool), StoreError> {
        match self.in_flight.get(account) {
            Some(newest) => Ok((newest, true)),
            None => self.cached(account).await,
        }
    }

    /// Hands the writer a job; its answer comes through the channel.
    fn send<T>(&self, job: impl FnOnce(writer::Done<T>) -> Job) -> Result<Receiver<Result<T, StoreError>>, StoreError> {
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
}

/// What the writer answers.
async fn answered<T>(answer: Receiver<Result<T, StoreError>>) -> Result<T, StoreError> {
    answer.await.map_err(|_| StoreError::Failed("the writer ended".into()))?
}

#[async_trait]
impl Backend for Embedded {
    async fn load(&self, account: &AccountKey, _: &Scope) -> Result<Loaded, StoreError> {
        let (cached, found) = self.cached(account).await?;
        self.meters.accounts.asked(found);
        Ok(cached.loaded())
    }

    async fn commit(
        &self,
        account: &AccountKey,
        base: Option<Version>,
        next: Version,
        changes: StateDiff,
    ) -> Result<Commit, StoreError> {
        self.begin_commit(account, base, next, changes).await?.await
    }

    async fn latest(&self, account: &AccountKey, _: &Scope) -> Result<Loaded, StoreError> {
        let (newest, found) = self.latest_cached(account).await?;
        self.meters.accounts.asked(found);
        Ok(newest.loaded())
    }

    async fn begin_commit(
        &self,
        account: &AccountKey,
        base: Option<Version>,
        next: Version,
        changes: StateDiff,
    ) -> Result<Outcome, StoreError> {
        let conflict = || Box::pin(std::future::ready(Ok(Commit::Conflict)));
        let (before, _) = self.latest_cached(account).await?;
        if before.version != base {
            return Ok(conflict());
        }
        let mut state = AccountState::clone(&before.state);
        state.apply(&changes);
        let kept = rows::Kept { state: &before.state, bulk: before.bulk };
        let (writes, bulk) = rows::of_changes(account, kept, &state, next, &changes);
        let version = changes.head.map(|_| next);
        let registered = (state.head.imported != before.state.head.imported).then_some(state.head.imported);
        let published = Cached::new(rows::Account { version, state, bulk }, Durability::pending());
        let job = |done| {
            let (account, published) = (account.clone(), Arc::clone(&published));
            Job::Account(AccountJob { account, base, writes, published, registered, done })
        };
        let mut answer = None;
        let queued = self.in_flight.queue(account, base, &published, || {
            answer = Some(self.send(job)?);
            Ok(())
        })?;
        Ok(match answer {
            Some(answer) if queued => {
                // What is replaced is freed here: the writer's thread, which all wait for, has enough to do. Heavier
                // than what is counted, it must not wait with it.
                let replaced = (before.bytes <= published.bytes).then_some(before);
                Box::pin(async move {
                    let _replaced = replaced;
                    answered(answer).await
                })
            }
            _ => conflict(),
        })
    }

    async fn wait_durable(&self, _: &AccountKey, shown: &Loaded) -> Result<bool, StoreError> {
        if shown.durability.is_durable().is_none() {
            answered(self.send(Job::WaitDurable)?).await?;
        }
        Ok(shown.durability.is_durable() == Some(true))
    }

    async fn imported(&self, app: AppId, accounts: &[AccountId]) -> Result<Vec<bool>, StoreError> {
        self.health.check_read()?;
        let keys: Vec<_> = accounts.iter().map(|account| AccountKey { app, account: account.clone() }).collect();
        let cached = |key: &AccountKey| Some(self.accounts.peek(key)?.state.head.imported);
        let known: Option<Vec<_>> =
            keys.iter().map(|key| self.imported_cache.known(key).or_else(|| cached(key))).collect();
        if let Some(known) = known {
            return Ok(known);
        }
        let imported_cache = Arc::clone(&self.imported_cache);
        self.reading(move |engine| keys.iter().map(|key| imported_cache.read(engine, key)).collect()).await
    }

    async fn chat_groups(&self, app: AppId, ids: &[ChatGroupId]) -> Result<Vec<Option<ChatGroup>>, StoreError> {
        self.health.check_read()?;
        if let Some(known) = self.chat_groups.known(app, ids) {
            return Ok(known);
        }
        let (chat_groups, ids) = (Arc::clone(&self.chat_groups), ids.to_vec());
        self.reading(move |engine| ids.iter().map(|id| chat_groups.read(engine, app, id)).collect()).await
    }

    async fn put_chat_group(
        &self,
        app: AppId,
        id: &ChatGroupId,
        expected: Option<&ChatGroup>,
        new: &ChatGroup,
    ) -> Result<Commit, StoreError> {
        let (id, expected, new) = (id.clone(), expected.cloned(), new.clone());
        answered(self.send(|done| Job::ChatGroup(ChatGroupJob { app, id, expected, new, done }))?).await
    }

    async fn register_chat_groups(&self, app: AppId, new: &[(ChatGroupId, ChatGroup)]) -> Result<Commit, StoreError> {
        let new = new.to_vec();
        answered(self.send(|done| Job::NewChatGroups(NewChatGroupsJob { app, new, done }))?).await
    }

    async fn chat_groups_after(
        &self,
        app: AppId,
        after: ChatGroupSeq,
        count_max: usize,
    ) -> Result<Vec<(ChatGroupSeq, ChatGroupId, ChatGroup)>, StoreError> {
        self.reading(move |engine| {
            let rows = engine.range(keys::serial(app, after), keys::serial(app, ChatGroupSeq(u32::MAX)));
            rows.take(count_max).map(|row| chat_groups::listed(engine, app, &row?.1)).collect()
        })
        .await
    }

    async fn chat_group_count(&self, app: AppId) -> Result<u64, StoreError> {
        self.reading(move |engine| Ok(engine.chat_group_count(app)?.live)).await
    }

    async fn accounts_after(
        &self,
        after: Option<&AccountKey>,
        count_max: usize,
    ) -> Result<Vec<AccountKey>, StoreError> {
        let from = after.map_or_else(|| vec![keys::ACCOUNTS], keys::behind);
        self.reading(move |engine| apps::accounts(engine, from, &[keys::ACCOUNTS + 1], count_max)).await
    }

    async fn apps_after(&self, after: Option<AppId>, count_max: usize) -> Result<Vec<AppId>, StoreError> {
        self.reading(move |engine| apps::after(engine, after, count_max)).await
    }

    async fn accounts_of(
        &self,
        app: AppId,
        after: Option<&AccountId>,
        count_max: usize,
    ) -> Result<Vec<AccountId>, StoreError> {
        let after = after.cloned();
        self.reading(move |engine| apps::accounts_of(engine, app, after, count_max)).await
    }

    async fn forget_chat_groups(&self, app: AppId, count_max: usize) -> Result<u64, StoreError> {
        answered(self.send(|done| Job::ForgetChatGroups(ForgetJob { app, count_max, done }))?).await
    }

    async fn snapshot(&self, after: Option<&AccountKey>, on_damage: OnDamage) -> Result<Snapshot, StoreError> {
        self.health.check_read()?;
        let (now, after) = (self.slot.engine().await?.now(), after.cloned());
        Ok(Snapshot::blocking(now.closing(), move |sender| snapshot::run(&now, after.as_ref(), on_damage, sender)))
    }

    async fn health(&self) -> Result<(), StoreError> {
        self.health.check()?;
        self.slot.check()
    }

    async fn stats(&self) -> Stats {
        Stats {
            accounts: Some(self.meters.accounts(&self.accounts)),
            writer: Some(self.meters.writer(self.health().await.is_ok(), &self.in_flight, self.waiting_max)),
            disk: disk_usage::stats(&self.directory).await,
            pool: None,
        }
    }

    async fn close(&self) -> Result<(), StoreError> {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some((sender, thread)) = writer else { return Ok(()) };
        drop(sender);
        let (engine, lock) = (self.slot.close(), self.lock.lock().unwrap_or_else(PoisonError::into_inner).take());
        self.accounts.clear();
        self.imported_cache.clear();
        self.chat_groups.clear();
        let (directory, health) = (self.directory.clone(), Arc::clone(&self.health));
        let closed = tokio::task::spawn_blocking(move || {
            let _lock = lock;
            closing::close(&directory, &health, thread, engine)
        });
        closed.await.map_err(|error| StoreError::Failed(format!("closing ended early: {error}")))?
    }
}

impl Drop for Embedded {
    /// Lets the writer finish what it was given, so that the directory is free when this returns. Leaves
    /// no mark of a clean shutdown: only [`Backend::close`] does.
    fn drop(&mut self) {
        let writer = self.writer.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((sender, thread)) = writer {
            drop(sender);
            let _ = thread.join();
        }
    }
}
