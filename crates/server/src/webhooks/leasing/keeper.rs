//! Keeps the leases of an app in a store.

use std::num::NonZeroU64;
use std::sync::Arc;

use futures_util::stream::{self, StreamExt as _};
use pinfold_core::AppId;
use pinfold_store::{Backend, SHARES, Shares, StoreError};
use tokio::time::Instant;

use super::{HeldShares, LeaseTimes, Leasing, Moment};
use crate::clock::Clock;

/// Leases that are put at once: one that hangs holds up few others.
const PUTS_AT_ONCE_MAX: usize = 4;

/// Attempts to release leases at the end. A renewal that comes in between fails one; no further one can follow.
const RELEASES_MAX: usize = 3;

/// The leases of one app: to be looked at every [`LeaseTimes::look`].
pub(in super::super) struct LeaseKeeper {
    leasing: Leasing,
    app: AppId,
    held: Arc<HeldShares>,
    clock: Clock,
}

impl LeaseKeeper {
    /// `me` is a random number that no other instance has.
    pub(in super::super) fn new(me: NonZeroU64, app: AppId, times: LeaseTimes, clock: Clock) -> Self {
        let held = Arc::new(HeldShares::leased(times, clock.clone()));
        Self { leasing: Leasing::new(me, app, times), app, held, clock }
    }

    /// The shares that may be sent for, kept up to date by this keeper.
    pub(in super::super) fn held(&self) -> Arc<HeldShares> {
        Arc::clone(&self.held)
    }

    /// Looks at the leases, and renews, takes, wants and releases some. May be cancelled, or fail: then leases run out unless
    /// the next look renews them.
    pub(in super::super) async fn look(&mut self, backend: &dyn Backend) -> Result<(), StoreError> {
        let leases = backend.leases(self.app).await?;
        self.leasing.seen(&leases, Instant::now());
        self.held.set(self.leasing.terms());
        self.put_what_is_due(backend).await
    }

    /// Shares that another instance is to have: nothing begins for them any more.
    pub(in super::super) fn to_release(&self) -> Shares {
        self.leasing.to_release()
    }

    /// Nothing of this share is on its way any more: the next look releases it.
    pub(in super::super) fn stopped(&mut self, share: u8) {
        self.leasing.stopped(share);
    }

    /// Has all shares stop. When what is on its way has ended, [`LeaseKeeper::release_all`] is to follow.
    pub(in super::super) fn end(&mut self) {
        self.leasing.end();
        self.held.set(self.leasing.terms());
    }

    /// Releases all leases: other instances take them at once. Nothing may be on its way any more.
    pub(in super::super) async fn release_all(&mut self, backend: &dyn Backend) -> Result<(), StoreError> {
        self.end();
        for _ in 0..RELEASES_MAX {
            // The last renewal may have no answer yet, and take place between this and the release, which names a serial.
            let leases = backend.leases(self.app).await?;
            self.leasing.seen(&leases, Instant::now());
            (0..SHARES).for_each(|share| self.leasing.stopped(share));
            if self.leasing.is_without() {
                break;
            }
            self.put_what_is_due(backend).await?;
        }
        Ok(())
    }

    /// The first error is told when all others have been answered.
    async fn put_what_is_due(&mut self, backend: &dyn Backend) -> Result<(), StoreError> {
        let clock = &self.clock;
        let puts = self.leasing.puts(Instant::now());
        let answers = stream::iter(puts).map(|(expected, new)| async move {
            let asked = Moment::now(clock);
            (asked, new, backend.put_lease(expected.as_ref(), &new).await)
        });
        let mut answers = answers.buffer_unordered(PUTS_AT_ONCE_MAX);
        let mut ended = Ok(());
        while let Some((asked, new, did)) = answers.next().await {
            match did {
                Ok(did) => self.leasing.put_answered(asked, new, did),
                Err(error) => ended = ended.and(Err(error)),
            }
            self.held.set(self.leasing.terms());
        }
        ended
    }
}
