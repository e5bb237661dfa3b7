//! Log lines that were not written, counted for `/metrics`.

use std::sync::atomic::{AtomicU64, Ordering};

/// Log lines of this process that were not written, by reason. Each number only grows.
#[derive(Debug, Default)]
pub struct LogCounters {
    /// Lines left out because too many of their kind came in a short time.
    pub throttled: AtomicU64,
    /// Lines dropped because stderr did not take the lines before them.
    pub unread: AtomicU64,
}

/// The counters of this process: it has one log, so they are global like that.
pub static LOG_COUNTERS: LogCounters = LogCounters { throttled: AtomicU64::new(0), unread: AtomicU64::new(0) };

impl LogCounters {
    /// Every number with the name of its field.
    pub(crate) fn by_reason(&self) -> [(&'static str, u64); 2] {
        [("throttled", &self.throttled), ("unread", &self.unread)]
            .map(|(name, count)| (name, count.load(Ordering::Relaxed)))
    }
}
