//! The bounded queue between the threads that log and the thread that writes.

use std::sync::atomic::Ordering;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use pinfold_server::LOG_COUNTERS;

/// Lines that wait, together. As much again may be on its way to stderr.
const WAITING_BYTES_MAX: usize = 1 << 20;

/// A queue that takes a line at once or drops it.
pub(super) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    lines: String,
    /// Lines that found no room since the last ones were taken, or could not be written.
    dropped: u64,
    is_writing: bool,
    /// No line comes any more.
    is_ending: bool,
}

/// Lines to write.
pub(super) struct Taken {
    pub(super) lines: String,
    /// Lines that are missing after these.
    pub(super) dropped: u64,
    pub(super) is_ending: bool,
}

impl Queue {
    pub(super) fn new() -> Self {
        Self { state: Mutex::default(), changed: Condvar::new() }
    }

    /// Puts a line into the queue, or counts it as dropped.
    pub(super) fn push(&self, line: &str) {
        let mut state = self.lock();
        if state.lines.len() + line.len() <= WAITING_BYTES_MAX {
            state.lines.push_str(line);
            self.changed.notify_all();
        } else {
            state.dropped += 1;
            LOG_COUNTERS.unread.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Takes all lines, waiting for one until `due`. [`Queue::written`] must follow.
    pub(super) fn take(&self, due: Instant) -> Taken {
        let wait = due.saturating_duration_since(Instant::now());
        let is_idle = |state: &mut State| state.lines.is_empty() && !state.is_ending;
        let waited = self.changed.wait_timeout_while(self.lock(), wait, is_idle);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner).0;
        state.is_writing = true;
        Taken {
            lines: std::mem::take(&mut state.lines),
            dropped: std::mem::take(&mut state.dropped),
            is_ending: std::mem::take(&mut state.is_ending),
        }
    }

    /// The lines taken are written; this many dropped ones are still to be reported.
    pub(super) fn written(&self, dropped: u64) {
        let mut state = self.lock();
        state.is_writing = false;
        state.dropped += dropped;
        self.changed.notify_all();
    }

    /// Waits until all lines are written, but no longer than this.
    pub(super) fn flush(&self, time_max: Duration) {
        let is_busy = |state: &mut State| state.is_writing || state.is_ending || !state.lines.is_empty();
        drop(self.changed.wait_timeout_while(self.lock(), time_max, is_busy));
    }

    /// Has the last words said, and waits until all is written, but no longer than this.
    pub(super) fn end(&self, time_max: Duration) {
        self.lock().is_ending = true;
        self.changed.notify_all();
        self.flush(time_max);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
