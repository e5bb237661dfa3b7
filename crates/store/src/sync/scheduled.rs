//! The same names over `shuttle`. Time is virtual and hashes are the same in each run, so that a schedule can be replayed.

use std::cell::Cell;
use std::collections::hash_map::DefaultHasher;
use std::hash::BuildHasherDefault;
use std::time::Duration;

pub(crate) use shuttle::sync::{Mutex, MutexGuard, atomic, mpsc};

pub(crate) type HashBuilder = BuildHasherDefault<DefaultHasher>;

pub(crate) mod thread {
    use shuttle::sync::atomic::{AtomicBool, Ordering};
    pub(crate) use shuttle::thread::{Builder, JoinHandle, panicking};

    /// Lets other threads run, and the clock go on.
    pub(crate) fn sleep(time: std::time::Duration) {
        super::pass(time);
        switch();
    }

    /// Lets other threads run. After a yield a scheduler by priorities would run all others first, and so never hold up
    /// one of two threads that yield.
    pub(crate) fn switch() {
        AtomicBool::new(false).load(Ordering::SeqCst);
    }
}

/// Runs what may block as a task of its own.
pub(crate) fn spawn_blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> shuttle::future::JoinHandle<T> {
    shuttle::future::spawn(async move { work() })
}

// One schedule runs on one thread of the system, and other tests on others.
std::thread_local! {
    static NOW: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

fn pass(time: Duration) {
    NOW.set(NOW.get() + time);
}

/// A time of the virtual clock, which goes on only while a thread sleeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Instant(Duration);

impl Instant {
    pub(crate) fn now() -> Self {
        Self(NOW.get())
    }

    pub(crate) fn elapsed(self) -> Duration {
        Self::now().saturating_duration_since(self)
    }

    pub(crate) fn saturating_duration_since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

impl std::ops::Add<Duration> for Instant {
    type Output = Self;

    fn add(self, time: Duration) -> Self {
        Self(self.0 + time)
    }
}
