//! Which shares of the accounts of an app this instance sends the changes of, where instances share a store.
//!
//! Each share has a lease in the store. Its holder renews it, which raises its serial number, and may send for a while from
//! before each renewal was asked for. An instance that has seen the same holder and serial for as long, counted from after it
//! read them, may take the lease. So the last request of the one has ended when the first of the other begins, although no
//! clock is compared with another: only how fast they go matters.
//!
//! `Leasing` is the rule, without a clock and a store. [`LeaseKeeper`] applies it to a store; workers ask [`HeldShares`].

mod held;
mod keeper;
#[cfg(test)]
mod model;
mod share;
mod sharing;
#[cfg(test)]
mod tests;

use std::num::NonZeroU64;
use std::time::Duration;

use pinfold_core::AppId;
use pinfold_store::{Lease, SHARES, Shares};
use tokio::time::Instant;

pub(super) use self::held::HeldShares;
use self::held::{Moment, Terms};
pub(super) use self::keeper::LeaseKeeper;
use self::share::Share;
use self::sharing::Sharing;

/// How long leases last, and what that depends on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LeaseTimes {
    /// How long a lease stays after it was renewed.
    pub(crate) lease: Duration,
    /// How often it is renewed, at the latest.
    pub(crate) renew: Duration,
    /// How often leases are looked at. A renewal that would be late at the next look is made at this one.
    pub(crate) look: Duration,
    /// How long a request takes at most.
    pub(crate) request_max: Duration,
    /// By how much a request has to end before its lease does.
    pub(crate) slack: Duration,
    /// How long a share may be left to those who have fewer of them, or to the one that wants it.
    pub(crate) free_max: Duration,
}

impl Default for LeaseTimes {
    fn default() -> Self {
        let [lease, renew, look, request_max, slack, free_max] = [20, 5, 2, 5, 1, 6].map(Duration::from_secs);
        Self { lease, renew, look, request_max, slack, free_max }
    }
}

/// What an instance knows of the leases of one app. It is brought up to date by [`Leasing::seen`]; then [`Leasing::puts`]
/// says what to put, and each answer goes to [`Leasing::put`].
struct Leasing {
    me: NonZeroU64,
    app: AppId,
    times: LeaseTimes,
    shares: [Share; SHARES as usize],
    /// Whether all leases are being released for good.
    is_ending: bool,
}

/// A lease to be put in place of one, or of none.
type Put = (Option<Lease>, Lease);

impl Leasing {
    /// No other instance may have the same number.
    fn new(me: NonZeroU64, app: AppId, times: LeaseTimes) -> Self {
        Self { me, app, times, shares: [Share::default(); SHARES as usize], is_ending: false }
    }

    /// Takes note of all leases of the app. `now` is a time after they were read.
    fn seen(&mut self, leases: &[Lease], now: Instant) {
        for (number, share) in (0..).zip(&mut self.shares) {
            let lease = leases.iter().find(|lease| lease.share == number);
            share.seen(lease.copied(), self.me, now);
        }
        self.stop_where_due();
    }

    /// What to put now: renewals and releases of what this instance holds, then leases to take, or wishes for some.
    fn puts(&self, now: Instant) -> Vec<Put> {
        let own = (0..).zip(&self.shares).filter_map(|(number, share)| self.put_of_own(number, share, now));
        let mut puts: Vec<_> = own.collect();
        if !self.is_ending {
            let sharing = Sharing::of(&self.shares, self.me, &self.times, now);
            puts.extend(sharing.to_take().into_iter().map(|share| self.put(share, self.me.get(), 0)));
            puts.extend(sharing.wishes());
        }
        puts
    }

    /// Takes note of the answer to a put that was asked for at this moment. One without an answer changes nothing here.
    fn put_answered(&mut self, asked: Moment, new: Lease, did: bool) {
        if let Some(share) = self.shares.get_mut(usize::from(new.share)) {
            share.put_answered(asked, new, did, self.me);
        }
        self.stop_where_due();
    }

    /// From when on the leases count that this instance may send under.
    fn terms(&self) -> Terms {
        Terms(self.shares.map(|share| share.renewed()))
    }

    /// Shares that another instance is to have: their requests have to end.
    fn to_release(&self) -> Shares {
        let stopping = (0..).zip(&self.shares).filter(|(_, share)| share.is_stopping());
        stopping.fold(Shares::NONE, |shares, (number, _)| shares.with(number))
    }

    /// Of a share to be released nothing is on its way any more: the next puts release it.
    fn stopped(&mut self, share: u8) {
        if let Some(share) = self.shares.get_mut(usize::from(share)) {
            share.stopped();
        }
    }

    /// Has all shares released, and none taken any more.
    fn end(&mut self) {
        self.is_ending = true;
        self.stop_where_due();
    }

    /// Whether this instance holds no lease, as far as it knows.
    fn is_without(&self) -> bool {
        self.shares.iter().all(|share| share.holder() != self.me.get())
    }

    fn stop_where_due(&mut self) {
        for share in &mut self.shares {
            if self.is_ending || share.is_wanted_by_another(self.me) {
                share.stop();
            }
        }
    }

    fn put_of_own(&self, number: u8, share: &Share, now: Instant) -> Option<Put> {
        let lease = share.lease().filter(|lease| lease.holder == self.me.get())?;
        if share.is_to_be_released(self.is_ending) {
            let wanted_by = if self.is_ending { 0 } else { lease.wanted_by };
            return Some(self.put(number, 0, wanted_by));
        }
        let age = share.renewed_at().map(|renewed| now.saturating_duration_since(renewed));
        let is_due = age.is_none_or(|age| age + self.times.look > self.times.renew);
        is_due.then(|| self.put(number, self.me.get(), lease.wanted_by))
    }

    /// A put that renews the lease of a share, or changes its holder.
    fn put(&self, share: u8, holder: u64, wanted_by: u64) -> Put {
        let expected = self.shares.get(usize::from(share)).and_then(Share::lease);
        let serial = expected.map_or(0, |lease| lease.serial) + 1;
        (expected, Lease { app: self.app, share, holder, serial, wanted_by })
    }
}
