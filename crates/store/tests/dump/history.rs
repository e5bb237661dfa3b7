//! The history in a dump.

use std::io::Cursor;

use pinfold_core::HistoryChange;
use pinfold_store::dump::{Begun, DumpFormat, Exporting, LineError, Mode, Reader, Writer, export};
use pinfold_store::{Backend, Damage, Memory, OnDamage, check};

use crate::handwritten::{
    account as account_line, account_with_history, change as change_line, dump_of, entry, sealed,
};
use crate::stores::{WRITTEN_AT, everything, exported, imported, sorted};
use crate::support::history::{change, edit_kept, every_change, mark_kept, put, revisions, stored};
use crate::support::{account, delete, one, state};

const WITHOUT: DumpFormat = DumpFormat { version: pinfold_store::dump::DumpVersion::NEWEST, with_history: false };

fn changes(revisions: impl IntoIterator<Item = u32>) -> Vec<HistoryChange> {
    revisions.into_iter().map(|revision| change(revision, revision.into(), 0)).collect()
}

/// Exports as told; the dump, and what was left out as damaged.
async fn exported_with(store: &dyn Backend, writer: Writer<Vec<u8>>, on_damage: OnDamage) -> (String, Vec<Damage>) {
    let mut exporting = Exporting::begin_with(store, writer, on_damage).await.unwrap();
    while exporting.step().await.unwrap().is_some() {}
    let left_out = exporting.left_out().to_vec();
    (String::from_utf8(exporting.end().unwrap().0).unwrap(), left_out)
}

/// A store with accounts that have a history, one of each event, and one without.
async fn filled(store: &dyn Backend) {
    let every = every_change();
    put(store, &account(1, "every"), every.len() as u32, &every).await;
    for (app, name) in [(1, "alice"), (7, "bob \"\\"), (7, "卡罗尔")] {
        mark_kept(store, &account(app, name), 1).await;
        edit_kept(store, &account(app, name), |draft| draft.pin(&one("dave"))).await;
    }
    crate::support::mark(store, &account(1, "without"), &one("bob"), 1).await;
}

#[tokio::test]
async fn every_change_moves_and_makes_the_same_dump_again() {
    let (from, to) = (Memory::new(), Memory::new());
    filled(&from).await;
    let dump = exported(&from).await;
    let moved = imported(&to, &dump, Mode::IntoEmpty).await.unwrap();
    assert_eq!(moved.changes, every_change().len() as u64 + 6);
    for (app, name) in [(1, "every"), (1, "alice"), (7, "bob \"\\"), (7, "卡罗尔"), (1, "without")] {
        let key = account(app, name);
        assert_eq!(stored(&to, &key).await, stored(&from, &key).await);
    }
    assert_eq!(everything(&to).await, everything(&from).await);
    assert_eq!(sorted(&exported(&to).await), sorted(&dump));
    assert_eq!(mark_kept(&to, &account(1, "alice"), 7).await.revision.0, 3);
    assert_eq!(revisions(&to, &account(1, "alice")).await, [1, 2, 3]);
}

#[tokio::test]
async fn what_was_written_by_hand_as_documented_is_imported_and_written_just_so() {
    let alice = account_with_history("alice", 2, 4, 100_500);
    let objects = [&alice, &change_line("alice", 3, 7), &change_line("alice", 4, 100_500)];
    let dump = dump_of(2, &objects.map(String::as_str));
    let store = Memory::new();
    let moved = imported(&store, &dump, Mode::IntoEmpty).await.unwrap();
    assert_eq!((moved.accounts, moved.changes), (1, 2));
    assert_eq!(revisions(&store, &account(1, "alice")).await, [3, 4]);
    let written = exported(&store).await;
    assert!(written.lines().skip(2).take(2).eq(dump.lines().skip(2).take(2)), "{written}");
    assert!(written.contains(r#""newest_ms":100500,"history_from":2,"#), "{written}");
    assert!(written.lines().last().unwrap().starts_with(r#"{"end":{"accounts":1,"changes":2,"chat_groups":0,"#));
}

/// The line that is wrong, and why.
fn error(version: u32, objects: &[&str]) -> (u64, String) {
    let LineError { line, problem } =
        Reader::new(Cursor::new(dump_of(version, objects))).read_to_end(|_| ()).unwrap_err();
    (line, problem)
}

#[test]
fn lines_that_stand_in_the_wrong_place_are_told() {
    let alice = account_with_history("alice", 1, 9, 9);
    let [one, entry] = [change_line("alice", 1, 1), entry("alice", r#""one_to_one":"bob""#, 1)];
    let expected = "an entry after a change; entries come before changes";
    assert_eq!(error(2, &[&alice, &one, &entry]), (4, expected.to_owned()));
    let expected = "a change in a dump of version 1, which has none";
    assert_eq!(error(1, &[&account_line("alice"), &one]), (3, expected.to_owned()));
    for (second, expected) in [(3, "change 3 after change 1"), (1, "change 1 after change 1")] {
        let expected = format!("account \"alice\" of app 1: {expected}");
        assert_eq!(error(2, &[&alice, &one, &change_line("alice", second, 9)]), (4, expected));
    }
    let expected = "account \"bob\" of app 1: it has a change and is not in the dump";
    assert_eq!(error(2, &[&alice, &change_line("bob", 1, 1)]), (3, expected.to_owned()));
}

#[test]
fn a_value_that_cannot_be_is_told_with_its_account_and_revision() {
    let of_alice = "account \"alice\" of app 1: change 1: ";
    let good = change_line("alice", 1, 1);
    for (from, to, expected) in [
        ("\"revision\":1", "\"revision\":0", "account \"alice\" of app 1: change 0: it must be one of 1 to 2147483647"),
        ("administrator", "", &format!("{of_alice}caller must not be empty")),
        ("\"via\":\"call\"", "\"via\":\"owl\"", &format!("{of_alice}via \"owl\" is not one that this build knows")),
        ("one_to_one\":\"bob", "one_to_one\":\"", &format!("{of_alice}one_to_one must not be empty")),
        ("mark_changed", "mark_made", "column 142: unknown variant `mark_made`, expected one of "),
        ("\"account\":\"alice\"", "\"account\":\"\"", "change: account must not be empty"),
        ("\"app\":1", "\"app\":0", "app must not be 0"),
    ] {
        let bad = good.replace(from, to);
        assert_ne!(bad, good);
        let (place, problem) = error(2, &[&account_with_history("alice", 1, 1, 1), &bad]);
        assert!(place == 3 && problem.starts_with(expected), "{problem}\nnot {expected}");
    }
}

#[test]
fn changes_that_were_lost_at_the_end_of_a_history_are_found_at_the_end() {
    let objects = [account_with_history("alice", 1, 2, 2), change_line("alice", 1, 1), change_line("alice", 2, 2)];
    let dump = dump_of(2, &objects.each_ref().map(String::as_str));
    let cut: String =
        dump.split_inclusive('\n').enumerate().filter(|(place, _)| *place != 3).map(|(_, line)| line).collect();
    let problem = Reader::new(Cursor::new(cut)).read_to_end(|_| ()).unwrap_err().problem;
    assert!(problem.contains("counts 2 changes, but there are 1"), "{problem}");
}

#[tokio::test]
async fn a_history_that_does_not_lead_to_the_last_change_of_its_account_is_not_imported() {
    for (from, last, changes, expected) in [
        (1, 4, &[2, 3][..], "line 4: account \"alice\" of app 1: its changes go up to 3, and its last change is 4"),
        (3, 4, &[2, 3, 4], "line 5: account \"alice\" of app 1: change 2 lies before its history"),
        (0, 4, &[4], "line 3: account \"alice\" of app 1: change 4 lies before its history"),
        (1, 9, &[9], "line 3: account \"alice\" of app 1: the time of change 9 is not that of its last change"),
    ] {
        let mut objects = vec![account_with_history("alice", from, last, 4)];
        objects.extend(changes.iter().map(|revision| change_line("alice", *revision, u64::from(*revision))));
        let objects: Vec<_> = objects.iter().map(String::as_str).collect();
        let error = imported(&Memory::new(), &dump_of(2, &objects), Mode::IntoEmpty).await.unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
}

#[tokio::test]
async fn a_long_history_that_goes_beyond_the_last_change_of_its_account_leaves_nothing() {
    let mut objects = vec![account_with_history("alice", 1, 500, 500)];
    objects.extend((1..=1100).map(|revision| change_line("alice", revision, u64::from(revision))));
    let (objects, to): (Vec<_>, _) = (objects.iter().map(String::as_str).collect(), Memory::new());
    let error = imported(&to, &dump_of(2, &objects), Mode::IntoEmpty).await.unwrap_err().to_string();
    assert!(error.contains("and its last change is 500"), "{error}");
    assert_eq!(revisions(&to, &account(1, "alice")).await, [0; 0]);
}

#[tokio::test]
async fn histories_longer_than_one_call_takes_are_imported() {
    const LONG: u32 = 2500;
    let (from, to) = (Memory::new(), Memory::new());
    put(&from, &account(1, "long"), LONG, &changes(1..=LONG)).await;
    let large: Vec<_> = (1..=9).map(|n| change(n, n.into(), 300_000)).collect();
    put(&from, &account(1, "large"), 9, &large).await;
    for n in 0..200 {
        put(&from, &account(2, &format!("user {n}")), 3, &changes(2..=3)).await;
    }
    let moved = imported(&to, &exported(&from).await, Mode::IntoEmpty).await.unwrap();
    assert_eq!(moved.changes, u64::from(LONG) + 9 + 400);
    assert_eq!(revisions(&to, &account(1, "long")).await, (1..=LONG).collect::<Vec<_>>());
    assert_eq!(revisions(&to, &account(1, "large")).await, (1..=9).collect::<Vec<_>>());
    assert_eq!(check(&to, |_| (), |damage| panic!("{damage:?}")).await.unwrap().changes, moved.changes);
}

#[tokio::test]
async fn an_import_that_was_cut_off_within_a_history_goes_on() {
    let (from, to) = (Memory::new(), Memory::new());
    filled(&from).await;
    let dump = exported(&from).await;
    let cut: String = dump.split_inclusive('\n').take(15).collect();
    assert!(cut.contains("{\"change\""));
    imported(&to, &cut, Mode::IntoEmpty).await.unwrap_err();
    let moved = imported(&to, &dump, Mode::Resume).await.unwrap();
    assert_eq!((moved.there_already, moved.changes), (5, every_change().len() as u64 + 6));
    assert_eq!(sorted(&exported(&to).await), sorted(&dump));
}

#[tokio::test]
async fn a_dump_without_the_history_begins_with_none() {
    let (from, to) = (Memory::new(), Memory::new());
    filled(&from).await;
    let writer = Writer::begin_as(Vec::new(), WRITTEN_AT, WITHOUT).unwrap();
    let (dump, _) = exported_with(&from, writer, OnDamage::Stop).await;
    assert!(dump.lines().next().unwrap().contains(r#","history":false}"#), "{dump}");
    assert!(!dump.contains("history_from") && !dump.contains("{\"change\""), "{dump}");
    assert!(dump.contains("\"revision\":2"), "{dump}");
    let moved = imported(&to, &dump, Mode::IntoEmpty).await.unwrap();
    assert_eq!((moved.accounts, moved.changes), (5, 0));
    assert_eq!(mark_kept(&to, &account(1, "alice"), 7).await.revision.0, 3);
    assert_eq!(state(&to, &account(1, "alice")).await.head.history_from, 3);
}

#[test]
fn a_change_in_a_dump_without_the_history_is_told() {
    let header = sealed(r#"{"pinfold_dump":{"version":2,"written_by":"hand","written_at":0,"history":false}}"#);
    let lines = [header, sealed(&account_line("alice")), sealed(&change_line("alice", 1, 1))].concat();
    let error = Reader::new(Cursor::new(lines)).read_to_end(|_| ()).unwrap_err();
    let expected = "account \"alice\" of app 1: a change in a dump whose head says that it has no history";
    assert_eq!((error.line, &*error.problem), (3, expected));
}

#[tokio::test]
async fn an_export_that_is_gone_on_with_has_the_history_if_it_began_so() {
    let store = Memory::new();
    filled(&store).await;
    for format in [DumpFormat::default(), WITHOUT] {
        let whole = Writer::begin_as(Vec::new(), WRITTEN_AT, format).unwrap();
        let (whole, _) = exported_with(&store, whole, OnDamage::Stop).await;
        let cut: String = whole.split_inclusive('\n').take(3).collect();
        let begun = Begun::read(Reader::new(cut.as_bytes())).unwrap();
        assert_eq!(begun.format, format);
        let (resumed, _) = exported_with(&store, Writer::resume(cut.into_bytes(), begun), OnDamage::Stop).await;
        assert_eq!(resumed, whole);
    }
}

/// A store with histories that have lost something, and one that is whole.
async fn damaged() -> Memory {
    let store = Memory::new();
    put(&store, &account(1, "hole"), 6, &changes([2, 3, 5, 6])).await;
    put(&store, &account(1, "short"), 6, &changes([2, 3])).await;
    put(&store, &account(1, "whole"), 6, &changes([4, 5, 6])).await;
    store
}

#[tokio::test]
async fn lost_history_ends_an_export_and_is_told_by_a_check() {
    let store = damaged().await;
    let writer = Writer::begin(Vec::new(), WRITTEN_AT).unwrap();
    let error = export(&store, writer, |_| ()).await.unwrap_err().to_string();
    assert_eq!(error, "account \"hole\" of app 1: of its changes, those between 3 and 5 are missing");
    let mut told = Vec::new();
    let checked = check(&store, |_| (), |damage| told.push(damage.what.clone())).await.unwrap();
    assert_eq!((checked.changes, checked.damaged), (9, 2));
    assert_eq!(told, ["account \"hole\" of app 1", "account \"short\" of app 1"]);
}

#[tokio::test]
async fn an_export_that_leaves_out_what_is_damaged_keeps_what_leads_to_the_last_change() {
    let (store, to) = (damaged().await, Memory::new());
    let writer = Writer::begin(Vec::new(), WRITTEN_AT).unwrap();
    let (dump, left_out) = exported_with(&store, writer, OnDamage::Skip).await;
    assert_eq!(left_out.len(), 2);
    let moved = imported(&to, &dump, Mode::IntoEmpty).await.unwrap();
    assert_eq!((moved.accounts, moved.changes), (3, 5));
    for (name, left) in [("hole", vec![5, 6]), ("short", vec![]), ("whole", vec![4, 5, 6])] {
        assert_eq!(revisions(&to, &account(1, name)).await, left, "{name}");
    }
    assert_eq!(check(&to, |_| (), |damage| panic!("{damage:?}")).await.unwrap().damaged, 0);
}

#[tokio::test]
async fn an_export_that_goes_on_has_the_history_that_leads_to_the_accounts_as_they_were_written() {
    let store = Memory::new();
    for name in ["alice", "anew", "bob", "gone"] {
        mark_kept(&store, &account(1, name), 1).await;
    }
    let cut: String = exported(&store).await.split_inclusive('\n').take(4).collect();
    let begun = Begun::read(Reader::new(cut.as_bytes())).unwrap();
    for name in ["anew", "gone"] {
        delete(&store, &account(1, name)).await;
    }
    put(&store, &account(1, "anew"), 2, &changes(1..=2)).await;
    mark_kept(&store, &account(1, "aaron"), 1).await;
    for (name, bits) in [("alice", 2), ("bob", 2), ("bob", 3), ("zoe", 1), ("zoe", 2)] {
        mark_kept(&store, &account(1, name), bits).await;
    }
    let (dump, moved) = export(&store, Writer::resume(cut.into_bytes(), begun), |_| ()).await.unwrap();
    assert_eq!(moved.changes, 4);
    let to = Memory::new();
    imported(&to, &String::from_utf8(dump).unwrap(), Mode::IntoEmpty).await.unwrap();
    for (name, left) in [("alice", vec![1]), ("anew", vec![]), ("bob", vec![1]), ("zoe", vec![1, 2])] {
        assert_eq!(revisions(&to, &account(1, name)).await, left, "{name}");
    }
}
