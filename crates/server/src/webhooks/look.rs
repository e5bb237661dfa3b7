//! Looks at whether sending is paused, and at the leases of shares where other instances send too.

use pinfold_store::{SHARES, StoreError, share_of};
use tokio::time::sleep;

use super::courier::Courier;
use super::leasing::LeaseKeeper;

/// Looks again and again where the store is shared, else until the store has answered once. Never returns.
pub(super) async fn run(courier: &Courier, mut leases: Option<&mut LeaseKeeper>) {
    let mut failures = 0;
    loop {
        let looked = match look(courier, leases.as_deref_mut()).await {
            Ok(()) => {
                failures = 0;
                true
            }
            Err(error) => {
                tracing::warn!(app = courier.app.0, cause = %error, "pause and leases of a webhook cannot be looked at");
                failures += 1;
                false
            }
        };
        match (looked, leases.is_some()) {
            (true, false) => std::future::pending().await,
            (false, false) => sleep(courier.pace.store.after(failures, rand::random())).await,
            (_, true) => sleep(courier.pace.leases.look).await,
        }
    }
}

async fn look(courier: &Courier, leases: Option<&mut LeaseKeeper>) -> Result<(), StoreError> {
    if let Some(leases) = leases {
        look_at_leases(courier, leases).await?;
    }
    let _guard = courier.pausing.lock().await;
    let is_paused = courier.backend().paused_apps().await?.contains(&courier.app);
    courier.set_paused(is_paused);
    Ok(())
}

/// Begins with shares that were taken, and ends with those that were lost or are wanted.
async fn look_at_leases(courier: &Courier, leases: &mut LeaseKeeper) -> Result<(), StoreError> {
    let before = courier.held.now();
    let looked = leases.look(courier.backend()).await;
    let (held, wanted) = (courier.held.now(), leases.to_release());
    if (0..SHARES).any(|share| held.contains(share) && !before.contains(share)) {
        courier.want_scan();
    }
    // Also those whose lease ran out between two looks.
    courier.queue().forget(|account| !held.contains(share_of(account)));
    // With what is forgotten there may be room.
    courier.scan.notify_one();
    for share in (0..SHARES).filter(|share| wanted.contains(*share)) {
        if !courier.queue().works_on_any(|account| share_of(account) == share) {
            leases.stopped(share);
        }
    }
    courier.meter.shares((0..SHARES).filter(|share| held.contains(*share)).count());
    looked
}
