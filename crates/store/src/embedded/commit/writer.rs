//! The writer: the state of the one thread that commits, and a commit itself.

use std::path::PathBuf;
use std::sync::Arc;

use super::group_commit::GroupCommitPolicy;
use super::healing::schedule::Healing;
use super::health::WriterHealth;
use super::in_flight::InFlightCommits;
use super::recent_writes::RecentWrites;
use crate::embedded::cache::accounts::Accounts;
use crate::embedded::cache::chat_groups::ChatGroups;
use crate::embedded::cache::heads::HeadCache;
use crate::embedded::cache::lists::ListCache;
use crate::embedded::engine::{Engine, numbered};
use crate::embedded::format::rows::Writes;
use crate::embedded::memtables::HeldMemtables;
use crate::embedded::meters::Meters;
use crate::embedded::open::acknowledged::Acknowledged;
use crate::embedded::open::directory_watch::DirectoryWatch;
use crate::embedded::shortage::EngineLog;
use crate::embedded::slot::Slot;
use crate::history::SinkSlot;
use crate::sync::Instant;
use crate::sync::atomic::AtomicU64;
use crate::{AccountKey, StoreError};

/// The writer's own state.
pub(crate) struct Writer {
    pub(crate) directory: PathBuf,
    /// `None` while the store reopens.
    pub(crate) engine: Option<Engine>,
    /// The engine that readers use.
    pub(crate) slot: Arc<Slot>,
    pub(crate) watch: DirectoryWatch,
    pub(crate) acknowledged: Acknowledged,
    pub(crate) healing: Healing,
    /// The engine's log as it was when the engine was opened.
    pub(crate) log: EngineLog,
    /// When the writer last checked the directory, the journal, and the engine.
    pub(crate) checked: Instant,
    pub(crate) looked: Instant,
    pub(crate) asked: Instant,
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) head_cache: Arc<HeadCache>,
    pub(crate) chat_groups: Arc<ChatGroups>,
    pub(crate) lists: Arc<ListCache>,
    pub(crate) in_flight: Arc<InFlightCommits>,
    pub(crate) sink: SinkSlot,
    /// The accounts of a batch whose outcome is not known until the store reopens.
    pub(crate) undecided: Vec<AccountKey>,
    pub(crate) health: Arc<WriterHealth>,
    pub(crate) meters: Arc<Meters>,
    pub(crate) last_commit: u64,
    /// The same for callers: all of that commit can be read.
    pub(crate) published_commit: Arc<AtomicU64>,
    pub(crate) recent_writes: RecentWrites,
    pub(crate) group_commit: GroupCommitPolicy,
    pub(crate) memtables: HeldMemtables,
}

impl Writer {
    pub(crate) fn engine(&self) -> Result<&Engine, StoreError> {
        self.health.check()?;
        self.engine.as_ref().ok_or(StoreError::Timeout)
    }

    /// Writes one batch with one sync. After a failure no further batch is written: the outcome of the failed one is
    /// unknown until the store reopens.
    pub(super) fn commit(&mut self, writes: Writes, changes: usize) -> Result<(), StoreError> {
        let engine = self.engine()?;
        self.health.commit_begins();
        let began = Instant::now();
        let written = engine.commit(numbered(writes, self.last_commit + 1));
        self.health.commit_ended();
        let time = began.elapsed();
        self.meters.committed(changes, time);
        self.group_commit = GroupCommitPolicy::after(changes, self.meters.waiting(), time);
        match written {
            Ok(()) => self.acknowledge(),
            Err(error) => {
                self.fail(&error);
                self.health.check()
            }
        }
    }
}
