//! Who may wait for the database at once, so that accounts whose statements hang leave connections to the others.
//!
//! Commits never take all connections, so reads have some left. Accounts (by the stripe that their hash is in) whose
//! last statement took long, or waited for a lock, share half of the connections. Statements on rows that accounts share
//! are never counted among these, because one slow answer would hold up the whole app; commits of registers have a
//! bound of their own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use quick_cache::DefaultHashBuilder;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Many, so that accounts that hang seldom share a stripe with others.
const STRIPES: usize = 16 << 10;
/// Commits of registers take at most this part of the connections.
const REGISTERS_PART: usize = 8;

/// Whether a statement may be cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It only reads.
    Read,
    /// Cancelled while it waits for a standby, a commit would stay on this server only and look like any other.
    Commit,
}

/// Whose rows a statement touches: an account, or with an empty id the registers of an app.
#[derive(Clone, Copy, Debug, Hash)]
pub(super) struct Subject<'a>(pub(super) i64, pub(super) &'a str);

impl Subject<'_> {
    /// Whether the rows are not those of one account.
    pub(super) fn is_shared(self) -> bool {
        self.1.is_empty()
    }
}

pub(super) struct Lanes {
    commits: Arc<Semaphore>,
    slow: Arc<Semaphore>,
    registers: Arc<Semaphore>,
    slow_after: Duration,
    slow_reads: Stripes,
    slow_commits: Stripes,
    hasher: DefaultHashBuilder,
}

/// Whether the last statement of a stripe took long.
type Stripes = Arc<[AtomicBool]>;

impl Lanes {
    pub(super) fn new(connections_max: usize, slow_after: Duration) -> Self {
        let stripes = || (0..STRIPES).map(|_| AtomicBool::new(false)).collect();
        let for_reads = (connections_max / 4).max(1);
        Self {
            commits: Arc::new(Semaphore::new(connections_max.saturating_sub(for_reads).max(1))),
            slow: Arc::new(Semaphore::new((connections_max / 2).max(1))),
            registers: Arc::new(Semaphore::new((connections_max / REGISTERS_PART).max(1))),
            slow_after,
            slow_reads: stripes(),
            slow_commits: stripes(),
            hasher: DefaultHashBuilder::default(),
        }
    }

    /// Waits until one more such statement may run. The caller bounds the time.
    pub(super) async fn enter(&self, kind: Kind, subject: Subject<'_>) -> Pass {
        let mut pass = Pass { memory: self.memory(kind, subject), began: None, slow: None, permits: Vec::new() };
        if self.is_slow(kind, subject) {
            pass.slow = Arc::clone(&self.slow).acquire_owned().await.ok();
        }
        if kind == Kind::Commit && subject.is_shared() {
            pass.permits.extend(Arc::clone(&self.registers).acquire_owned().await);
        }
        if kind == Kind::Commit {
            pass.permits.extend(Arc::clone(&self.commits).acquire_owned().await);
        }
        pass
    }

    /// Whether the last such statement of the account took long, or had no answer.
    pub(super) fn is_slow(&self, kind: Kind, subject: Subject<'_>) -> bool {
        self.memory(kind, subject).is_some_and(|memory| memory.stripes[memory.stripe].load(Ordering::Relaxed))
    }

    /// None for what accounts share.
    fn memory(&self, kind: Kind, subject: Subject<'_>) -> Option<Memory> {
        let stripes = match kind {
            Kind::Read => &self.slow_reads,
            Kind::Commit => &self.slow_commits,
        };
        let stripe = self.hasher.hash_one(subject) as usize % STRIPES;
        let memory = Memory { stripes: Arc::clone(stripes), stripe, slow_after: self.slow_after };
        (!subject.is_shared()).then_some(memory)
    }
}

/// Where is remembered how long the last statement took.
struct Memory {
    stripes: Stripes,
    stripe: usize,
    slow_after: Duration,
}

impl Memory {
    fn set(&self, slow: bool) {
        self.stripes[self.stripe].store(slow, Ordering::Relaxed);
    }
}

/// The right to run a statement. How long that took is remembered when it is dropped.
pub(super) struct Pass {
    memory: Option<Memory>,
    began: Option<Instant>,
    slow: Option<OwnedSemaphorePermit>,
    permits: Vec<OwnedSemaphorePermit>,
}

impl Pass {
    /// The statement is sent now.
    pub(super) fn begin(&mut self) {
        self.began = Some(Instant::now());
    }

    /// The statement had no answer, or waited for a lock. From now on it holds up no other account that is slow.
    pub(super) fn hangs(&mut self) {
        self.began = None;
        self.slow = None;
        if let Some(memory) = &self.memory {
            memory.set(true);
        }
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        if let (Some(memory), Some(began)) = (&self.memory, self.began) {
            memory.set(began.elapsed() >= memory.slow_after);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SLOW: Duration = Duration::from_millis(1);

    async fn enters(lanes: &Lanes, kind: Kind, account: &str) -> Option<Pass> {
        tokio::time::timeout(Duration::from_millis(10), lanes.enter(kind, Subject(1, account))).await.ok()
    }

    async fn took(lanes: &Lanes, account: &str, time: Duration) {
        let mut pass = lanes.enter(Kind::Read, Subject(1, account)).await;
        pass.began = Instant::now().checked_sub(time);
    }

    #[tokio::test]
    async fn commits_leave_connections_for_reads() {
        let lanes = Lanes::new(4, SLOW);
        let mut passes = Vec::new();
        for account in ["a", "b", "c"] {
            passes.push(enters(&lanes, Kind::Commit, account).await.expect("three of four"));
        }
        assert!(enters(&lanes, Kind::Commit, "d").await.is_none());
        assert!(enters(&lanes, Kind::Read, "d").await.is_some());
    }

    #[tokio::test]
    async fn accounts_that_are_slow_leave_connections_for_others_until_one_is_quick_again() {
        let lanes = Lanes::new(2, SLOW);
        for account in ["a", "b"] {
            took(&lanes, account, SLOW * 2).await;
        }
        let one = enters(&lanes, Kind::Read, "a").await.expect("half of the connections");
        assert!(enters(&lanes, Kind::Read, "b").await.is_none());
        assert!(enters(&lanes, Kind::Read, "c").await.is_some());
        drop(one);
        took(&lanes, "a", Duration::ZERO).await;
        let _quick = enters(&lanes, Kind::Read, "a").await.expect("it is quick again");
        assert!(enters(&lanes, Kind::Read, "b").await.is_some());
    }

    #[tokio::test]
    async fn what_accounts_share_does_not_wait_for_accounts_that_are_slow() {
        let lanes = Lanes::new(2, SLOW);
        for account in ["a", ""] {
            took(&lanes, account, SLOW * 2).await;
        }
        let _slow = enters(&lanes, Kind::Read, "a").await.expect("half of the connections");
        assert!(enters(&lanes, Kind::Read, "").await.is_some());
    }

    #[tokio::test]
    async fn commits_of_registers_leave_connections_for_those_of_accounts() {
        let lanes = Lanes::new(4, SLOW);
        let _register = enters(&lanes, Kind::Commit, "").await.expect("one of four");
        assert!(enters(&lanes, Kind::Commit, "").await.is_none());
        assert!(enters(&lanes, Kind::Commit, "a").await.is_some());
    }
}
