//! Few connections: a call that waits too long for one, or for a lock, gets an error.

use std::time::{Duration, Instant};

use pinfold_store::postgres::Settings;
use pinfold_store::{Store, StoreError, UpdateError};

use super::support::postgres::{Server, output_of, shared};
use super::support::rules::{Caller, policy};
use super::support::{account, load, one, state};
use super::{open, short_timeouts};

/// Holds a lock on the row of an account's head until the sleep ends.
pub(super) fn lock_head(server: &Server, url: &str, seconds: &str) -> std::thread::JoinHandle<String> {
    let schema = url.rsplit("%3D").next().unwrap().to_owned();
    let sql = format!(
        "BEGIN; UPDATE {schema}.pinfold_accounts SET change = change WHERE kind = 0; SELECT pg_sleep({seconds}); COMMIT"
    );
    let mut psql = server.psql_command(&sql);
    std::thread::spawn(move || output_of(&mut psql))
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn when_every_connection_is_busy_the_next_call_is_told_in_time() {
    let url = shared().new_schema();
    let settings = Settings { connections_max: 1, statement_max: Duration::from_secs(20), ..short_timeouts(&url) };
    let store = Store::new(open(&settings).await);
    let alice = Caller { store, account: account(1, "alice"), policy: policy(100) };
    alice.mark(one("bob"), 0, 1).await.unwrap();
    let locked = lock_head(shared(), &url, "2");
    tokio::time::sleep(Duration::from_millis(500)).await;
    let waiting = tokio::spawn({
        let alice = alice.clone();
        async move { alice.mark(one("carol"), 0, 1).await }
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    let began = Instant::now();
    let read = alice.store.backend().load(&account(1, "dave"), &pinfold_store::Scope::All).await;
    assert!(matches!(read, Err(StoreError::Timeout)), "{read:?}");
    assert!(began.elapsed() < Duration::from_millis(900), "{:?}", began.elapsed());
    waiting.await.unwrap().unwrap();
    locked.join().unwrap();
    load(alice.store.backend(), &account(1, "dave")).await;
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn a_statement_that_waits_too_long_is_stopped_and_changes_nothing() {
    let url = shared().new_schema();
    let store = Store::new(open(&short_timeouts(&url)).await);
    let alice = Caller { store, account: account(1, "alice"), policy: policy(100) };
    alice.mark(one("bob"), 0, 1).await.unwrap();
    let before = state(alice.store.backend(), &alice.account).await;
    let locked = lock_head(shared(), &url, "3");
    tokio::time::sleep(Duration::from_millis(500)).await;
    let answer = alice.mark(one("carol"), 0, 1).await;
    assert!(matches!(answer, Err(UpdateError::Store(StoreError::Timeout))), "{answer:?}");
    locked.join().unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(state(alice.store.backend(), &alice.account).await, before, "it was cancelled, not just given up");
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn a_caller_who_leaves_does_not_leave_a_busy_connection_to_the_next() {
    let url = shared().new_schema();
    let settings = Settings { connections_max: 1, statement_max: Duration::from_secs(20), ..short_timeouts(&url) };
    let store = Store::new(open(&settings).await);
    let alice = Caller { store, account: account(1, "alice"), policy: policy(100) };
    alice.mark(one("bob"), 0, 1).await.unwrap();
    let locked = lock_head(shared(), &url, "3");
    tokio::time::sleep(Duration::from_millis(500)).await;
    let left = tokio::time::timeout(Duration::from_millis(200), alice.mark(one("carol"), 0, 1)).await;
    assert!(left.is_err());
    let began = Instant::now();
    load(alice.store.backend(), &account(1, "dave")).await;
    assert!(began.elapsed() < Duration::from_secs(1), "the next call waited for the lock: {:?}", began.elapsed());
    locked.join().unwrap();
}
