//! How long the writer waits before a batch. Whoever was just answered is about to ask again: all of them share the
//! next sync if it begins a little later, and would wait for the one after it otherwise.

use std::time::Duration;

/// The part of a sync that may be waited for others to share the next one.
const SHARE: u32 = 4;
const WAIT_MAX: Duration = Duration::from_millis(5);
/// On the fastest disk too a sync takes more of the processor than this wait costs anybody.
const WAIT_MIN: Duration = Duration::from_micros(100);
/// A batch of as many waits for nobody.
const ENOUGH: usize = 128;

/// What the last commit says of the next one.
#[derive(Clone, Copy, Default)]
pub(crate) struct GroupCommitPolicy {
    expected: usize,
    wait_max: Duration,
}

impl GroupCommitPolicy {
    /// After a commit of `answered` changes that took `time`, while `waiting` others came.
    pub(crate) fn after(answered: usize, waiting: usize, time: Duration) -> Self {
        Self { expected: (answered + waiting).min(ENOUGH), wait_max: (time / SHARE).clamp(WAIT_MIN, WAIT_MAX) }
    }

    /// Whether a batch of `jobs`, of which the first was met this long ago, waits for more.
    pub(crate) fn waits(self, jobs: usize, waited: Duration) -> bool {
        jobs < self.expected && waited < self.wait_max
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SLOW: Duration = Duration::from_millis(8);

    #[test]
    fn a_batch_waits_for_those_who_were_just_answered_and_not_for_long() {
        let group_commit = GroupCommitPolicy::after(3, 2, SLOW);
        assert!(group_commit.waits(4, Duration::ZERO));
        assert!(!group_commit.waits(5, Duration::ZERO));
        assert!(!group_commit.waits(4, SLOW / 4));
        assert!(!GroupCommitPolicy::after(3, 2, Duration::from_secs(10)).waits(4, WAIT_MAX));
        assert!(!GroupCommitPolicy::after(3, 2, Duration::from_micros(20)).waits(4, WAIT_MIN));
    }

    #[test]
    fn nobody_waits_alone_or_where_many_came_already() {
        assert!(!GroupCommitPolicy::after(500, 500, SLOW).waits(ENOUGH, Duration::ZERO));
        assert!(!GroupCommitPolicy::after(1, 0, SLOW).waits(1, Duration::ZERO));
        assert!(!GroupCommitPolicy::default().waits(1, Duration::ZERO));
    }
}
