//! How long the writer waits before a batch. Callers that were just answered are likely to send their next change soon.
//! If the next sync begins a little later they share it; otherwise they wait for the one after.

use std::time::Duration;

/// The wait is at most the duration of a sync divided by this.
const SHARE: u32 = 4;
const WAIT_MAX: Duration = Duration::from_millis(5);
/// Even on the fastest disk a sync costs more processor time than this wait costs a caller.
const WAIT_MIN: Duration = Duration::from_micros(100);
/// A batch of this size does not wait.
const ENOUGH: usize = 128;

/// What the last commit tells about the next one.
#[derive(Clone, Copy, Default)]
pub(crate) struct GroupCommitPolicy {
    expected: usize,
    wait_max: Duration,
}

impl GroupCommitPolicy {
    /// The policy after a commit of `answered` changes that took `time`, with `waiting` jobs in the queue.
    pub(crate) fn after(answered: usize, waiting: usize, time: Duration) -> Self {
        Self { expected: (answered + waiting).min(ENOUGH), wait_max: (time / SHARE).clamp(WAIT_MIN, WAIT_MAX) }
    }

    /// Whether a batch of `jobs` waits for more, `waited` after its first job.
    pub(crate) fn waits(self, jobs: usize, waited: Duration) -> bool {
        jobs < self.expected && waited < self.wait_max
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SLOW: Duration = Duration::from_millis(8);

    #[test]
    fn a_batch_waits_a_bounded_time_for_callers_that_were_just_answered() {
        let group_commit = GroupCommitPolicy::after(3, 2, SLOW);
        assert!(group_commit.waits(4, Duration::ZERO));
        assert!(!group_commit.waits(5, Duration::ZERO));
        assert!(!group_commit.waits(4, SLOW / 4));
        assert!(!GroupCommitPolicy::after(3, 2, Duration::from_secs(10)).waits(4, WAIT_MAX));
        assert!(!GroupCommitPolicy::after(3, 2, Duration::from_micros(20)).waits(4, WAIT_MIN));
    }

    #[test]
    fn a_single_caller_and_a_large_batch_do_not_wait() {
        assert!(!GroupCommitPolicy::after(500, 500, SLOW).waits(ENOUGH, Duration::ZERO));
        assert!(!GroupCommitPolicy::after(1, 0, SLOW).waits(1, Duration::ZERO));
        assert!(!GroupCommitPolicy::default().waits(1, Duration::ZERO));
    }
}
