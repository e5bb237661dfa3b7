//! For which accounts this instance may send now.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use pinfold_core::AccountId;
use pinfold_store::{SHARES, Shares, share_of};
use tokio::time::Instant;

use super::LeaseTimes;
use crate::clock::Clock;

/// A time by both clocks of this machine. Of the time between two moments the larger one counts: one clock stands still
/// while the machine is suspended, the other one may be set back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub(super) mono: Instant,
    pub(super) wall_ms: u64,
}

impl Moment {
    pub(super) fn now(clock: &Clock) -> Self {
        Self { mono: Instant::now(), wall_ms: clock.ms() }
    }

    fn since(self, earlier: Self) -> Duration {
        let wall = Duration::from_millis(self.wall_ms.saturating_sub(earlier.wall_ms));
        self.mono.saturating_duration_since(earlier.mono).max(wall)
    }
}

/// Of each share that is held the moment from which its lease counts.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Terms(pub(super) [Option<Moment>; SHARES as usize]);

impl Terms {
    /// The shares whose requests may begin now: they end before the lease does.
    pub(super) fn held(&self, times: &LeaseTimes, now: Moment) -> Shares {
        let last_begin = times.lease.saturating_sub(times.request_max + times.slack);
        let is_held = |renewed: Option<Moment>| renewed.is_some_and(|renewed| now.since(renewed) <= last_begin);
        let held = (0..).zip(self.0).filter(|(_, renewed)| is_held(*renewed));
        held.fold(Shares::NONE, |shares, (number, _)| shares.with(number))
    }
}

/// The shares of an app that this instance may send for, asked before each request.
pub(in super::super) struct HeldShares(Option<Leased>);

struct Leased {
    terms: Mutex<Terms>,
    times: LeaseTimes,
    clock: Clock,
}

impl HeldShares {
    /// All for ever, where no other process has the store.
    pub(in super::super) fn all() -> Self {
        Self(None)
    }

    /// None, until leases are held.
    pub(super) fn leased(times: LeaseTimes, clock: Clock) -> Self {
        Self(Some(Leased { terms: Mutex::default(), times, clock }))
    }

    pub(super) fn set(&self, terms: Terms) {
        if let Some(leased) = &self.0 {
            *leased.terms.lock().unwrap_or_else(PoisonError::into_inner) = terms;
        }
    }

    /// Those for which requests may begin now.
    pub(in super::super) fn now(&self) -> Shares {
        let Some(Leased { terms, times, clock }) = &self.0 else { return Shares::ALL };
        let terms = *terms.lock().unwrap_or_else(PoisonError::into_inner);
        terms.held(times, Moment::now(clock))
    }

    /// Whether a request about this account may begin now.
    pub(in super::super) fn may_send(&self, account: &AccountId) -> bool {
        self.now().contains(share_of(account))
    }
}
