//! A database that fails: nothing acknowledged is lost, and pinfold goes on when it is back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use pinfold_store::{Backend, Store, StoreError, UpdateError};

use super::support::postgres::{Server, shared};
use super::support::rules::{Caller, policy};
use super::support::{account, one, state};
use super::{open, short_timeouts};

const CALLERS: u32 = 8;

/// Callers that mark one conversation after the other until they are told to stop, each on an account of its own
/// and all on one together. What they were told was done comes back.
struct Load {
    goes_on: Arc<AtomicBool>,
    tasks: Vec<tokio::task::JoinHandle<Vec<(String, String)>>>,
}

impl Load {
    fn begin(store: &Store) -> Self {
        let goes_on = Arc::new(AtomicBool::new(true));
        let tasks = (0..CALLERS).map(|n| tokio::spawn(mark_on(store.clone(), n, Arc::clone(&goes_on)))).collect();
        Self { goes_on, tasks }
    }

    /// Compares what was acknowledged with what is there; gives back how much it was.
    async fn end(self, backend: &dyn Backend) -> usize {
        self.goes_on.store(false, Ordering::Relaxed);
        let mut acknowledged = Vec::new();
        for task in self.tasks {
            acknowledged.extend(task.await.unwrap());
        }
        for (name, peer) in &acknowledged {
            let kept = state(backend, &account(1, name)).await;
            assert!(kept.records.contains_key(&one(peer)), "{peer} of {name} was acknowledged and is gone");
            assert_eq!(kept.head.marked as usize, kept.records.len());
            assert_eq!(kept.head.last_change.0 as usize, kept.records.len(), "a change was made twice or by half");
        }
        acknowledged.len()
    }
}

async fn mark_on(store: Store, n: u32, goes_on: Arc<AtomicBool>) -> Vec<(String, String)> {
    let mut acknowledged = Vec::new();
    for round in 0.. {
        if !goes_on.load(Ordering::Relaxed) {
            break;
        }
        let name = if round % 2 == 0 { "all".to_owned() } else { format!("account {n}") };
        let caller = Caller { store: store.clone(), account: account(1, &name), policy: policy(1_000_000) };
        let peer = format!("peer {n} {round}");
        match caller.mark(one(&peer), 0, 1).await {
            Ok(()) => acknowledged.push((name, peer)),
            Err(UpdateError::Store(_)) => tokio::time::sleep(Duration::from_millis(10)).await,
            Err(UpdateError::Refused(refusal)) => panic!("{refusal}"),
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    acknowledged
}

/// Waits until the database answers again.
async fn answers_again(backend: &dyn Backend) {
    for _ in 0..200 {
        if backend.health().await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the database does not answer again");
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_own_postgres, ignore = "it stops its server, so PostgreSQL must be installed here")]
async fn a_database_that_crashes_under_load_loses_nothing_acknowledged() {
    let server = Server::start(&[]);
    let backend = open(&short_timeouts(&server.new_schema())).await;
    let load = Load::begin(&Store::new(Arc::clone(&backend)));
    for _ in 0..2 {
        tokio::time::sleep(Duration::from_millis(300)).await;
        tokio::task::block_in_place(|| server.crash_and_start());
        answers_again(&*backend).await;
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(load.end(&*backend).await > 50);
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn connections_that_the_database_ends_are_replaced() {
    let server = shared();
    let backend = open(&short_timeouts(&format!("{}&application_name=ended", server.new_schema()))).await;
    let load = Load::begin(&Store::new(Arc::clone(&backend)));
    for _ in 0..5 {
        tokio::time::sleep(Duration::from_millis(150)).await;
        let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ended'";
        tokio::task::block_in_place(|| server.psql(others));
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(load.end(&*backend).await > 50);
    backend.health().await.unwrap();
}

/// Like a full disk or a database that was made read-only: it says no, and the next call may do.
#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn an_error_of_the_database_changes_nothing_and_is_no_end() {
    let server = shared();
    let url = server.new_schema();
    let schema = url.rsplit("%3D").next().unwrap().to_owned();
    let store = Store::new(open(&short_timeouts(&url)).await);
    let alice = Caller { store, account: account(1, "alice"), policy: policy(100) };
    alice.mark(one("bob"), 0, 1).await.unwrap();
    let before = state(alice.store.backend(), &alice.account).await;
    server.psql(&format!(
        "CREATE FUNCTION {schema}.full() RETURNS trigger LANGUAGE plpgsql AS \
         $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$; \
         CREATE TRIGGER full_disk BEFORE INSERT ON {schema}.pinfold_accounts EXECUTE FUNCTION {schema}.full()"
    ));
    let answer = alice.mark(one("carol"), 0, 1).await;
    let Err(UpdateError::Store(StoreError::Failed(text))) = answer else { panic!("{answer:?}") };
    assert_eq!(text, "could not extend file: No space left on device (53100)");
    assert_eq!(state(alice.store.backend(), &alice.account).await, before);
    server.psql(&format!("DROP TRIGGER full_disk ON {schema}.pinfold_accounts"));
    alice.mark(one("carol"), 0, 1).await.unwrap();
}
