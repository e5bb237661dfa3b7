//! How a store recovers from a shortage: a full disk, a quota, too few open files, too little memory.
//!
//! After the first failed write the engine takes no others. It serves reads until a probe succeeds. Then it is closed,
//! reopened with all checks of a start, and tested with an empty commit. The failed batch may turn out to be written,
//! so the caches are cleared. `DIR/lock` is held throughout. docs/decisions/0010 gives the reason for each step.

pub(crate) mod schedule;

use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use super::writer::Writer;
use crate::embedded::engine::{Engine, Others, numbered};
use crate::embedded::memtables::HeldMemtables;
use crate::embedded::open::directory_watch::is_held;
use crate::embedded::open::open_error::OpenError;
use crate::embedded::open::opening;
use crate::embedded::open::probe::probe;
use crate::embedded::open::sync::sync_tree;
use crate::embedded::shortage::{self, EngineLog};

/// How long readers may take to let go of the engine, in each attempt.
const LET_GO_MAX: Duration = Duration::from_secs(2);
const LET_GO_PAUSE: Duration = Duration::from_millis(5);

/// Why an attempt failed.
enum NotYet {
    /// A later attempt may succeed.
    Lacking(String),
    /// Only a restart helps.
    Failed(String),
}

impl Writer {
    /// Reopens the store after a shortage, if an attempt is due.
    pub(super) fn heal(&mut self) {
        if !self.health.is_short() || !self.healing.is_due() {
            return;
        }
        match self.try_to_heal() {
            Ok(()) => {
                self.healing.succeeded();
                self.log = EngineLog::now();
                self.health.recovered();
                self.tell_undecided();
                tracing::info!(last_commit = self.last_commit, "the store was reopened and takes writes again");
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
        let opened = opening::reopen(&self.directory);
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

    /// Closes the engine. After success no part of it writes any more.
    fn close_engine(&mut self) -> Result<(), NotYet> {
        if let Some(engine) = self.engine.take() {
            self.slot.opening();
            self.memtables = HeldMemtables::default();
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

    /// Serves from the reopened engine, with empty caches.
    fn take(&mut self, engine: &Engine, last_commit: u64) -> Result<(), NotYet> {
        // The failed batch is whole or absent.
        if !(self.last_commit..=self.last_commit + 1).contains(&last_commit) {
            let expected = self.last_commit;
            return Err(NotYet::Failed(format!("commit {expected} was the last one, and {last_commit} was found")));
        }
        self.last_commit = last_commit;
        self.accounts.clear();
        self.head_cache.clear();
        self.recent_writes.forget(last_commit);
        self.chat_groups.clear();
        self.lists.clear();
        self.slot.open(engine.clone());
        Ok(())
    }

    fn check_directory(&self) -> Result<(), NotYet> {
        self.watch.check().map_err(|problem| {
            self.health.displace(problem.clone());
            NotYet::Failed(problem)
        })
    }

    /// A failed sync may be logged as late as when the engine is closed.
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
        // The engine releases its own lock shortly after its files.
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

/// Syncs all of the engine's files. The engine's errors do not distinguish a failed sync of a table or a list from a
/// failed write, so the files for which a new engine removes journals might otherwise be in the page cache alone.
fn sync_data(directory: &Path) -> Result<(), NotYet> {
    let synced = sync_tree(&directory.join("data"));
    // After a failed sync by a shortage, too, pages may be lost.
    synced.map_err(|error| NotYet::Failed(format!("the files of the engine cannot be synced: {error}")))
}

#[cfg(test)]
mod tests;
