//! Fewer connections than calls: those that the database refuses, those that hang, and those that a NAT forgot.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use pinfold_core::AppId;
use pinfold_store::postgres::Settings;
use pinfold_store::{Scope, Store, StoreError, UpdateError, drop_app};

use super::pool::lock_head;
use super::proxy::{Proxy, ProxyMode};
use super::support::postgres::shared;
use super::support::rules::{Caller, policy};
use super::support::{account, load, one};
use super::{open, short_timeouts};

fn caller(store: &Store, name: &str) -> Caller {
    Caller { store: store.clone(), account: account(1, name), policy: policy(1_000_000) }
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn calls_wait_for_the_connections_that_a_database_with_fewer_of_them_allows() {
    let (server, place) = (shared(), shared().new_schema());
    let (schema, role) = (place.rsplit("%3D").next().unwrap(), format!("limited_{}", std::process::id()));
    server.psql(&format!("CREATE ROLE {role} LOGIN CONNECTION LIMIT 3; GRANT ALL ON SCHEMA {schema} TO {role}"));
    let settings = Settings::new(server.as_user(&place, &role).parse().unwrap());
    let store = Store::new(open(&settings).await);
    for round in 0..3 {
        let calls = (0..16).map(|n| {
            let caller = caller(&store, &format!("account {n}"));
            tokio::spawn(async move { caller.mark(one(&format!("peer {round}")), 0, 1).await })
        });
        for call in calls.collect::<Vec<_>>() {
            call.await.unwrap().unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn many_callers_on_rows_that_are_locked_leave_connections_for_other_accounts() {
    let place = shared().new_schema();
    let store = Store::new(open(&Settings::new(place.parse().unwrap())).await);
    let locked: Vec<_> = (0..40).map(|n| caller(&store, &format!("locked {n}"))).collect();
    for caller in &locked {
        caller.mark(one("bob"), 0, 1).await.unwrap();
    }
    let lock = lock_head(shared(), &place, "6");
    tokio::time::sleep(Duration::from_millis(300)).await;
    let goes_on = Arc::new(AtomicBool::new(true));
    let stuck: Vec<_> = locked.into_iter().map(|caller| tokio::spawn(mark_on(caller, Arc::clone(&goes_on)))).collect();
    tokio::time::sleep(Duration::from_millis(100)).await;
    for n in 0..60 {
        let caller = caller(&store, &format!("free {}", n % 4));
        caller.mark(one(&format!("peer {n}")), 0, 1).await.unwrap();
        load(store.backend(), &caller.account).await;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    goes_on.store(false, Ordering::Relaxed);
    lock.join().unwrap();
    for call in stuck {
        call.await.unwrap();
    }
}

async fn mark_on(caller: Caller, goes_on: Arc<AtomicBool>) {
    for bit in 1.. {
        if !goes_on.load(Ordering::Relaxed) {
            return;
        }
        let _ = caller.mark(one("bob"), 0, 1 << (bit % 60)).await;
    }
}

/// As with a frozen worker: without a time-out for locks, the database does not end these commits.
#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn wave_after_wave_of_commits_that_hang_for_good_leaves_commits_and_reads_to_other_accounts() {
    const COMMITS: usize = 12;
    let place = format!("{}%20-clock_timeout%3D0", shared().new_schema());
    let schema = place.rsplit("%3D").nth(1).unwrap().split('%').next().unwrap().to_owned();
    let store = Store::new(open(&Settings::new(place.parse().unwrap())).await);
    let stuck: Vec<_> = (0..3 * COMMITS).map(|n| caller(&store, &format!("stuck {n}"))).collect();
    for caller in &stuck {
        caller.mark(one("bob"), 0, 1).await.unwrap();
    }
    let lock = lock_head(shared(), &format!("%3D{schema}"), "20");
    tokio::time::sleep(Duration::from_millis(300)).await;
    let free = caller(&store, "free");
    for (wave, stuck) in stuck.chunks(COMMITS).enumerate() {
        let marks = stuck.iter().cloned().map(|stuck| tokio::spawn(async move { stuck.mark(one("bob"), 0, 2).await }));
        let marks: Vec<_> = marks.collect();
        load(store.backend(), &free.account).await;
        store.backend().peer_statuses(free.account.app, &[]).await.unwrap();
        if wave > 0 {
            free.mark(one(&format!("during {wave}")), 0, 1).await.unwrap();
        }
        for mark in marks {
            let answer = mark.await.unwrap();
            assert!(matches!(answer, Err(UpdateError::Store(StoreError::Timeout))), "wave {wave}: {answer:?}");
        }
        free.mark(one(&format!("after {wave}")), 0, 1).await.unwrap();
    }
    let began = Instant::now();
    stuck[0].mark(one("bob"), 0, 2).await.unwrap_err();
    assert!(began.elapsed() < Duration::from_secs(1), "what hung is refused at once: {:?}", began.elapsed());
    lock.join().unwrap();
    while store.backend().health().await.is_err() {
        assert!(began.elapsed() < Duration::from_secs(40), "the commits that hung do not end");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    for stuck in stuck {
        stuck.mark(one("bob"), 0, 4).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn an_app_is_dropped_over_one_connection_to_a_database_that_is_far_away() {
    let (proxy, place) = (Proxy::in_front_of(shared()).await, shared().new_schema());
    let settings = Settings { connections_max: 1, ..short_timeouts(&proxy.url(shared(), &place)) };
    let store = Store::new(open(&settings).await);
    for n in 0..60 {
        caller(&store, &format!("account {n}")).mark(one("bob"), 0, 1).await.unwrap();
    }
    proxy.set(ProxyMode::Delays);
    let removed = drop_app(store.backend(), AppId(1), |_| ()).await.unwrap();
    assert_eq!(removed.accounts, 60);
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn of_connections_that_a_nat_forgot_one_costs_a_call_and_the_others_are_tested_before_use() {
    let (proxy, place) = (Proxy::in_front_of(shared()).await, shared().new_schema());
    let backend = open(&short_timeouts(&proxy.url(shared(), &place))).await;
    let alice = account(1, "alice");
    let read = || load(&*backend, &alice);
    tokio::join!(read(), read(), read(), read());
    proxy.blackhole();
    let mut failed = 0;
    for _ in 0..6 {
        match backend.load(&alice, &Scope::All).await {
            Ok(_) => {}
            Err(error) => {
                assert!(matches!(error, StoreError::Timeout), "{error:?}");
                failed += 1;
            }
        }
    }
    assert_eq!(failed, 1);
}
