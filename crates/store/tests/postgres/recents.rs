//! The list of recent conversations in rows of its own: what reads accounts meets none of them, and what ended lives
//! left is not shown and goes.

use std::sync::Arc;

use pinfold_core::{AppId, Conversation, RecentEntry, Timestamp, Touches};
use pinfold_store::postgres::Settings;
use pinfold_store::{AccountKey, Backend, OnDamage, Scope, SnapshotItem, SweepStep, Touched, check};
use tokio_postgres::NoTls;

use super::support::postgres::shared;
use super::support::{account, chat_group, chat_group_id, delete, id, load, mark, one};
use super::{open, short_timeouts};

const APP: AppId = AppId(1);

pub(crate) fn entry(conversation: Conversation, at: u32) -> RecentEntry {
    RecentEntry { conversation, at: Timestamp(at) }
}

/// A message between two accounts.
pub(crate) fn message(at: u32) -> Touches {
    let mut touches = Touches::default();
    touches.one_to_one(&id("alice"), &id("bob"), Timestamp(at));
    touches.one_to_one(&id("bob"), &id("alice"), Timestamp(at));
    touches
}

/// A message of alice in a chat group.
pub(crate) fn group_message(at: u32) -> Touches {
    let mut touches = Touches::default();
    touches.in_chat_group(&chat_group_id("team"), Some(&id("alice")), Timestamp(at));
    touches
}

/// Conversations that alice has entries of.
fn of_alice(conversations: impl Iterator<Item = Conversation>) -> Touches {
    let entries = conversations.map(|conversation| (id("alice"), entry(conversation, 5))).collect();
    Touches { entries, ..Touches::default() }
}

pub(crate) async fn entries(backend: &dyn Backend, account: &AccountKey) -> Vec<RecentEntry> {
    let life = load(backend, account).await.version.unwrap().life;
    let mut entries = backend.entries(account, life).await.unwrap().to_vec();
    entries.sort();
    entries
}

pub(crate) fn schema(url: &str) -> &str {
    url.rsplit("%3D").next().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn what_reads_accounts_meets_no_entry() {
    let url = shared().new_schema();
    for (bits, copies_bytes_max) in [(1, 1 << 20), (2, 0)] {
        let backend = open(&Settings { copies_bytes_max, ..short_timeouts(&url) }).await;
        let alice = account(1, "alice");
        mark(&*backend, &alice, &one("bob"), bits).await;
        let peers: Vec<_> =
            (0..40).map(|n| one(&format!("peer {n}"))).chain([chat_group("team"), one("bob")]).collect();
        backend.touch(APP, &of_alice(peers.iter().cloned())).await.unwrap();
        let [few, chat_groups] = [peers[..3].to_vec(), vec![chat_group("team")]];
        for scope in [
            Scope::All,
            Scope::Head,
            Scope::Conversations(vec![one("bob")]),
            Scope::Conversations(few),
            Scope::Conversations(chat_groups),
            Scope::Conversations(peers),
        ] {
            let loaded = backend.load(&alice, &scope).await.unwrap();
            assert!(loaded.state.records.len() <= 1, "{scope:?}");
        }
        for app in [None, Some(APP)] {
            assert_eq!(backend.list_accounts(app, None, 9).await.unwrap(), std::slice::from_ref(&alice));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn a_call_may_touch_more_entries_of_an_account_than_fit_into_a_statement() {
    let backend = open(&short_timeouts(&shared().new_schema())).await;
    mark(&*backend, &account(1, "alice"), &one("bob"), 1).await;
    for (count, grown) in [(500, vec![id("alice")]), (1001, vec![id("alice")]), (1001, vec![])] {
        let touches = of_alice((0..count).map(|n| one(&format!("peer {n}"))));
        let touched = backend.touch(APP, &touches).await.unwrap();
        assert_eq!(touched, Touched { absent: Vec::new(), grown });
        assert_eq!(entries(&*backend, &account(1, "alice")).await.len(), count);
    }
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn an_account_that_another_instance_made_anew_gets_the_touches_of_this_one() {
    let url = shared().new_schema();
    let (first, second) = (open(&short_timeouts(&url)).await, open(&short_timeouts(&url)).await);
    let alice = account(1, "alice");
    for bits in 1..5 {
        mark(&*first, &alice, &one("bob"), bits).await;
    }
    delete(&*second, &alice).await;
    mark(&*second, &alice, &one("bob"), 1).await;
    first.touch(APP, &of_alice([one("carol")].into_iter())).await.unwrap();
    assert_eq!(entries(&*second, &alice).await, [entry(one("carol"), 5)]);
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn a_snapshot_has_each_entry_once_of_accounts_with_more_than_are_read_together() {
    const ENTRIES: usize = 1500;
    let backend = open(&short_timeouts(&shared().new_schema())).await;
    let mut expected = Vec::new();
    for name in ["alice", "bob"] {
        mark(&*backend, &account(1, name), &one("peer"), 1).await;
        let peers = (0..ENTRIES).map(|n| if n % 2 == 0 { one(&format!("{n}")) } else { chat_group(&format!("{n}")) });
        let entries: Vec<_> = peers.map(|peer| (id(name), entry(peer, 5))).collect();
        expected.extend(entries.iter().map(|(_, entry)| (account(1, name), entry.clone())));
        backend.touch(APP, &Touches { entries, ..Touches::default() }).await.unwrap();
    }
    let mut snapshot = backend.snapshot(None, OnDamage::Stop, false).await.unwrap();
    let mut found = Vec::new();
    while let Some(item) = snapshot.next().await.unwrap() {
        if let SnapshotItem::Entry(account, entry) = item {
            found.push((account, entry));
        }
    }
    expected.sort();
    found.sort();
    assert!(found == expected, "{} of {}", found.len(), expected.len());
}

/// A database where touches came too late: for an account that was made anew, and for the only one of another app.
async fn with_leftovers() -> (String, Arc<dyn Backend>) {
    let url = shared().new_schema();
    let backend = open(&short_timeouts(&url)).await;
    for name in ["alice", "bob"] {
        mark(&*backend, &account(1, name), &one("peer"), 1).await;
    }
    backend.touch(APP, &message(5)).await.unwrap();
    for (app, account, key) in [(1, "alice", "00000000000000ffgone"), (7, "gone", "00000000000000ffpeer")] {
        shared().psql(&format!(
            "INSERT INTO {}.pinfold_accounts (app, account, kind, key, changed_at) \
             VALUES ({app}, '{account}', 6, '{key}', 9)",
            schema(&url)
        ));
    }
    (url, backend)
}

/// Takes the lock that a sweep works under.
pub(crate) const SWEEP_LOCK: &str = "SELECT pg_advisory_xact_lock('pinfold_accounts'::regclass::oid::bigint)";

fn rows_of_entries(url: &str) -> String {
    shared().psql(&format!("SELECT count(*) FROM {}.pinfold_accounts WHERE kind IN (6, 7)", schema(url)))
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn what_ended_lives_left_is_not_shown_and_is_swept() {
    let (url, backend) = with_leftovers().await;
    assert_eq!(entries(&*backend, &account(1, "alice")).await, [entry(one("bob"), 5)]);
    assert_eq!(backend.list_apps(None, 9).await.unwrap(), [APP]);
    let mut snapshot = backend.snapshot(None, OnDamage::Stop, false).await.unwrap();
    let mut found = Vec::new();
    while let Some(item) = snapshot.next().await.unwrap() {
        found.extend(matches!(item, SnapshotItem::Entry(..)).then(|| format!("{item:?}")));
    }
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(rows_of_entries(&url), "4");
    let swept = backend.sweep(None, 1000).await.unwrap();
    assert_eq!((swept, rows_of_entries(&url)), (SweepStep { removed: 2, ..SweepStep::default() }, "2".to_owned()));
    assert_eq!(entries(&*backend, &account(1, "alice")).await, [entry(one("bob"), 5)]);
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn a_step_of_a_sweep_counts_accounts_and_not_their_rows() {
    let (_, backend) = with_leftovers().await;
    backend.touch(APP, &of_alice((0..40).map(|n| one(&format!("peer {n}"))))).await.unwrap();
    let first = backend.sweep(None, 2).await.unwrap();
    assert_eq!(first, SweepStep { removed: 1, last: Some(account(1, "bob")), damage: None });
    assert_eq!(
        backend.sweep(first.last.as_ref(), 2).await.unwrap(),
        SweepStep { removed: 1, last: None, damage: None }
    );
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn an_account_with_a_damaged_id_does_not_stop_the_sweep() {
    let (url, backend) = with_leftovers().await;
    let id = format!("UPDATE {}.pinfold_accounts SET account = repeat('b', 999) WHERE account = 'bob'", schema(&url));
    shared().psql(&id);
    let first = backend.sweep(None, 2).await.unwrap();
    assert_eq!(first, SweepStep { removed: 1, last: Some(account(1, "alice")), damage: None });
    assert_eq!(
        backend.sweep(first.last.as_ref(), 2).await.unwrap(),
        SweepStep { removed: 1, last: None, damage: None }
    );
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn a_sweep_is_left_to_the_instance_that_is_at_it() {
    let (url, backend) = with_leftovers().await;
    let (mut other, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
    tokio::spawn(connection);
    let transaction = other.transaction().await.unwrap();
    transaction.batch_execute(SWEEP_LOCK).await.unwrap();
    for after in [None, Some(account(1, "alice"))] {
        let left = SweepStep { last: after.clone(), ..SweepStep::default() };
        assert_eq!(backend.sweep(after.as_ref(), 1000).await.unwrap(), left, "the round goes on where it was");
    }
    transaction.rollback().await.unwrap();
    assert_eq!(backend.sweep(None, 1000).await.unwrap().removed, 2);
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn an_entry_or_a_time_that_cannot_be_read_is_told_and_no_other_is_lost() {
    let (url, backend) = with_leftovers().await;
    backend.touch(APP, &group_message(5)).await.unwrap();
    let schema = schema(&url);
    shared().psql(&format!("UPDATE {schema}.pinfold_accounts SET changed_at = -1 WHERE account = 'bob' AND kind = 6"));
    shared().psql(&format!("INSERT INTO {schema}.pinfold_chat_group_times VALUES (1, 'damaged', -1)"));
    let mut told = Vec::new();
    let checked = check(&*backend, |_| (), |damage| told.push(format!("{}: {}", damage.what, damage.problem)));
    let checked = checked.await.unwrap();
    assert_eq!((checked.accounts, checked.entries, checked.chat_group_times, checked.damaged), (2, 2, 1, 2));
    let expected = [
        "account \"bob\" of app 1: damaged data: -1 is out of range",
        "chat group \"damaged\" of app 1: damaged data: -1 is out of range",
    ];
    assert_eq!(told, expected);
}
