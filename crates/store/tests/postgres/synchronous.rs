//! A synchronous standby that is out of reach: commits wait for it. None is cancelled, which would keep it on the
//! primary only and let the next call believe it.

use std::time::{Duration, Instant};

use pinfold_core::{AppId, Timestamp};
use pinfold_store::postgres::Settings;
use pinfold_store::{Store, StoreError, UpdateError};

use super::proxy::{Proxy, ProxyMode};
use super::recents::{entries, entry, group_message, message};
use super::support::postgres::Server;
use super::support::rules::{Caller, policy};
use super::support::{NOW, account, chat_group, chat_group_id, one, state};
use super::{open, short_timeouts};

fn caller(store: &Store, name: &str) -> Caller {
    Caller { store: store.clone(), account: account(1, name), policy: policy(100) }
}

/// Waits for what a query says of the server.
async fn says(server: &Server, sql: &str, expected: &str) {
    let began = Instant::now();
    while server.psql(sql) != expected {
        assert!(began.elapsed() < Duration::from_secs(20), "{sql} does not say {expected}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_own_postgres, ignore = "it configures its server, so PostgreSQL must be installed here")]
async fn a_failover_loses_nothing_acknowledged_while_commits_wait_for_a_standby_and_none_is_cancelled() {
    let primary = Server::start(&["-c", "fsync=off"]);
    let to_standby = Proxy::in_front_of(&primary).await;
    let standby = primary.standby(to_standby.address());
    primary.configure("synchronous_standby_names", Some("standby"));
    says(&primary, "SELECT sync_state FROM pg_stat_replication", "sync").await;
    let (url, to_primary) = (primary.new_schema(), Proxy::in_front_of(&primary).await);
    let store = Store::new(open(&short_timeouts(&to_primary.url(&primary, &url))).await);
    let alice = caller(&store, "alice");
    alice.mark(one("bob"), 0, 1).await.unwrap();

    to_standby.set(ProxyMode::Stalls);
    for call in 0..4 {
        let answer = alice.mark(one("carol"), 0, 1).await;
        assert!(matches!(answer, Err(UpdateError::Store(StoreError::Timeout))), "call {call}: {answer:?}");
        let seen = state(store.backend(), &alice.account).await;
        assert!(!seen.records.contains_key(&one("carol")), "call {call}: what may be lost is shown");
    }
    assert_eq!(to_primary.cancels(), 0);
    assert!(!primary.log().contains("canceling wait"), "{}", primary.log());

    to_standby.set(ProxyMode::Resets);
    primary.stop();
    standby.psql("SELECT pg_promote()");
    let kept = state(&*open(&short_timeouts(&url.replace(primary.host(), standby.host()))).await, &alice.account).await;
    // The proxy dropped what it had stalled, so the standby never received the commits that were not acknowledged.
    assert_eq!(kept.records.keys().collect::<Vec<_>>(), [&one("bob")]);
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_own_postgres, ignore = "it configures its server, so PostgreSQL must be installed here")]
async fn a_touch_waits_for_the_standby_also_where_it_finds_its_time_kept_and_none_is_cancelled() {
    let primary = Server::start(&["-c", "fsync=off"]);
    let to_standby = Proxy::in_front_of(&primary).await;
    let standby = primary.standby(to_standby.address());
    primary.configure("synchronous_standby_names", Some("standby"));
    says(&primary, "SELECT sync_state FROM pg_stat_replication", "sync").await;
    let url = primary.new_schema();
    let store = Store::new(open(&short_timeouts(&url)).await);
    let (alice, team) = (account(1, "alice"), [chat_group_id("team")]);
    for touches in [message(5), group_message(5)] {
        store.touch(AppId(1), &touches, NOW).await.unwrap();
    }
    let kept = [entry(one("bob"), 5), entry(chat_group("team"), 5)];

    to_standby.set(ProxyMode::Stalls);
    for call in 0..4 {
        // The second and the fourth touch what the one before may have left.
        let touches = if call < 2 { message(9) } else { group_message(9) };
        let answer = store.touch(AppId(1), &touches, NOW).await;
        assert!(matches!(answer, Err(UpdateError::Store(StoreError::Timeout))), "call {call}: {answer:?}");
        assert_eq!(entries(store.backend(), &alice).await, kept, "call {call}: what may be lost is shown");
        let times = store.backend().chat_group_times(AppId(1), &team).await.unwrap();
        assert_eq!(times, [Some(Timestamp(5))], "call {call}: what may be lost is shown");
    }
    assert!(!primary.log().contains("canceling wait"), "{}", primary.log());

    to_standby.set(ProxyMode::Resets);
    primary.stop();
    standby.psql("SELECT pg_promote()");
    let standby = open(&short_timeouts(&url.replace(primary.host(), standby.host()))).await;
    assert_eq!(entries(&*standby, &alice).await, kept);
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_own_postgres, ignore = "it configures its server, so PostgreSQL must be installed here")]
async fn commits_that_wait_for_a_standby_are_few_and_leave_connections_to_reads_until_they_end() {
    const CONNECTIONS: usize = 4;
    let server = Server::start(&["-c", "fsync=off"]);
    let url = format!("{}&application_name=waits", server.new_schema());
    let settings = Settings { connections_max: CONNECTIONS, ..short_timeouts(&url) };
    let store = Store::new(open(&settings).await);
    caller(&store, "alice").mark(one("bob"), 0, 1).await.unwrap();
    server.configure("synchronous_standby_names", Some("nowhere"));
    for _ in 0..2 {
        let marks = (0..12).map(|n| {
            let caller = caller(&store, &format!("account {n}"));
            tokio::spawn(async move { caller.mark(one("bob"), 0, 1).await })
        });
        let marks: Vec<_> = marks.collect();
        for _ in 0..10 {
            assert_eq!(state(store.backend(), &account(1, "alice")).await.records.len(), 1);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        for mark in marks {
            let answer = mark.await.unwrap();
            assert!(matches!(answer, Err(UpdateError::Store(StoreError::Timeout))), "{answer:?}");
        }
        let open = server.psql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'waits'");
        let open: usize = open.parse().unwrap();
        assert!(open <= CONNECTIONS + CONNECTIONS / 2, "{open} connections");
    }
    assert!(!server.log().contains("canceling wait"), "{}", server.log());
    assert!(store.backend().health().await.is_err(), "it is not ready while no commit ends");
    server.configure("synchronous_standby_names", None);
    says(&server, "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'", "0").await;
    caller(&store, "alice").mark(one("carol"), 0, 1).await.unwrap();
    store.backend().health().await.unwrap();
}
