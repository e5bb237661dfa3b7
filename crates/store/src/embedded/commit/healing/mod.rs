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

use super::writer::Writer;
use crate::embedded::engine::{Engine, Others, numbered};
use crate::embedded::open::directory_watch::is_held;
use crate::embedded::open::open_error::OpenError;
use crate::embedded::open::{self, format_files};
use crate::embedded::shortage::{self, EngineLog};
use crate::small_file;

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
pub(crate) struct Healing {
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
    pub(crate) fn new() -> Self {
        Self { due: None, healed: None, pause: PAUSE_MIN, lacking: String::new(), others: None }
    }

    /// How long the writer may wait for jobs.
    pub(crate) fn wait_max(&self, usual: Duration) -> Duration {
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
    pub(crate) fn heal(&mut self) {
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
                self.health.poison(cause.clone());
                if self.engine.is_none() {
                    self.slot.fail(cause);
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
        sync_data(&self.directory)?;
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

/// Makes all of the engine's files durable. The engine tells a failed sync of a table or a list as it tells a failed
/// write, so what the new engine finds, and removes journals by, might otherwise be in the page cache alone.
fn sync_data(directory: &Path) -> Result<(), NotYet> {
    let synced = open::sync_tree(&directory.join("data"));
    // Here a shortage is no better than any other cause: the pages may be gone.
    synced.map_err(|error| NotYet::Failed(format!("the files of the engine cannot be synced: {error}")))
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
pub(crate) fn remove_probe(directory: &Path) -> io::Result<()> {
    format_files::remove(directory, PROBE)
}

fn write_probe(path: &Path) -> io::Result<()> {
    let mut file = small_file::create_new(path, 0o600)?;
    file.set_len(JOURNAL_BYTES)?;
    file.write_all(&vec![0xa5; PROBE_BYTES])?;
    file.sync_all()
}

#[cfg(test)]
mod tests;
