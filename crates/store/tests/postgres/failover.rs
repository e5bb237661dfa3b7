//! A server that takes no writes any more while its connections stay open: its answers are not used, and calls
//! go to the one that took its place.

use std::sync::Arc;
use std::time::{Duration, Instant};

use pinfold_store::{Backend, Scope, Store};

use super::proxy::Proxy;
use super::support::postgres::Server;
use super::support::rules::{Caller, policy};
use super::support::{account, load, one, state};
use super::{open, short_timeouts};

const READ_ONLY: &str = "default_transaction_read_only";

/// Two servers, of which the second follows the first, and the place of a store on them.
struct Pair {
    first: Server,
    second: Server,
    url: String,
}

impl Pair {
    fn start() -> Self {
        let first = Server::start(&["-c", "fsync=off"]);
        let (second, url) = (first.standby(first.address()), first.new_schema());
        Self { first, second, url }
    }

    fn url_of_second(&self) -> String {
        self.url.replace(self.first.host(), self.second.host())
    }

    /// A store whose URL names both servers. It has written to the first and holds all the connections that it may.
    async fn store_of_both(&self) -> (Arc<dyn Backend>, Caller) {
        let hosts = format!("{},{}", self.first.host(), self.second.host());
        let url = format!("{}&target_session_attrs=read-write", self.url.replace(self.first.host(), &hosts));
        let backend = open(&short_timeouts(&url)).await;
        let alice = alice(&backend);
        for bits in [1, 2, 4] {
            alice.mark(one("bob"), 0, bits).await.unwrap();
        }
        open_all(&*backend).await;
        (backend, alice)
    }

    /// Promotes the second server, while the first stays up and open; another store marks carol there.
    async fn fail_over(&self) {
        self.second.psql("SELECT pg_promote()");
        alice(&open(&short_timeouts(&self.url_of_second())).await).mark(one("carol"), 0, 1).await.unwrap();
    }
}

fn alice(backend: &Arc<dyn Backend>) -> Caller {
    Caller { store: Store::new(Arc::clone(backend)), account: account(1, "alice"), policy: policy(100) }
}

/// Opens connections, all that there may be.
async fn open_all(backend: &dyn Backend) {
    let alice = account(1, "alice");
    let read = || load(backend, &alice);
    tokio::join!(read(), read(), read(), read());
}

/// Reads until that works, for as long as a failover may take.
async fn reads_again(backend: &dyn Backend) {
    let began = Instant::now();
    while backend.load(&account(1, "alice"), &Scope::All).await.is_err() {
        assert!(began.elapsed() < Duration::from_secs(5), "no read is answered");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_own_postgres, ignore = "it configures its server, so PostgreSQL must be installed here")]
async fn calls_go_to_the_server_that_was_promoted_and_none_is_answered_by_the_one_before() {
    let pair = Pair::start();
    let (backend, alice) = pair.store_of_both().await;

    pair.first.configure(READ_ONLY, Some("on"));
    assert!(backend.load(&alice.account, &Scope::All).await.is_err(), "no server takes writes");
    assert!(backend.health().await.is_err(), "it is not ready without one");
    assert!(alice.mark(one("bob"), 0, 8).await.is_err());

    pair.fail_over().await;
    reads_again(&*backend).await;
    for _ in 0..8 {
        assert!(state(&*backend, &alice.account).await.records.contains_key(&one("carol")), "a read was stale");
    }
    alice.mark(one("dave"), 0, 1).await.unwrap();
    backend.health().await.unwrap();
    let of_us = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pinfold'";
    assert_ne!(pair.second.psql(of_us), "0");
}

/// Nothing fails in between: the connections do not tell, and a copy of the account is there to build on.
#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_own_postgres, ignore = "it configures its server, so PostgreSQL must be installed here")]
async fn a_change_that_is_the_first_call_after_a_failover_is_made_on_the_new_server() {
    let pair = Pair::start();
    let (_backend, alice) = pair.store_of_both().await;
    pair.first.configure(READ_ONLY, Some("on"));
    pair.fail_over().await;
    alice.mark(one("bob"), 0, 8).await.unwrap();
    let kept = state(&*open(&short_timeouts(&pair.url_of_second())).await, &alice.account).await;
    assert_eq!((kept.arrangement(&one("bob")).standard.0, kept.records.len()), (15, 2));
}

/// A host name or an address that moves, without `target_session_attrs`.
#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_own_postgres, ignore = "it configures its server, so PostgreSQL must be installed here")]
async fn one_host_that_leads_to_another_server_is_followed_and_no_read_is_stale() {
    let pair = Pair::start();
    let proxy = Proxy::in_front_of(&pair.first).await;
    let backend = open(&short_timeouts(&proxy.url(&pair.first, &pair.url))).await;
    alice(&backend).mark(one("bob"), 0, 1).await.unwrap();
    open_all(&*backend).await;
    pair.first.configure(READ_ONLY, Some("on"));
    pair.fail_over().await;
    proxy.route_to(&pair.second);
    for _ in 0..8 {
        let seen = state(&*backend, &account(1, "alice")).await;
        assert!(seen.records.contains_key(&one("carol")), "a read was stale");
    }
    alice(&backend).mark(one("dave"), 0, 1).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_own_postgres, ignore = "it configures its server, so PostgreSQL must be installed here")]
async fn one_host_that_turns_read_only_and_back_is_read_if_the_url_takes_any_and_is_ready_afterwards() {
    let server = Server::start(&["-c", "fsync=off"]);
    let url = server.new_schema();
    let any = open(&short_timeouts(&url)).await;
    let writable = open(&short_timeouts(&format!("{url}&target_session_attrs=read-write"))).await;
    alice(&any).mark(one("bob"), 0, 1).await.unwrap();
    for backend in [&any, &writable] {
        open_all(&**backend).await;
    }
    server.configure(READ_ONLY, Some("on"));
    for _ in 0..6 {
        assert_eq!(state(&*any, &account(1, "alice")).await.records.len(), 1);
        assert!(writable.load(&account(1, "alice"), &Scope::All).await.is_err());
    }
    for backend in [&any, &writable] {
        assert!(alice(backend).mark(one("carol"), 0, 1).await.is_err());
        assert!(backend.health().await.is_err());
    }
    server.configure(READ_ONLY, Some("off"));
    for backend in [&any, &writable] {
        alice(backend).mark(one("carol"), 0, 1).await.unwrap();
        backend.health().await.unwrap();
    }
}
