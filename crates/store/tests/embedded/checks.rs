//! The check of a store: each kind of damage is found, with the account it touches, and nothing else is.

use std::fs;
use std::path::Path;

use pinfold_core::{AccountState, ConversationGroupId, GroupName, StateDiff};
use pinfold_store::embedded::check_files;
use pinfold_store::{Backend, Damage, Version, check};

use super::damage::{alice_row, filled, write_new_row, write_row};
use super::{open, support};
use crate::support::{account, edit, marking, marks, one};

/// Accounts of a store with tables of many blocks.
const MANY: u32 = 3000;

/// The damage that a check of the opened store reports, with the number of accounts it could read.
async fn checked(directory: &Path) -> (u64, Vec<Damage>) {
    let backend = open(directory).unwrap();
    let mut told = Vec::new();
    let checked = check(&backend, |_| (), |damage| told.push(damage.clone())).await.unwrap();
    assert_eq!(checked.damaged, told.len() as u64);
    backend.close().await.unwrap();
    (checked.accounts, told)
}

/// The report of a store with alice, carol and a chat group, after this change.
pub(super) async fn told_after(damage: impl FnOnce(&Path)) -> Vec<String> {
    let place = tempfile::tempdir().unwrap();
    filled(place.path()).await;
    damage(place.path());
    told(place.path()).await
}

pub(super) async fn told(directory: &Path) -> Vec<String> {
    let (_, told) = checked(directory).await;
    told.into_iter().map(|Damage { what, problem }| format!("{what}: {problem}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_as_it_was_written_has_nothing_damaged() {
    let place = tempfile::tempdir().unwrap();
    filled(place.path()).await;
    assert!(check_files(place.path(), |_, _| ()).unwrap().is_empty());
    assert_eq!(checked(place.path()).await, (2, Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_does_not_decode_is_told_with_its_account() {
    for row in [&b"\0"[..], b"\x01", b"\x02\0\0\0\x01", b"\x03\x01bob", b"\x04\x01bob"] {
        let told = told_after(|store| write_row(store, &alice_row(row), Some(b"\x01"))).await;
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].starts_with("account \"alice\" of app 1: damaged data: a "), "{told:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_are_gone_or_too_many_are_told_with_their_account() {
    let told = told_after(|store| write_row(store, &alice_row(b"\0"), None)).await;
    assert_eq!(told, ["account \"alice\" of app 1: damaged data: an account has rows but no head"]);
    let told = told_after(|store| write_row(store, &alice_row(b"\x04\x01bob"), None)).await;
    assert_eq!(told, ["account \"alice\" of app 1: grouped is 1, and 0 records are grouped"]);
    let told = told_after(|store| write_row(store, &alice_row(b"\x02\0\0\0\x01"), None)).await;
    assert!(told[0].contains("is in conversation group 1, which does not exist"), "{told:?}");
    let told = told_after(|store| write_new_row(store, &alice_row(b"\x09"), b"\x01")).await;
    assert_eq!(told, ["account \"alice\" of app 1: damaged data: a key of an account ends in [9]"]);
    for key in [&b"b"[..], b"mm", b"z\0\0\0\x01"] {
        let told = told_after(|store| write_new_row(store, key, b"\x01")).await;
        assert!(told.len() == 1 && told[0].contains("is not a key of a row"), "{told:?}");
    }
    let told = told_after(|store| write_new_row(store, b"a\0\0\0\x01\x05al", b"\x01")).await;
    assert!(told.len() == 1 && told[0].starts_with("a row of some account: "), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_register_that_does_not_fit_together_is_told() {
    let (team, count, serial) = (b"g\0\0\0\x01team", b"c\0\0\0\x01", b"s\0\0\0\x01\0\0\0\x01");
    let told = told_after(|store| write_row(store, team, None)).await;
    assert!(
        told[0].starts_with("chat group number 1 of app 1: damaged data: it lists team, which does not"),
        "{told:?}"
    );
    let counted =
        "the count of chat groups of app 1: it says 1, of which 1 are not destroyed; found were 0, of which 0";
    assert!(told.len() == 2 && told[1].starts_with(counted), "{told:?}");
    let told = told_after(|store| write_row(store, serial, None)).await;
    assert!(told[0].starts_with("chat group \"team\" of app 1: damaged data: it is not listed under"), "{told:?}");
    assert!(told.len() == 2 && told[1].starts_with(counted), "{told:?}");
    let told = told_after(|store| write_row(store, count, None)).await;
    assert_eq!(told.len(), 1, "{told:?}");
    let told = told_after(|store| write_row(store, count, Some(b"\x01\x05\x05"))).await;
    assert!(told.len() == 1 && told[0].contains("it says 5, of which 5"), "{told:?}");
    let told = told_after(|store| write_row(store, serial, Some(b"\x01\x01x"))).await;
    assert!(told.iter().any(|told| told.contains("it lists x, which does not exist")), "{told:?}");
}

/// A state that no rule makes, written without the rules.
#[tokio::test(flavor = "multi_thread")]
async fn counters_and_numbers_that_are_wrong_are_told_with_their_account() {
    let place = tempfile::tempdir().unwrap();
    filled(place.path()).await;
    let backend = open(place.path()).unwrap();
    let mut state = AccountState::default();
    state.apply(&marking(&state, &one("bob"), 1));
    state.head.marked = 7;
    state.conversation_groups.insert(ConversationGroupId(9), GroupName::stored("Work").into());
    backend.commit(&account(2, "dave"), None, Version::numbered(1), StateDiff::whole(&state)).await.unwrap();
    backend.close().await.unwrap();
    let (accounts, told) = checked(place.path()).await;
    let expected =
        Damage { what: "account \"dave\" of app 2".into(), problem: "marked is 7, and 1 records are marked".into() };
    assert_eq!((accounts, told), (3, vec![expected]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bulk_row_that_does_not_fit_the_other_rows_is_told() {
    let place = tempfile::tempdir().unwrap();
    let backend = open(place.path()).unwrap();
    let (erin, peers) = (account(1, "erin"), || (0..10).map(|number| one(&format!("peer {number}"))));
    edit(&backend, &erin, |draft| {
        peers().for_each(|peer| draft.arrange(&peer, marks(1)));
        Ok(())
    })
    .await;
    backend.close().await.unwrap();
    assert_eq!(checked(place.path()).await, (1, Vec::new()));
    // A row that a commit should have removed when it wrote the bulk row: as if of the first change.
    let row = [b"a\0\0\0\x01\x04erin", &b"\x04\x01peer 3"[..]].concat();
    let value = [1, 1, 0, 0, 4, 0xf0, 0xb1, 0xbb, 0xc2, 0x06];
    write_new_row(place.path(), &row, &value);
    let (_, told) = checked(place.path()).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].what == "account \"erin\" of app 1" && told[0].problem.contains("bulk row"), "{told:?}");
}

/// Damage in the middle of a table: the accounts around it are named, and all others are read.
#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_page_is_told_with_the_accounts_it_touches_and_no_other_is_lost() {
    let place = tempfile::tempdir().unwrap();
    let backend = open(place.path()).unwrap();
    let key = |number: u32| account(1, &format!("account {number:05}"));
    for number in 0..MANY {
        let change = marking(&AccountState::default(), &one("bob"), 1);
        backend.commit(&key(number), None, Version::numbered(1), change).await.unwrap();
    }
    backend.close().await.unwrap();
    drop(backend);
    super::flipped_bytes::write_tables(place.path());
    let table = fs::read_dir(place.path().join("data/keyspaces/1/tables")).unwrap().next().unwrap().unwrap().path();
    let mut bytes = fs::read(&table).unwrap();
    let places = [bytes.len() / 4, bytes.len() / 2];
    for place in places {
        bytes[place] ^= 0x10;
    }
    fs::write(&table, bytes).unwrap();

    let damaged = check_files(place.path(), |_, _| ()).unwrap();
    assert!(damaged.len() == 1 && damaged[0].what.contains("tables/"), "{damaged:?}");
    let (accounts, told) = checked(place.path()).await;
    let named = |told: &Damage| told.what.contains("account \"account ") && told.problem.contains("ChecksumMismatch");
    assert!(told.iter().filter(|told| named(told)).count() >= 2, "{told:?}");
    assert!(told.len() <= 8, "{told:?}");
    assert!(u64::from(MANY) - accounts < 400, "only {accounts} could be read: {told:?}");

    // A server answers for every account: with an error for these, and as ever for all others.
    let backend = open(place.path()).unwrap();
    let mut read = 0;
    for number in 0..MANY {
        match backend.load(&key(number), &pinfold_store::Scope::All).await {
            Ok(loaded) => {
                assert_eq!(loaded.state.records.len(), 1, "{number}");
                read += 1;
            }
            Err(error) => assert!(error.to_string().contains("ChecksumMismatch"), "{error}"),
        }
    }
    assert!(read >= accounts && read < u64::from(MANY), "{read} are served, {accounts} were read by the check");
    support::mark(&backend, &account(2, "new"), &one("bob"), 1).await;
}
