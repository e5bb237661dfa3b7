//! Statistics of the connections of the backend.

use std::time::{Duration, Instant};

use pinfold_store::postgres::Settings;
use pinfold_store::stats::PoolStats;
use pinfold_store::{Backend, Scope, Store};

use super::pool::lock_head;
use super::support::account;
use super::support::one;
use super::support::postgres::shared;
use super::support::rules::{Caller, policy};
use super::{open, short_timeouts};

async fn pool(backend: &dyn Backend) -> PoolStats {
    backend.stats().await.pool.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn a_connection_in_use_a_call_that_waits_and_statements_that_failed_are_told() {
    let place = shared().new_schema();
    // A statement waits for a lock as long as it may.
    let url = format!("{place}%20-clock_timeout%3D0");
    let settings = Settings { connections_max: 1, statement_max: Duration::from_secs(2), ..short_timeouts(&url) };
    let store = Store::new(open(&settings).await);
    let alice = Caller { store: store.clone(), account: account(1, "alice"), policy: policy(100) };
    alice.mark(one("bob"), 0, 1).await.unwrap();
    let before = pool(store.backend()).await;
    assert_eq!((before.open, before.in_use, before.made), (1, 0, 1));
    assert_eq!((before.failures.timed_out, before.failures.broken, before.failures.refused), (0, 0, 0));

    let locked = lock_head(shared(), &place, "4");
    tokio::time::sleep(Duration::from_millis(500)).await;
    let stuck = tokio::spawn(async move { alice.mark(one("carol"), 0, 1).await });
    tokio::time::sleep(Duration::from_millis(700)).await;
    let waits = store.clone();
    let waits = tokio::spawn(async move { waits.read(&account(1, "dave"), &Scope::All).await });
    let began = Instant::now();
    while pool(store.backend()).await.waiting == 0 {
        assert!(began.elapsed() < Duration::from_secs(1), "no call waits");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(pool(store.backend()).await.in_use, 1);
    assert!(waits.await.unwrap().is_err() && stuck.await.unwrap().is_err());
    let after = pool(store.backend()).await;
    assert_eq!(after.failures.timed_out, 2, "one had no connection in time, the other no answer");
    assert!(after.waits_us.sum - before.waits_us.sum > 300_000, "{:?}", after.waits_us);
    assert!(after.statements_us.sum - before.statements_us.sum > 1_500_000, "{:?}", after.statements_us);
    locked.join().unwrap();
}
