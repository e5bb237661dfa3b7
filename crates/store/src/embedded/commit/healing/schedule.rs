//! When a store tries to reopen after a shortage.

use std::time::Duration;

use crate::embedded::engine::Others;
use crate::sync::Instant;

const PAUSE_MIN: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(2);
/// A store that fails again within this time was reopened too early; the next attempt waits longer.
const PROVEN: Duration = Duration::from_secs(10);

/// When the next attempt is due, and what prevents it.
pub(crate) struct Healing {
    due: Option<Instant>,
    healed: Option<Instant>,
    pause: Duration,
    /// Why the last attempt failed.
    lacking: String,
    /// Other holders of an engine that the writer let go of.
    pub(super) others: Option<Others>,
}

impl Healing {
    pub(crate) fn new() -> Self {
        Self { due: None, healed: None, pause: PAUSE_MIN, lacking: String::new(), others: None }
    }

    /// How long the writer may wait for jobs.
    pub(crate) fn wait_max(&self, usual: Duration) -> Duration {
        self.due.map_or(usual, |due| due.saturating_duration_since(Instant::now()).min(usual))
    }

    pub(super) fn is_due(&mut self) -> bool {
        let now = Instant::now();
        if self.healed.take().is_some_and(|healed| healed.elapsed() > PROVEN) {
            self.pause = PAUSE_MIN;
        }
        now >= *self.due.get_or_insert(now + self.pause)
    }

    pub(super) fn succeeded(&mut self) {
        let pause = (self.pause * 2).min(PAUSE_MAX);
        *self = Self { healed: Some(Instant::now()), pause, ..Self::new() };
    }

    pub(super) fn later(&mut self, lacking: String) {
        self.pause = (self.pause * 2).min(PAUSE_MAX);
        self.due = Some(Instant::now() + self.pause);
        if self.lacking != lacking {
            tracing::warn!(cause = lacking, "the store cannot be reopened yet");
            self.lacking = lacking;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_become_less_frequent_up_to_a_bound() {
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
