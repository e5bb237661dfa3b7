//! Entries of recent conversations and times of chat groups: damaged rows, bounds, and large sweeps.

use std::path::Path;
use std::sync::Arc;

use futures_util::future::join_all;
use pinfold_core::{RecentEntry, Timestamp, Touches};
use pinfold_store::embedded::Settings;
use pinfold_store::{
    AccountKey, Apps as _, Backend, Embedded, Life, OnDamage, Recents, Scope, SnapshotItem, StoreError, SweepStep,
    Touched, drop_app,
};

use super::checks::told_after;
use super::damage::{APP, GARBAGE, alice_row, filled, is_damaged, write_new_row, write_row};
use super::open;
use crate::support::{account, chat_group_id, delete, id, mark, one};

/// Touches the entry of bob of each of these accounts of app 1.
pub(super) async fn touch(backend: &Embedded, accounts: &[&str], at: u32) -> Result<Touched, StoreError> {
    let entry = |name: &&str| (id(name), RecentEntry { conversation: one("bob"), at: Timestamp(at) });
    let touches = Touches { entries: accounts.iter().map(entry).collect(), chat_groups: Vec::new() };
    backend.touch(APP, &touches).await
}

pub(super) async fn life(backend: &Embedded, account: &AccountKey) -> Life {
    backend.load(account, &Scope::Head).await.unwrap().version.unwrap().life
}

/// The key of alice's entry of bob in a filled store.
async fn entry_row(directory: &Path) -> Vec<u8> {
    let backend = open(directory).unwrap();
    let life = life(&backend, &account(1, "alice")).await;
    backend.close().await.unwrap();
    [b"e\0\0\0\x01\x05alice", &life.0.to_be_bytes()[..], b"\x01bob"].concat()
}

/// The report of a filled store in which alice's entry has this value.
async fn told_of_entry(value: &[u8]) -> Vec<String> {
    let place = tempfile::tempdir().unwrap();
    filled(place.path()).await;
    write_row(place.path(), &entry_row(place.path()).await, Some(value));
    super::checks::told(place.path()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_that_does_not_decode_is_told_with_its_account_and_conversation() {
    for garbage in GARBAGE {
        let told = told_of_entry(garbage).await;
        assert_eq!(told.len(), 1, "{told:?}");
        let entry = "the entry (one-to-one with \"bob\") of account \"alice\" of app 1: damaged data: ";
        assert!(told[0].starts_with(entry), "{told:?}");
    }
    let told = told_of_entry(b"\x01\0").await;
    let never = "the entry (one-to-one with \"bob\") of account \"alice\" of app 1: damaged data: at is 0, and must be from 1 to 2147483647";
    assert_eq!(told, [never]);
}

/// A view of the list then need not sort it at each call.
#[tokio::test(flavor = "multi_thread")]
async fn a_list_has_the_order_in_which_it_is_shown() {
    let place = tempfile::tempdir().unwrap();
    let (backend, alice) = (open(place.path()).unwrap(), account(1, "alice"));
    mark(&backend, &alice, &one("bob"), 1).await;
    let shown = [("zoe", 3), ("amy", 5), ("bob", 5), ("carol", 9)];
    let shown = shown.map(|(peer, at)| RecentEntry { conversation: one(peer), at: Timestamp(at) });
    let entries = shown.iter().rev().map(|entry| (alice.account.clone(), entry.clone())).collect();
    backend.touch(APP, &Touches { entries, chat_groups: Vec::new() }).await.unwrap();
    assert_eq!(*backend.entries(&alice, life(&backend, &alice).await).await.unwrap(), shown);
}

/// Every one of them takes the list of the others out of the cache, and puts it back.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_that_touch_one_list_and_read_it_at_once_each_reads_what_it_touched() {
    let place = tempfile::tempdir().unwrap();
    let (backend, alice) = (Arc::new(open(place.path()).unwrap()), account(1, "alice"));
    mark(&*backend, &alice, &one("bob"), 1).await;
    let life = life(&backend, &alice).await;
    let touching = (0..4).map(|peer| {
        let (backend, alice, peer) = (Arc::clone(&backend), alice.clone(), one(&format!("peer {peer}")));
        tokio::spawn(async move {
            for at in 1..=50 {
                let entry = RecentEntry { conversation: peer.clone(), at: Timestamp(at) };
                let touches =
                    Touches { entries: vec![(alice.account.clone(), entry.clone())], chat_groups: Vec::new() };
                backend.touch(APP, &touches).await.unwrap();
                let list = backend.entries(&alice, life).await.unwrap();
                assert!(list.contains(&entry), "{entry:?} is not in {list:?}");
            }
        })
    });
    for ended in join_all(touching.collect::<Vec<_>>()).await {
        ended.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_of_entries_and_of_times_that_are_malformed_are_told() {
    let life = b"12345678";
    let (alice, nothing) = (&b"e\0\0\0\x01\x05alice"[..], &b""[..]);
    let of_entries = [
        b"e\0\0\0\x01\x05al".to_vec(),
        [alice, nothing].concat(),
        [alice, life].concat(),
        [alice, life, b"\x03bob"].concat(),
        [alice, life, b"\x01"].concat(),
    ];
    for key in of_entries {
        let told = told_after(|store| write_new_row(store, &key, b"\x01\x05")).await;
        assert!(told.len() == 1 && told[0].ends_with("is not a key of an entry"), "{told:?}");
    }
    for key in [&b"t\0\0\0\x01"[..], b"t\0\0\0\x01\xff"] {
        let told = told_after(|store| write_new_row(store, key, b"\x01\x05")).await;
        assert!(told.len() == 1 && told[0].ends_with("is not a key of a row"), "{told:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_of_a_chat_group_that_does_not_decode_is_told_with_the_chat_group() {
    for value in [&b"\x02"[..], b"\x01\0", b"\x01\xff\xff\xff\xff\x0f"] {
        let told = told_after(|store| write_row(store, b"t\0\0\0\x01team", Some(value))).await;
        assert!(
            told.len() == 1 && told[0].starts_with("the time of chat group \"team\" of app 1: damaged"),
            "{told:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_of_a_life_that_has_ended_are_no_damage() {
    let row = [b"e\0\0\0\x01\x05alice", &b"12345678"[..], b"\x01bob"].concat();
    assert_eq!(told_after(|store| write_new_row(store, &row, b"\x01\x05")).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_entry_is_damage_to_what_reads_it_and_no_other_entry_suffers() {
    let place = tempfile::tempdir().unwrap();
    filled(place.path()).await;
    write_row(place.path(), &entry_row(place.path()).await, Some(b"\x02"));
    write_row(place.path(), b"t\0\0\0\x01team", Some(b"\x02"));
    let backend = open(place.path()).unwrap();
    let alice = account(1, "alice");
    let life = life(&backend, &alice).await;
    assert!(is_damaged(backend.entries(&alice, life).await));
    assert!(is_damaged(backend.entry(&alice, life, &one("bob")).await));
    assert!(is_damaged(backend.chat_group_times(APP, &[chat_group_id("team")]).await));
    assert_eq!(backend.entry(&alice, life, &one("carol")).await.unwrap(), None);
    assert!(touch(&backend, &["carol"], 9).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_whose_head_is_damaged_is_told_at_its_entries_if_a_snapshot_begins_after_it() {
    let place = tempfile::tempdir().unwrap();
    filled(place.path()).await;
    write_row(place.path(), &alice_row(b"\0"), Some(b"\x02"));
    let backend = open(place.path()).unwrap();
    for (after, place) in [
        (None, "account \"alice\" of app 1"),
        (Some(account(1, "zelda")), "the entry (one-to-one with \"bob\") of account \"alice\" of app 1"),
    ] {
        let mut snapshot = backend.snapshot(after.as_ref(), OnDamage::Skip, false).await.unwrap();
        let mut told = Vec::new();
        while let Some(item) = snapshot.next().await.unwrap() {
            if let SnapshotItem::Damage(damage) = item {
                told.push(damage.what);
            }
        }
        assert_eq!(told, [place]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_touch_replaces_a_time_that_does_not_decode() {
    let place = tempfile::tempdir().unwrap();
    filled(place.path()).await;
    write_row(place.path(), &entry_row(place.path()).await, Some(b"\x02"));
    write_row(place.path(), b"t\0\0\0\x01team", Some(b"\x02"));
    let backend = open(place.path()).unwrap();
    let (alice, mut touches) = (account(1, "alice"), Touches::default());
    touches.one_to_one(&alice.account, &id("bob"), Timestamp(3));
    touches.in_chat_group(&chat_group_id("team"), None, Timestamp(4));
    backend.touch(APP, &touches).await.unwrap();
    let kept = backend.entry(&alice, life(&backend, &alice).await, &one("bob")).await.unwrap();
    assert_eq!(kept, Some(Timestamp(3)));
    assert_eq!(backend.chat_group_times(APP, &[chat_group_id("team")]).await.unwrap(), [Some(Timestamp(4))]);
}

/// As more writes of accounts than may wait.
#[tokio::test]
async fn more_touches_than_may_wait_are_refused_as_overload_and_the_others_are_kept() {
    for settings in
        [Settings { waiting_max: 1, ..Settings::default() }, Settings { waiting_bytes_max: 1, ..Settings::default() }]
    {
        let place = tempfile::tempdir().unwrap();
        let backend = Embedded::open(place.path(), &settings).unwrap();
        let names: Vec<_> = (0..500).map(|n| format!("account {n}")).collect();
        for name in &names {
            mark(&backend, &account(1, name), &one("bob"), 1).await;
        }
        let touched = join_all(names.iter().map(async |name| touch(&backend, &[name], 5).await)).await;
        let mut kept = 0;
        for (name, touched) in names.iter().zip(&touched) {
            let key = account(1, name);
            let at = backend.entry(&key, life(&backend, &key).await, &one("bob")).await.unwrap();
            assert_eq!(at.is_some(), touched.is_ok(), "{touched:?}");
            let is_overload = |error: &StoreError| {
                matches!(error, StoreError::Overloaded { .. } | StoreError::OverloadedBytes { .. })
            };
            assert!(touched.as_ref().err().is_none_or(is_overload), "{touched:?}");
            kept += usize::from(touched.is_ok());
        }
        assert!(kept > 0 && kept < names.len(), "{kept} of {} were kept", names.len());
        assert_eq!(backend.stats().await.writer.unwrap().waiting_bytes, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_left_more_than_one_look_finds_is_swept_in_one_step() {
    let place = tempfile::tempdir().unwrap();
    let backend = open(place.path()).unwrap();
    let left = 5000;
    for name in ["alice", "zelda"] {
        mark(&backend, &account(1, name), &one("peer"), 1).await;
    }
    let entry = |n| (id("alice"), RecentEntry { conversation: one(&format!("peer {n}")), at: Timestamp(5) });
    let touches = Touches { entries: (0..left).map(entry).collect(), chat_groups: Vec::new() };
    backend.touch(APP, &touches).await.unwrap();
    touch(&backend, &["zelda"], 5).await.unwrap();
    delete(&backend, &account(1, "alice")).await;
    let swept = backend.sweep(None, 10).await.unwrap();
    assert_eq!(swept, SweepStep { removed: left, last: Some(account(1, "alice")), damage: None });
    let swept = backend.sweep(swept.last.as_ref(), 10).await.unwrap();
    assert_eq!(swept, SweepStep::default());
    let zelda = account(1, "zelda");
    assert_eq!(backend.entries(&zelda, life(&backend, &zelda).await).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_damaged_is_left_by_a_sweep_and_told_and_what_comes_after_it_is_swept() {
    let place = tempfile::tempdir().unwrap();
    filled(place.path()).await;
    let entry = |name: &[u8], life: &[u8], peer: &[u8]| [b"e\0\0\0\x01", name, life, peer].concat();
    let (ended, time) = (b"12345678", b"\x01\x05");
    write_row(place.path(), &alice_row(b"\0"), Some(b"\x02"));
    write_new_row(place.path(), &entry(b"\x05carol", ended, b"\x01bob"), b"\x02");
    write_new_row(place.path(), &entry(b"\x05carol", ended, b"\x01eve"), time);
    write_new_row(place.path(), &entry(b"\x05dave", b"", b""), time);
    write_new_row(place.path(), &entry(b"\x05zelda", ended, b"\x01bob"), time);
    let backend = open(place.path()).unwrap();
    let swept = backend.sweep(None, 100).await.unwrap();
    assert_eq!((swept.removed, swept.last), (2, None));
    assert_eq!(swept.damage.unwrap().what, "account \"alice\" of app 1");
    let damaged_after = async |name| backend.sweep(Some(&account(1, name)), 100).await.unwrap().damage.unwrap().what;
    assert_eq!(damaged_after("alice").await, "the entry (one-to-one with \"bob\") of account \"carol\" of app 1");
    let malformed = damaged_after("carol").await;
    assert!(malformed.starts_with("the row ["), "{malformed}");
}

/// So that a drop of the app that was interrupted before it swept goes on when it is run again.
#[tokio::test(flavor = "multi_thread")]
async fn an_app_of_which_entries_are_left_is_listed_until_it_is_swept() {
    let place = tempfile::tempdir().unwrap();
    let backend = open(place.path()).unwrap();
    mark(&backend, &account(1, "alice"), &one("bob"), 1).await;
    touch(&backend, &["alice"], 5).await.unwrap();
    delete(&backend, &account(1, "alice")).await;
    assert_eq!(backend.list_apps(None, 9).await.unwrap(), [APP]);
    drop_app(&backend, APP, |_| ()).await.unwrap();
    assert_eq!(backend.list_apps(None, 9).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn touches_without_a_later_time_are_answered_without_a_batch() {
    let place = tempfile::tempdir().unwrap();
    let backend = open(place.path()).unwrap();
    mark(&backend, &account(1, "alice"), &one("bob"), 1).await;
    touch(&backend, &["alice"], 5).await.unwrap();
    let batches = async || backend.stats().await.writer.unwrap().batches.count();
    let before = batches().await;
    for at in [5, 4] {
        assert_eq!(touch(&backend, &["alice"], at).await.unwrap(), Touched::default());
    }
    assert_eq!(batches().await, before);
    touch(&backend, &["alice"], 6).await.unwrap();
    assert_eq!(batches().await, before + 1);
}
