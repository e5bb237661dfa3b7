//! What an instance knows of one share.

use std::num::NonZeroU64;
use std::time::Duration;

use pinfold_store::Lease;
use tokio::time::Instant;

use super::{LeaseTimes, Moment};

/// The lease of a share as it was last seen or put, and what this instance does with it.
#[derive(Clone, Copy, Default)]
pub(super) struct Share {
    lease: Option<Lease>,
    /// Since when holder and serial are the same; `None` before the first look.
    since: Option<Instant>,
    hold: Hold,
}

/// Moments are those before the last renewal that succeeded was asked for.
#[derive(Clone, Copy, Default)]
enum Hold {
    /// Not held as far as is known. The lease names this instance all the same where an answer was lost.
    #[default]
    None,
    Held(Moment),
    /// No request begins any more; some may be on their way. It is renewed until they have ended.
    Stopping(Moment),
    /// The lease can be released.
    Stopped,
}

impl Share {
    pub(super) fn seen(&mut self, lease: Option<Lease>, me: NonZeroU64, now: Instant) {
        let compared = |lease: Lease| (lease.holder, lease.serial);
        if self.since.is_none() || lease.map(compared) != self.lease.map(compared) {
            self.since = Some(now);
        }
        self.lease = lease;
        if self.holder() != me.get() {
            self.hold = Hold::None;
        }
    }

    pub(super) fn put_answered(&mut self, asked: Moment, new: Lease, did: bool, me: NonZeroU64) {
        match (did, self.hold) {
            (true, _) if new.holder != me.get() => {
                // A wish leaves what was seen of the holder as it is.
                if new.holder == 0 {
                    (self.hold, self.since) = (Hold::None, Some(asked.mono));
                }
                self.lease = Some(new);
            }
            (true, hold) => {
                self.lease = Some(new);
                self.hold = match hold {
                    Hold::None | Hold::Held(_) => Hold::Held(asked),
                    Hold::Stopping(_) => Hold::Stopping(asked),
                    Hold::Stopped => Hold::Stopped,
                };
            }
            // The lease is not what it was seen to be. Until the next look it does not count.
            (false, Hold::Held(_)) if new.holder == me.get() => self.hold = Hold::None,
            (false, Hold::None | Hold::Held(_) | Hold::Stopping(_) | Hold::Stopped) => {}
        }
    }

    pub(super) fn lease(&self) -> Option<Lease> {
        self.lease
    }

    /// 0 for none.
    pub(super) fn holder(&self) -> u64 {
        self.lease.map_or(0, |lease| lease.holder)
    }

    /// Whether it has been as it is for the time of a lease or longer, without regard to who holds it.
    pub(super) fn is_stale(&self, times: &LeaseTimes, now: Instant) -> bool {
        self.is_unchanged_for(times.lease, now)
    }

    /// Whether nobody has taken it for so long that anyone may.
    pub(super) fn is_left(&self, times: &LeaseTimes, now: Instant) -> bool {
        let lease = if self.holder() == 0 { Duration::ZERO } else { times.lease };
        self.is_unchanged_for(lease + times.free_max, now)
    }

    fn is_unchanged_for(&self, time: Duration, now: Instant) -> bool {
        self.since.is_some_and(|since| now.saturating_duration_since(since) >= time)
    }

    /// The moment that a held lease counts from.
    pub(super) fn renewed(&self) -> Option<Moment> {
        match self.hold {
            Hold::Held(renewed) => Some(renewed),
            Hold::None | Hold::Stopping(_) | Hold::Stopped => None,
        }
    }

    /// When the lease was renewed last, whether requests may begin or not.
    pub(super) fn renewed_at(&self) -> Option<Instant> {
        match self.hold {
            Hold::Held(renewed) | Hold::Stopping(renewed) => Some(renewed.mono),
            Hold::None | Hold::Stopped => None,
        }
    }

    pub(super) fn is_wanted_by_another(&self, me: NonZeroU64) -> bool {
        self.lease.is_some_and(|lease| lease.wanted_by != 0 && lease.wanted_by != me.get())
    }

    pub(super) fn is_stopping(&self) -> bool {
        matches!(self.hold, Hold::Stopping(_))
    }

    /// Whether a lease that names this instance has to be released. At the end that is one which it never knew of too.
    pub(super) fn is_to_be_released(&self, is_ending: bool) -> bool {
        match self.hold {
            Hold::Stopped => true,
            Hold::None => is_ending,
            Hold::Held(_) | Hold::Stopping(_) => false,
        }
    }

    pub(super) fn stop(&mut self) {
        if let Hold::Held(renewed) = self.hold {
            self.hold = Hold::Stopping(renewed);
        }
    }

    pub(super) fn stopped(&mut self) {
        if self.is_stopping() {
            self.hold = Hold::Stopped;
        }
    }
}
