//! How instances divide the shares of an app: which one takes or wants which.

use std::collections::BTreeMap;
use std::num::NonZeroU64;

use pinfold_store::{Lease, SHARES};
use tokio::time::Instant;

use super::share::Share;
use super::{LeaseTimes, Put};

/// The shares as an instance sees them at one time.
pub(super) struct Sharing<'a> {
    shares: &'a [Share],
    me: u64,
    times: &'a LeaseTimes,
    now: Instant,
    /// Of each share the instance that has it or is to have it; `None` where any may take it.
    owners: Vec<Option<u64>>,
    /// How many shares each owner has. This instance is among them.
    counts: BTreeMap<u64, usize>,
}

impl<'a> Sharing<'a> {
    pub(super) fn of(shares: &'a [Share], me: NonZeroU64, times: &'a LeaseTimes, now: Instant) -> Self {
        let me = me.get();
        let owners: Vec<_> = shares.iter().map(|share| owner(share, me, times, now)).collect();
        let mut counts = BTreeMap::from([(me, 0)]);
        for owner in owners.iter().flatten() {
            *counts.entry(*owner).or_default() += 1;
        }
        Self { shares, me, times, now, owners, counts }
    }

    /// The shares to take: those that were released for this instance, free ones until it has its part, and those that
    /// were left by all others, however many it has.
    pub(super) fn to_take(&self) -> Vec<u8> {
        let part = usize::from(SHARES).div_ceil(self.counts.len());
        let (mut own, mut taken) = (self.own(), Vec::new());
        for (number, (share, owner)) in (0..).zip(self.shares.iter().zip(&self.owners)) {
            let is_for_me = *owner == Some(self.me) && share.holder() == 0;
            let is_free = owner.is_none() && (own < part || share.is_left(self.times, self.now));
            if is_for_me || is_free {
                own += usize::from(is_free);
                taken.push(number);
            }
        }
        taken
    }

    /// Leases of the instances with the most shares, with this one's wish for them: as many as it lacks, if none is free.
    pub(super) fn wishes(&self) -> Vec<Put> {
        let part = usize::from(SHARES) / self.counts.len();
        let mut counts = self.counts.clone();
        let mut wished = Vec::<Lease>::new();
        while self.owners.iter().all(Option::is_some) && self.own() + wished.len() < part {
            // As this one lacks some and none is free, another has more than its part.
            let Some((holder, count)) = counts.iter_mut().max_by_key(|(_, count)| **count) else { break };
            let mut of_holder = self.shares.iter().filter_map(Share::lease).filter(|lease| lease.holder == *holder);
            let Some(lease) = of_holder.find(|lease| lease.wanted_by == 0 && !wished.contains(lease)) else { break };
            *count -= 1;
            wished.push(lease);
        }
        wished.into_iter().map(|lease| (Some(lease), Lease { wanted_by: self.me, ..lease })).collect()
    }

    fn own(&self) -> usize {
        self.counts.get(&self.me).copied().unwrap_or_default()
    }
}

/// The instance that wants the share, else the one that holds it. A holder that does not renew has none; one that wants a
/// free share has it for a while.
fn owner(share: &Share, me: u64, times: &LeaseTimes, now: Instant) -> Option<u64> {
    let lease = share.lease()?;
    let is_given_up = match lease.holder {
        0 => share.is_left(times, now),
        holder => holder != me && share.is_stale(times, now),
    };
    let owner = if lease.wanted_by == 0 { lease.holder } else { lease.wanted_by };
    (!is_given_up && owner != 0).then_some(owner)
}
