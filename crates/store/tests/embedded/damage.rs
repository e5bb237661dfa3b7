//! Rows that pinfold cannot have written: they are reported as damage, never taken for absent.

use std::path::Path;

use fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode};
use pinfold_core::{
    AppId, Arrangement, ChatGroup, ChatGroupKind, ChatGroupSeq, PeerStatus, Profile, Timestamp, Touches,
};
use pinfold_store::embedded::OpenError;
use pinfold_store::{Backend, Commit, Recents, Scope, StoreError, Version};

use super::{open, refusal};
use crate::support::{account, chat_group_id, edit, id, load, mark, marking, name, one};

pub(super) const APP: AppId = AppId(1);

/// A store with one row of every kind, closed.
pub(super) async fn filled(directory: &Path) {
    let backend = open(directory).unwrap();
    edit(&backend, &account(1, "alice"), |draft| {
        draft.import(Profile { nick: "Al".into(), face_url: String::new() });
        let work = draft.create_conversation_group(&name("Work"))?;
        draft.arrange(&one("bob"), Arrangement::default().with_conversation_group(work));
        draft.pin(&one("bob"))
    })
    .await;
    mark(&backend, &account(1, "carol"), &one("bob"), 1).await;
    let (kind, name, owner) = (ChatGroupKind::Public, "Team".to_owned(), None);
    let team = ChatGroup { kind, name, owner, created_at: Timestamp(1), destroyed: false };
    assert_eq!(backend.put_chat_group(APP, &chat_group_id("team"), None, &team).await.unwrap(), Commit::Committed);
    let mut touches = Touches::default();
    touches.one_to_one(&id("alice"), &id("bob"), Timestamp(5));
    touches.in_chat_group(&chat_group_id("team"), None, Timestamp(6));
    backend.touch(APP, &touches).await.unwrap();
    backend.close().await.unwrap();
}

/// Changes one row without the store; `None` removes it.
pub(super) fn write_row(directory: &Path, key: &[u8], value: Option<&[u8]>) {
    without_the_store(directory, |rows| {
        assert!(rows.get(key).unwrap().is_some(), "there is no row {key:?}");
        match value {
            Some(value) => rows.insert(key, value).unwrap(),
            None => rows.remove(key).unwrap(),
        }
    });
}

/// Adds one row.
pub(super) fn write_new_row(directory: &Path, key: &[u8], value: &[u8]) {
    without_the_store(directory, |rows| {
        assert!(rows.get(key).unwrap().is_none(), "there is a row {key:?}");
        rows.insert(key, value).unwrap();
    });
}

fn without_the_store(directory: &Path, write: impl FnOnce(&Keyspace)) {
    let database = Database::builder(directory.join("data")).open().unwrap();
    write(&database.keyspace("rows", KeyspaceCreateOptions::default).unwrap());
    database.persist(PersistMode::SyncAll).unwrap();
}

pub(super) fn alice_row(rest: &[u8]) -> Vec<u8> {
    [b"a\0\0\0\x01\x05alice", rest].concat()
}

pub(super) fn is_damaged<T: std::fmt::Debug>(result: Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::Damaged(_)))
}

/// Empty; a format of the future; cut; a length that promises more than there is.
pub(super) const GARBAGE: [&[u8]; 4] = [b"", b"\x02", b"\x01", b"\x01\xff\xff\xff\xff\x0f"];

#[tokio::test]
async fn a_damaged_row_of_an_account_is_damage_to_all_calls_and_no_other_account_suffers() {
    let rows: [&[u8]; 5] = [b"\0", b"\x01", b"\x02\0\0\0\x01", b"\x03\x01bob", b"\x04\x01bob"];
    let place = tempfile::tempdir().unwrap();
    for (row, garbage) in rows.into_iter().zip(GARBAGE.into_iter().cycle()) {
        std::fs::remove_dir_all(place.path()).unwrap();
        filled(place.path()).await;
        write_row(place.path(), &alice_row(row), Some(garbage));
        let backend = open(place.path()).unwrap();
        let alice = account(1, "alice");
        assert!(is_damaged(backend.load(&alice, &Scope::All).await), "row {row:?}, value {garbage:?}");
        let change = marking(&Default::default(), &one("bob"), 1);
        assert!(is_damaged(backend.commit(&alice, None, Version::numbered(1), change).await), "row {row:?}");
        let status = backend.peer_statuses(APP, &[one("alice")]).await.map(|statuses| statuses.of(&one("alice")));
        assert!(if row == b"\0" { is_damaged(status) } else { status.unwrap() == PeerStatus::Registered });
        assert_eq!(load(&backend, &account(1, "carol")).await.state.records.len(), 1);
    }
}

#[tokio::test]
async fn every_kind_of_garbage_is_damage() {
    let place = tempfile::tempdir().unwrap();
    filled(place.path()).await;
    for garbage in GARBAGE {
        write_row(place.path(), &alice_row(b"\x04\x01bob"), Some(garbage));
        let backend = open(place.path()).unwrap();
        assert!(is_damaged(backend.load(&account(1, "alice"), &Scope::All).await), "{garbage:?}");
        backend.close().await.unwrap();
    }
}

#[tokio::test]
async fn an_account_that_lost_its_head_is_damage_and_not_a_new_account() {
    let place = tempfile::tempdir().unwrap();
    filled(place.path()).await;
    write_row(place.path(), &alice_row(b"\0"), None);
    let backend = open(place.path()).unwrap();
    assert!(is_damaged(backend.load(&account(1, "alice"), &Scope::Head).await));
}

#[tokio::test]
async fn a_damaged_chat_group_is_damage_and_not_an_unknown_one() {
    let place = tempfile::tempdir().unwrap();
    filled(place.path()).await;
    write_row(place.path(), b"g\0\0\0\x01team", Some(b"\x01nonsense"));
    let backend = open(place.path()).unwrap();
    assert!(is_damaged(backend.chat_groups(APP, &[chat_group_id("team")]).await));
    assert!(is_damaged(backend.list_chat_groups(APP, ChatGroupSeq(0), 10).await));
    let (kind, name, owner) = (ChatGroupKind::Work, "New".to_owned(), None);
    let new = ChatGroup { kind, name, owner, created_at: Timestamp(1), destroyed: false };
    assert!(is_damaged(backend.put_chat_group(APP, &chat_group_id("team"), None, &new).await));
}

#[tokio::test]
async fn a_damaged_count_and_a_listed_chat_group_that_is_gone_are_damage() {
    let place = tempfile::tempdir().unwrap();
    filled(place.path()).await;
    write_row(place.path(), b"c\0\0\0\x01", Some(b"\x01"));
    write_row(place.path(), b"g\0\0\0\x01team", None);
    let backend = open(place.path()).unwrap();
    assert!(is_damaged(backend.list_chat_groups(APP, ChatGroupSeq(0), 0).await));
    assert!(is_damaged(backend.list_chat_groups(APP, ChatGroupSeq(0), 10).await));
}

#[tokio::test]
async fn a_store_without_a_readable_number_of_its_last_commit_is_refused() {
    for value in [None, Some(&b"\x02"[..]), Some(b"")] {
        let place = tempfile::tempdir().unwrap();
        filled(place.path()).await;
        write_row(place.path(), b"m", value);
        assert!(matches!(refusal(place.path()), OpenError::Damaged { .. }), "{value:?}");
    }
}
