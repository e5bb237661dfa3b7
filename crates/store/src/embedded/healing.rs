//! How a store goes on after a shortage: a full disk, a quota, too few open files, too little memory.
//!
//! The engine takes no more writes after the first one that fails. It serves reads until a probe finds that there is
//! enough again. Then it is closed, opened anew with all checks of a start, and tried with a commit of its own. What the
//! failed batch left may be found then, so that nothing stays in the caches. `DIR/lock` is held all the while.
//! docs/decisions/0010 says why each step is there.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use super::directory_watch::is_held;
use super::engine::{Engine, Others, numbered};
use super::open_error::OpenError;
use super::shortage::{self, EngineLog};
use super::writer::Writer;
use super::{format_files, open};

const PAUSE_MIN: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(2);
/// A store that fails again within this time was healed too early, and is left alone for longer.
const PROVEN: Duration = Duration::from_secs(10);
/// How long those who read from the engine may take to let go of it, each time it is tried.
const LET_GO_MAX: Duration = Duration::from_secs(2);
const LET_GO_PAUSE: Duration = Duration::from_millis(5);
/// Written by the probe. Less, and the engine would be opened for a few batches.
const PROBE_BYTES: usize = 1 << 20;
/// The length of a new journal of the engine, for a limit on the size of files.
const JOURNAL_BYTES: u64 = 64 << 20;
/// Opening a store, and a flush, need fewer descriptors at once.
const PROBE_FILES: usize = 24;
const PROBE: &str = "probe.new";

/// When the store is opened anew, and what stands against it.
pub(super) struct Healing {
    due: Option<Instant>,
    healed: Option<Instant>,
    pause: Duration,
    /// What was lacking when the store was tried last.
    lacking: String,
    /// Of an engine that the writer let go of and others did not.
    others: Option<Others>,
}

/// Why a try did not succeed.
enum NotYet {
    /// It may succeed later.
    Lacking(String),
    /// Only a restart can.
    Failed(String),
}

impl Healing {
    pub(super) fn new() -> Self {
        Self { due: None, healed: None, pause: PAUSE_MIN, lacking: String::new(), others: None }
    }

    /// How long the writer may wait for jobs.
    pub(super) fn wait_max(&self, usual: Duration) -> Duration {
        self.due.map_or(usual, |due| due.saturating_duration_since(Instant::now()).min(usual))
    }

    fn is_due(&mut self) -> bool {
        let now = Instant::now();
        if self.healed.take().is_some_and(|healed| healed.elapsed() > PROVEN) {
            self.pause = PAUSE_MIN;
        }
        now >= *self.due.get_or_insert(now + self.pause)
    }

    fn succeeded(&mut self) {
        let pause = (self.pause * 2).min(PAUSE_MAX);
        *self = Self { healed: Some(Instant::now()), pause, ..Self::new() };
    }

    fn later(&mut self, lacking: String) {
        self.pause = (self.pause * 2).min(PAUSE_MAX);
        self.due = Some(Instant::now() + self.pause);
        if self.lacking != lacking {
            tracing::warn!(cause = lacking, "the store cannot be opened anew yet");
            self.lacking = lacking;
        }
    }
}

impl Writer {
    /// Opens the store anew if it ran short of something and has enough again.
    pub(super) fn heal(&mut self) {
        if !self.health.is_short() || !self.healing.is_due() {
            return;
        }
        match self.try_to_heal() {
            Ok(()) => {
                self.healing.succeeded();
                self.log = EngineLog::now();
                self.health.recovered();
                tracing::info!(last_commit = self.last_commit, "the store was opened anew and takes writes again");
            }
            Err(NotYet::Lacking(cause)) => self.healing.later(cause),
            Err(NotYet::Failed(cause)) => {
                self.health.poison(cause);
                if self.engine.is_none() {
                    // No read should wait for it.
                    self.slot.close();
                }
            }
        }
    }

    fn try_to_heal(&mut self) -> Result<(), NotYet> {
        self.check_directory()?;
        probe(&self.directory).map_err(|error| not_yet(&error))?;
        self.close_engine()?;
        self.check_log()?;
        self.check_directory()?;
        let opened = open::reopen(&self.directory);
        self.watch.reopened();
        let (engine, last_commit) = opened.map_err(|error| not_opened(&error))?;
        self.check_log()?;
        self.take(&engine, last_commit)?;
        let tried = engine.commit(numbered(Vec::new(), self.last_commit + 1));
        self.engine = Some(engine);
        tried.map_err(|error| self.failed_again(&error))?;
        self.last_commit += 1;
        Ok(())
    }

    /// Closes the engine. When this succeeds no part of it writes any more.
    fn close_engine(&mut self) -> Result<(), NotYet> {
        if let Some(engine) = self.engine.take() {
            self.slot.opening();
            self.healing.others = Some(engine.let_go());
        }
        let data = self.directory.join("data");
        let began = Instant::now();
        loop {
            let others = self.healing.others.as_ref().is_some_and(Others::remain);
            match is_held(&data) {
                Ok(false) if !others => break,
                Ok(_) if began.elapsed() < LET_GO_MAX => std::thread::sleep(LET_GO_PAUSE),
                Ok(_) => return Err(NotYet::Lacking("its files are still being read".into())),
                Err(error) => return Err(not_yet(&error)),
            }
        }
        self.healing.others = None;
        Ok(())
    }

    /// Serves from the engine that was opened anew, and from nothing that was read before.
    fn take(&mut self, engine: &Engine, last_commit: u64) -> Result<(), NotYet> {
        // The batch that failed is whole or absent.
        if !(self.last_commit..=self.last_commit + 1).contains(&last_commit) {
            let expected = self.last_commit;
            return Err(NotYet::Failed(format!("commit {expected} was the last one, and {last_commit} was found")));
        }
        self.last_commit = last_commit;
        self.accounts.clear();
        self.imported_cache.clear();
        self.chat_groups.clear();
        self.slot.open(engine.clone());
        Ok(())
    }

    fn check_directory(&self) -> Result<(), NotYet> {
        self.watch.check().map_err(|problem| {
            self.health.displace(problem.clone());
            NotYet::Failed(problem)
        })
    }

    /// A failed sync may come to light as late as the engine is closed.
    fn check_log(&self) -> Result<(), NotYet> {
        if self.log.tells_only_shortages() { Ok(()) } else { Err(NotYet::Failed(shortage::last_line())) }
    }

    fn failed_again(&self, error: &fjall::Error) -> NotYet {
        let cause = shortage::in_words(error);
        if self.log.tells_shortage(error) { NotYet::Lacking(cause) } else { NotYet::Failed(cause) }
    }
}

fn not_yet(error: &io::Error) -> NotYet {
    if shortage::is_shortage(error) { NotYet::Lacking(error.to_string()) } else { NotYet::Failed(error.to_string()) }
}

fn not_opened(error: &OpenError) -> NotYet {
    match error {
        // The engine's own lock is let go of a moment after its files.
        OpenError::InUse(_) => NotYet::Lacking(error.to_string()),
        OpenError::Io { cause, .. } | OpenError::File { cause, .. } if shortage::is_shortage(cause) => {
            NotYet::Lacking(error.to_string())
        }
        OpenError::Io { .. }
        | OpenError::File { .. }
        | OpenError::TooNew { .. }
        | OpenError::NotAStore(_)
        | OpenError::HalfRestored(_)
        | OpenError::NotEmpty(_)
        | OpenError::Missing(_)
        | OpenError::Damaged { .. } => NotYet::Failed(error.to_string()),
    }
}

/// Whether there is room and a few descriptors, by using them.
fn probe(directory: &Path) -> io::Result<()> {
    let files: io::Result<Vec<_>> = (0..PROBE_FILES).map(|_| File::open(directory)).collect();
    drop(files?);
    let path = directory.join(PROBE);
    let written = write_probe(&path);
    let removed = fs::remove_file(&path);
    written.and(removed)
}

/// Removes what a probe left whose process was killed.
pub(super) fn remove_probe(directory: &Path) -> io::Result<()> {
    format_files::remove(directory, PROBE)
}

fn write_probe(path: &Path) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.set_len(JOURNAL_BYTES)?;
    file.write_all(&vec![0xa5; PROBE_BYTES])?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use pinfold_core::{AccountId, AppId, Head, StateDiff};

    use super::*;
    use crate::embedded::{Embedded, Settings, keys, values};
    use crate::{AccountKey, Backend, OnDamage, Scope, StoreError, Version};

    /// A busy machine may take long.
    const PATIENCE: Duration = Duration::from_secs(60);

    fn account(number: u32) -> AccountKey {
        AccountKey { app: AppId(1), account: AccountId::parse(&format!("account {number:03}")).unwrap() }
    }

    fn head(imported: bool) -> Head {
        Head { imported, ..Head::default() }
    }

    async fn import(backend: &Embedded, account: &AccountKey) -> Version {
        let (base, next) = (backend.load(account, &Scope::All).await.unwrap().version, Version::after(None));
        let changes = StateDiff { head: Some(head(true)), ..StateDiff::default() };
        backend.commit(account, base, next, changes).await.unwrap();
        next
    }

    /// A store with some accounts.
    async fn store(directory: &Path) -> Embedded {
        let backend = Embedded::open(directory, &Settings::default()).unwrap();
        for number in 0..100 {
            import(&backend, &account(number)).await;
        }
        backend
    }

    /// Waits until the store is well, or is out of service for good.
    async fn wait_durable(backend: &Embedded) -> Result<(), StoreError> {
        let began = Instant::now();
        while backend.health.is_short() {
            assert!(began.elapsed() < PATIENCE, "{:?}", backend.health().await);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        backend.health().await
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_walk_that_stands_still_does_not_keep_the_store_from_healing_itself() {
        let place = tempfile::tempdir().unwrap();
        let backend = store(place.path()).await;
        let mut walk = backend.snapshot(None, OnDamage::Stop).await.unwrap();
        assert!(walk.next().await.unwrap().is_some());
        backend.health.run_short("of the test".into());
        assert!(Embedded::open(place.path(), &Settings::default()).is_err(), "nobody else gets in meanwhile");
        wait_durable(&backend).await.unwrap();
        let ended = loop {
            match walk.next().await {
                Ok(Some(_)) => {}
                ended => break ended,
            }
        };
        assert!(ended.is_err(), "it is not taken for a whole one");
        import(&backend, &account(1)).await;
        assert!(Embedded::open(place.path(), &Settings::default()).is_err());
        backend.close().await.unwrap();
    }

    /// What became of a failed batch is not known: here it is on the disk, and no cache knows of it.
    #[tokio::test(flavor = "multi_thread")]
    async fn what_a_failed_batch_left_on_the_disk_is_read_after_the_store_healed_itself() {
        let place = tempfile::tempdir().unwrap();
        let backend = store(place.path()).await;
        let key = account(7);
        assert!(backend.load(&key, &Scope::All).await.unwrap().state.head.imported);
        let engine = backend.slot.engine().await.unwrap();
        let last = values::decode_number(&engine.get(keys::LAST_COMMIT).unwrap().unwrap()).unwrap();
        let row = keys::row(&keys::account_prefix(&key), &keys::Row::Head);
        let left = vec![(row.into(), Some(values::encode_head(&head(false), Version(9)).into()))];
        engine.commit(numbered(left, last + 1)).unwrap();
        drop(engine);
        assert!(backend.load(&key, &Scope::All).await.unwrap().state.head.imported, "from the cache");
        backend.health.run_short("of the test".into());
        wait_durable(&backend).await.unwrap();
        let found = backend.load(&key, &Scope::All).await.unwrap();
        assert_eq!((found.version, found.state.head.imported), (Some(Version(9)), false));
        let next = import(&backend, &key).await;
        backend.close().await.unwrap();
        drop(backend);
        let backend = Embedded::open(place.path(), &Settings::default()).unwrap();
        assert_eq!(backend.load(&key, &Scope::All).await.unwrap().version, Some(next));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_store_that_finds_another_number_of_commits_does_not_go_on() {
        let place = tempfile::tempdir().unwrap();
        let backend = store(place.path()).await;
        let engine = backend.slot.engine().await.unwrap();
        engine.commit(numbered(Vec::new(), 1000)).unwrap();
        drop(engine);
        backend.health.run_short("of the test".into());
        let error = wait_durable(&backend).await.unwrap_err().to_string();
        assert!(error.ends_with("commit 100 was the last one, and 1000 was found"), "{error}");
        assert!(backend.load(&account(500), &Scope::All).await.is_err(), "there is no engine to read from");
        assert!(backend.close().await.is_err());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_store_whose_data_went_away_meanwhile_is_not_made_anew() {
        let place = tempfile::tempdir().unwrap();
        let backend = store(place.path()).await;
        std::fs::remove_dir_all(place.path().join("data")).unwrap();
        backend.health.run_short("of the test".into());
        let error = wait_durable(&backend).await.unwrap_err().to_string();
        assert!(error.starts_with("the store is out of service: ") && error.ends_with("data is gone"), "{error}");
        assert!(backend.load(&account(7), &Scope::All).await.is_err(), "not from the cache either");
        assert!(!place.path().join("data").exists());
    }

    #[test]
    fn a_probe_leaves_nothing_and_fails_where_nothing_can_be_written() {
        let directory = tempfile::tempdir().unwrap();
        probe(directory.path()).unwrap();
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
        assert!(probe(&directory.path().join("missing")).is_err());
    }

    #[test]
    fn tries_get_rarer_up_to_a_bound() {
        let mut healing = Healing::new();
        assert!(!healing.is_due() && healing.wait_max(PAUSE_MAX) <= PAUSE_MIN);
        for _ in 0..10 {
            healing.later("room".into());
        }
        assert!(!healing.is_due());
        let wait = healing.wait_max(Duration::from_secs(60));
        assert!(PAUSE_MIN < wait && wait <= PAUSE_MAX, "{wait:?}");
        healing.succeeded();
        assert!(!healing.is_due() && healing.wait_max(Duration::from_secs(60)) > PAUSE_MIN, "it fails again at once");
    }
}
