//! What waits to be sent, in rows of its own: an index finds it, updates stay cheap, what is damaged is told, and what one
//! instance commits waits for all.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use pinfold_core::{AppId, Revision, TimeMs};
use pinfold_store::{AccountKey, Backend, Life, PageBounds, SentChange, Shares, UnsentSweep, check};
use tokio_postgres::NoTls;

use super::recents::{SWEEP_LOCK, schema};
use super::support::account;
use super::support::history::{life, mark_kept};
use super::support::outbox::{mark_unsent, mark_unsent_times, remove_sent, unsent, waiting};
use super::support::postgres::shared;
use super::{open, short_timeouts};

const APP: AppId = AppId(1);

/// Has so many changes of some accounts wait, from revision and millisecond 1 on, without writing a history.
fn insert(url: &str, accounts: &str, changes: u32) {
    shared().psql(&format!(
        "INSERT INTO {0}.pinfold_accounts (app, account, kind, key, change, changed_at) SELECT app, account, 9, \
         lpad(to_hex(coalesce(life, 0)), 16, '0') || lpad(to_hex(n), 8, '0'), n, n \
         FROM {0}.pinfold_accounts, generate_series(1, {changes}) AS n WHERE kind = 0 AND account LIKE '{accounts}'",
        schema(url)
    ));
}

/// Makes accounts `peer 1` and on, as version 0.1.0 did: their life is 0.
fn insert_peers(url: &str, peers: u32) {
    shared().psql(&format!(
        "INSERT INTO {}.pinfold_accounts (app, account, kind, key, version, imported) \
         SELECT 1, 'peer ' || n, 0, '', 1, true FROM generate_series(1, {peers}) AS n",
        schema(url)
    ));
}

/// Waits until the server has counted something.
async fn counted<T>(url: &str, what: &str, of: impl Fn(&str) -> Option<T>) -> T {
    for _ in 0..200 {
        let counts = shared().psql(&format!("SELECT {what} AND schemaname = '{}'", schema(url)));
        if let Some(found) = of(&counts) {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the server does not count {what}");
}

fn numbers(text: &str) -> Vec<u64> {
    text.split('|').map(|number| number.parse().unwrap_or(0)).collect()
}

/// Scans of the index of what waits, and rows of its table that were read without any index.
async fn scans(url: &str, of: impl Fn(u64) -> bool) -> (u64, u64) {
    let what = "idx_scan, (SELECT seq_tup_read FROM pg_stat_user_tables AS t WHERE t.relid = i.relid) \
        FROM pg_stat_user_indexes AS i WHERE indexrelname = 'pinfold_unsent'";
    let found = |text: &str| {
        let found = numbers(text);
        of(found[0]).then(|| (found[0], found[1]))
    };
    counted(url, what, found).await
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn what_waits_is_found_by_its_index_and_not_among_all_accounts() {
    let url = shared().new_schema();
    let backend = open(&short_timeouts(&url)).await;
    insert_peers(&url, 20_000);
    mark_unsent(&*backend, &account(1, "alice"), 1).await;
    let before = scans(&url, |_| true).await;
    assert_eq!(waiting(&*backend, 1).await, [("alice".into(), 1)]);
    assert_eq!(backend.backlog(APP, 100).await.unwrap().changes, 1);
    assert_eq!(backend.sweep_unsent(None, 100, &BTreeMap::from([(APP, TimeMs(1))])).await.unwrap().step.removed, 0);
    let after = scans(&url, |scans| scans >= before.0 + 4).await;
    assert_eq!(after.1, 0, "accounts");
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn the_head_of_an_account_whose_changes_are_sent_is_updated_within_its_page() {
    const MARKS: u64 = 40;
    let url = shared().new_schema();
    let backend = open(&short_timeouts(&url)).await;
    mark_unsent_times(&*backend, &account(1, "alice"), MARKS).await;
    let what = "n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'pinfold_accounts'";
    let updates = counted(&url, what, |text| Some(numbers(text)).filter(|counts| counts[0] >= MARKS - 1)).await;
    // Now and then a page is full.
    assert!(updates[1] * 10 >= updates[0] * 8, "{updates:?}");
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn what_one_instance_commits_waits_for_all_and_what_one_removes_waits_for_none() {
    let url = shared().new_schema();
    let (first, second) = (open(&short_timeouts(&url)).await, open(&short_timeouts(&url)).await);
    let alice = account(1, "alice");
    mark_unsent(&*first, &alice, 1).await;
    mark_unsent(&*second, &alice, 2).await;
    for instance in [&first, &second] {
        assert_eq!(unsent(&**instance, &alice).await, [1, 2]);
    }
    remove_sent(&*first, &alice, life(&*first, &alice).await, &[1, 2]).await;
    assert_eq!(waiting(&*second, 1).await, []);
    first.set_paused(APP, true).await.unwrap();
    assert_eq!(second.paused_apps().await.unwrap(), [APP].into());
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn changes_of_many_accounts_are_removed_in_one_call_whether_accounts_are_on_shards_or_not() {
    const PEERS: u32 = 400;
    const MANY: u32 = 300;
    for is_sharded in [false, true] {
        let url = shared().new_schema();
        let backend = open(&short_timeouts(&url)).await;
        insert_peers(&url, PEERS);
        insert(&url, "peer %", 1);
        if is_sharded {
            let schema = schema(&url);
            shared().psql(&format!("CREATE TABLE {schema}.pg_dist_partition (logicalrelid regclass)"));
            shared().psql(&format!("INSERT INTO {schema}.pg_dist_partition VALUES ('{schema}.pinfold_accounts')"));
        }
        let alice = account(1, "alice");
        mark_kept(&*backend, &alice, 1).await;
        insert(&url, "alice", MANY);
        let sent = |account: AccountKey, life, revision| SentChange { account, life, revision: Revision(revision) };
        let life = life(&*backend, &alice).await;
        let of_alice = (1..MANY).map(|revision| sent(alice.clone(), life, revision));
        let of_peers = (2..=PEERS).map(|n| sent(account(1, &format!("peer {n}")), Life(0), 1));
        backend.remove_sent(&of_alice.chain(of_peers).collect::<Vec<_>>()).await.unwrap();
        assert_eq!(waiting(&*backend, 1).await, [("alice".to_owned(), MANY), ("peer 1".to_owned(), 1)]);
    }
}

async fn sweep(backend: &dyn Backend, after: Option<&AccountKey>, rows_max: usize, not_before: u64) -> UnsentSweep {
    backend.sweep_unsent(after, rows_max, &BTreeMap::from([(APP, TimeMs(not_before))])).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn a_step_of_a_sweep_looks_at_a_bounded_number_of_rows_and_gives_up_all_of_an_account() {
    const MANY: u32 = 3000;
    let url = shared().new_schema();
    let backend = open(&short_timeouts(&url)).await;
    insert_peers(&url, 3);
    insert(&url, "peer %", MANY);
    let (mut steps, mut after) = (Vec::new(), None);
    for _ in 0..20 {
        let step = sweep(&*backend, after.as_ref(), 10, u64::from(MANY)).await;
        steps.push((step.given_up, step.step.last.clone()));
        after = step.step.last;
        if after.is_none() {
            break;
        }
    }
    let given_up: u64 = steps.iter().map(|(given_up, _)| given_up).sum();
    assert_eq!(given_up, 3 * u64::from(MANY - 1), "{steps:?}");
    assert!(steps.len() > 3, "{steps:?}");
    assert_eq!(waiting(&*backend, 1).await, ["peer 1", "peer 2", "peer 3"].map(|name| (name.to_owned(), MANY)));
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn a_sweep_of_what_waits_is_left_to_the_instance_that_is_at_it() {
    let url = shared().new_schema();
    let backend = open(&short_timeouts(&url)).await;
    mark_unsent(&*backend, &account(1, "alice"), 1).await;
    let (mut other, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
    tokio::spawn(connection);
    let transaction = other.transaction().await.unwrap();
    transaction.batch_execute(SWEEP_LOCK).await.unwrap();
    assert_eq!(sweep(&*backend, None, 100, u64::MAX).await, UnsentSweep::default());
    transaction.rollback().await.unwrap();
    assert_eq!(sweep(&*backend, None, 100, u64::MAX).await.given_up, 1);
}

/// Three changes of alice, of which the second one has no change any more or one that cannot be read.
async fn damaged(sql: &str) -> (Arc<dyn Backend>, AccountKey) {
    let url = shared().new_schema();
    let (backend, alice) = (open(&short_timeouts(&url)).await, account(1, "alice"));
    mark_unsent_times(&*backend, &alice, 3).await;
    shared().psql(&sql.replace("pinfold_accounts", &format!("{}.pinfold_accounts", schema(&url))));
    (backend, alice)
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn a_change_that_is_missing_or_damaged_waits_without_content_and_holds_up_no_other() {
    for sql in [
        "DELETE FROM pinfold_accounts WHERE kind = 8 AND change = 2",
        "UPDATE pinfold_accounts SET data = '\\x09' WHERE kind = 8 AND change = 2",
    ] {
        let (backend, alice) = damaged(sql).await;
        let bounds = PageBounds { count_max: 9, bytes_max: usize::MAX };
        let page = backend.unsent(&alice, None, bounds).await.unwrap();
        let found: Vec<_> = page.changes.iter().map(|unsent| (unsent.revision.0, unsent.change.is_some())).collect();
        assert_eq!((found, page.is_last), (vec![(1, true), (2, false), (3, true)], true), "{sql}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn a_change_whose_time_is_missing_waits_and_is_never_too_old() {
    let (backend, alice) = damaged("UPDATE pinfold_accounts SET changed_at = NULL WHERE kind = 9 AND change = 1").await;
    let page = backend.waiting(alice.app, Shares::ALL, None, 9).await.unwrap();
    assert_eq!(page.accounts.iter().map(|waiting| waiting.since).collect::<Vec<_>>(), [TimeMs(u64::MAX)]);
    let bounds = PageBounds { count_max: 9, bytes_max: usize::MAX };
    assert_eq!(backend.unsent(&alice, None, bounds).await.unwrap().changes.len(), 3);
    assert_eq!(sweep(&*backend, None, 9, u64::MAX).await.given_up, 2);
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn a_check_names_what_waits_without_its_change() {
    let (backend, _) = damaged("DELETE FROM pinfold_accounts WHERE kind = 8 AND change = 2").await;
    let mut told = Vec::new();
    check(&*backend, |_| (), |damage| told.push(format!("{}: {}", damage.what, damage.problem))).await.unwrap();
    let expected = "account \"alice\" of app 1: change 2 waits to be sent and is not in its history";
    assert!(told.iter().any(|told| told == expected), "{told:?}");
}
