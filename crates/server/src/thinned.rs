//! Log lines that would repeat with every call.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Lets one line through in a while, and says how many it kept back since the one before.
pub(crate) struct Thinned {
    began: Instant,
    pause: Duration,
    /// Milliseconds from `began` to the next line.
    next_ms: AtomicU64,
    kept_back: AtomicU64,
}

impl Thinned {
    pub(crate) fn new(pause: Duration) -> Self {
        Self { began: Instant::now(), pause, next_ms: AtomicU64::new(0), kept_back: AtomicU64::new(0) }
    }

    /// `None` for a line that is kept back, else how many were since the last one.
    pub(crate) fn pass(&self) -> Option<u64> {
        let now_ms = self.began.elapsed().as_millis() as u64;
        let next_ms = self.next_ms.load(Ordering::Relaxed);
        let after = now_ms + self.pause.as_millis() as u64;
        let is_due = now_ms >= next_ms
            && self.next_ms.compare_exchange(next_ms, after, Ordering::Relaxed, Ordering::Relaxed).is_ok();
        if is_due {
            return Some(self.kept_back.swap(0, Ordering::Relaxed));
        }
        self.kept_back.fetch_add(1, Ordering::Relaxed);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_lines_the_first_passes_and_after_a_while_one_that_counts_the_others() {
        let thinned = Thinned::new(Duration::from_millis(200));
        let passed: Vec<_> = (0..10).map(|_| thinned.pass()).collect();
        assert_eq!(passed[0], Some(0));
        assert_eq!(passed[1..], [None; 9]);
        std::thread::sleep(Duration::from_millis(250));
        assert_eq!(thinned.pass(), Some(9));
        assert_eq!(thinned.pass(), None);
    }
}
