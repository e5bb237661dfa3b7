//! Rows of what waits that are damaged or alone, and more of them than one look finds.

use std::collections::BTreeMap;
use std::path::Path;

use pinfold_core::{AppId, Revision, TimeMs};
use pinfold_store::{Backend, Life, OnDamage, Outbox, Shares, SnapshotItem};

use super::checks::told;
use super::damage::{write_new_row, write_row};
use super::open;
use crate::support::history::life;
use crate::support::outbox::{mark_unsent, mark_unsent_times, unsent_by, waiting};
use crate::support::{account, delete};

/// The key of a row of this kind that a change of alice has.
fn key(kind: &[u8], life: Life, revision: u32) -> Vec<u8> {
    [kind, b"\0\0\0\x01\x05alice", &life.0.to_be_bytes(), &revision.to_be_bytes()].concat()
}

/// A closed store in which three changes of alice wait; her life.
async fn three(directory: &Path) -> Life {
    let backend = open(directory).unwrap();
    let alice = account(1, "alice");
    mark_unsent_times(&backend, &alice, 3).await;
    let life = life(&backend, &alice).await;
    backend.close().await.unwrap();
    life
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_names_a_change_that_waits_and_is_missing_or_damaged_in_the_history() {
    let place = tempfile::tempdir().unwrap();
    let life = three(place.path()).await;
    assert_eq!(told(place.path()).await, [""; 0]);
    for value in [Some(&b"\x01"[..]), None] {
        write_row(place.path(), &key(b"h", life, 1), value);
        let told = told(place.path()).await;
        let named = "account \"alice\" of app 1: change 1 waits to be sent and is not in its history";
        assert_eq!(told.iter().filter(|told| *told == named).count(), 1, "{told:?}");
    }
    let backend = open(place.path()).unwrap();
    let read = unsent_by(&backend, &account(1, "alice"), 9).await;
    let contents: Vec<_> = read.iter().map(|unsent| (unsent.revision.0, unsent.change.is_some())).collect();
    assert_eq!(contents, [(1, false), (2, true), (3, true)]);
    delete(&backend, &account(1, "alice")).await;
    backend.close().await.unwrap();
    assert_eq!(told(place.path()).await, [""; 0], "what an ended life left is not damage");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_and_is_damaged_is_told_by_a_check_and_kept_from_no_backup() {
    let place = tempfile::tempdir().unwrap();
    let life = three(place.path()).await;
    write_row(place.path(), &key(b"o", life, 2), Some(b"\x01"));
    write_row(place.path(), &key(b"h", life, 3), None);
    let paused = b"w\0\0\0\x01";
    write_new_row(place.path(), paused, b"");
    let told = told(place.path()).await;
    let names = |what: &str| told.iter().any(|told| told.starts_with(what));
    assert!(names("unsent change 2 of account \"alice\" of app 1: damaged data"), "{told:?}");
    assert!(names("the pause of app 1: damaged data"), "{told:?}");
    let backend = open(place.path()).unwrap();
    let mut snapshot = backend.snapshot(None, OnDamage::Stop, false).await.unwrap();
    while let Some(item) = snapshot.next().await.unwrap() {
        assert!(matches!(item, SnapshotItem::Account(..)), "{item:?}");
    }
    assert_eq!(backend.paused_apps().await.unwrap(), [AppId(1)].into());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_is_damaged_holds_up_no_other_and_is_never_too_old() {
    let place = tempfile::tempdir().unwrap();
    let life = three(place.path()).await;
    write_row(place.path(), &key(b"o", life, 1), Some(b"\x01"));
    write_new_row(place.path(), &key(b"o", life, 0), b"\x01\x01");
    write_new_row(place.path(), b"o\0\0\0\x01", b"\x01\x01");
    write_new_row(place.path(), b"o\0\0\0\x01\x05ali", b"\x01\x01");
    let backend = open(place.path()).unwrap();
    mark_unsent(&backend, &account(1, "bob"), 1).await;
    assert_eq!(waiting(&backend, 1).await, [("alice".into(), 1), ("bob".into(), 1)]);
    let read = unsent_by(&backend, &account(1, "alice"), 1).await;
    assert_eq!(read.iter().map(|unsent| unsent.revision).collect::<Vec<_>>(), [1, 2, 3].map(Revision));
    let swept = backend.sweep_unsent(None, 100, &BTreeMap::from([(AppId(1), TimeMs(u64::MAX))])).await.unwrap();
    assert_eq!((swept.given_up, swept.step.last), (3, None), "two of alice, one of bob");
    assert!(swept.step.damage.is_some());
    assert_eq!(waiting(&backend, 1).await, [("alice".into(), 1)]);
    assert_eq!(backend.backlog(AppId(1), 100).await.unwrap().accounts, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_whose_head_is_damaged_waits_for_nothing_and_holds_up_no_other() {
    let place = tempfile::tempdir().unwrap();
    three(place.path()).await;
    write_row(place.path(), b"a\0\0\0\x01\x05alice\0", Some(b"\x07"));
    let backend = open(place.path()).unwrap();
    mark_unsent(&backend, &account(1, "bob"), 1).await;
    assert_eq!(waiting(&backend, 1).await, [("bob".into(), 1)]);
    assert_eq!(unsent_by(&backend, &account(1, "alice"), 9).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_unsent_changes_than_one_look_finds_are_swept_in_one_step() {
    const CHANGES: u32 = 5000;
    let place = tempfile::tempdir().unwrap();
    let life = three(place.path()).await;
    let database = fjall::Database::builder(place.path().join("data")).open().unwrap();
    let rows = database.keyspace("rows", fjall::KeyspaceCreateOptions::default).unwrap();
    for revision in 4..=CHANGES {
        rows.insert(key(b"o", life, revision), b"\x01\x07").unwrap();
    }
    database.persist(fjall::PersistMode::SyncAll).unwrap();
    drop((rows, database));
    let backend = open(place.path()).unwrap();
    mark_unsent(&backend, &account(1, "bob"), 1).await;
    delete(&backend, &account(1, "alice")).await;
    let page = backend.waiting(AppId(1), Shares::ALL, None, 9).await.unwrap();
    assert_eq!(page.accounts.len(), 1, "one look steps over all that an account left");
    let swept = backend.sweep_unsent(None, 256, &BTreeMap::new()).await.unwrap();
    assert_eq!((swept.step.removed, swept.given_up), (u64::from(CHANGES), 0));
    assert_eq!(backend.backlog(AppId(1), u64::MAX).await.unwrap().changes, 1);
}
