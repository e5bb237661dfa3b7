//! The list of recent conversations in a dump: entries of accounts, and times of chat groups.

use std::io::Cursor;

use pinfold_core::Timestamp;
use pinfold_store::dump::{Begun, Exporting, LineError, Mode, Moved, Reader, Writer, export};
use pinfold_store::{Damage, Memory, OnDamage, check};

use crate::handwritten::{account as account_line, chat_group as chat_group_line, chat_group_time, dump_of, entry};
use crate::stores::{
    CHAT_GROUP_TIMES, ENTRIES, WRITTEN_AT, everything, exported, fill, imported, put, touch, touch_chat_group,
};
use crate::support::{account, chat_group, delete, mark, one, state};

const BOB: &str = r#""one_to_one":"bob""#;
const LATEST: u64 = i32::MAX as u64;

/// The line that is wrong, and why.
fn error(version: u32, objects: &[&str]) -> (u64, String) {
    let dump = dump_of(version, objects);
    let LineError { line, problem } = Reader::new(Cursor::new(dump)).read_to_end(|_| ()).unwrap_err();
    (line, problem)
}

/// A store with something of everything.
async fn filled() -> Memory {
    let store = Memory::new();
    fill(&store).await;
    store
}

#[tokio::test]
async fn what_was_written_by_hand_as_documented_is_imported_and_written_just_so() {
    let objects = [
        &account_line("alice"),
        &entry("alice", BOB, 1),
        &entry("alice", r#""chat_group":"bob""#, LATEST),
        &chat_group_line(1, "g"),
        &chat_group_time("g", 7),
        &chat_group_time("never registered", 8),
    ];
    let dump = dump_of(2, &objects.map(String::as_str));
    let store = Memory::new();
    let moved = imported(&store, &dump, Mode::IntoEmpty).await.unwrap();
    let expected = Moved { accounts: 1, entries: 2, chat_groups: 1, chat_group_times: 2, ..moved };
    assert_eq!(moved, expected);
    assert_eq!(everything(&store).await.moved(), Moved { bytes: 0, ..expected });
    let lines = |dump: &str| dump.lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
    let (written, read) = (lines(&exported(&store).await), lines(&dump));
    // Not those of accounts, of whom more is written, and of the end.
    assert_eq!(written[1..6], read[1..6]);
    assert!(written[6].starts_with(r#"{"end":{"accounts":1,"entries":2,"chat_groups":1,"chat_group_times":2,"#));
}

#[test]
fn lines_that_stand_in_the_wrong_place_are_told() {
    let [alice, entry] = [account_line("alice"), entry("alice", BOB, 1)];
    let [chat_group, time] = [chat_group_line(1, "g"), chat_group_time("g", 1)];
    for (first, second, expected) in [
        (&entry, &alice, "an account after an entry; accounts come before entries"),
        (&chat_group, &entry, "an entry after a chat group; entries come before chat groups"),
        (&time, &entry, "an entry after a time of a chat group; entries come before times of chat groups"),
        (&time, &chat_group, "a chat group after a time of a chat group; chat groups come before times of chat groups"),
    ] {
        assert_eq!(error(2, &[&alice, first, second]), (4, expected.to_owned()));
    }
}

#[test]
fn a_dump_of_version_1_has_no_entries_and_no_times() {
    let expected = "an entry in a dump of version 1, which has none";
    assert_eq!(error(1, &[&account_line("alice"), &entry("alice", BOB, 1)]), (3, expected.to_owned()));
    let expected = "a time of a chat group in a dump of version 1, which has none";
    assert_eq!(error(1, &[&chat_group_time("g", 1)]), (2, expected.to_owned()));
}

#[test]
fn an_entry_of_an_account_that_is_not_in_the_dump_is_told() {
    let alice = account_line("alice");
    let of_another_app = entry("alice", BOB, 1).replace("\"app\":1", "\"app\":2");
    for (line, name) in [(entry("bob", BOB, 1), "\"bob\" of app 1"), (of_another_app, "\"alice\" of app 2")] {
        let expected = format!("account {name}: it has an entry and is not in the dump");
        assert_eq!(error(2, &[&alice, &line]), (3, expected));
    }
}

#[test]
fn a_value_that_cannot_be_is_told_with_its_account_or_chat_group() {
    let (of_alice, of_g) = ("account \"alice\" of app 1: entry: ", "chat group \"g\" of app 1: chat_group_time: ");
    let none = "one of one_to_one and chat_group must be there, not both";
    let range = "and must be from 1 to 2147483647";
    for (line, expected) in [
        (entry("alice", BOB, 0), format!("{of_alice}at is 0, {range}")),
        (entry("alice", BOB, LATEST + 1), format!("{of_alice}at is 2147483648, {range}")),
        (entry("alice", r#""one_to_one":"b","chat_group":"g""#, 1), format!("{of_alice}{none}")),
        (entry("alice", r#""chat_group":"""#, 1), format!("{of_alice}chat_group must not be empty")),
        (entry("", BOB, 1), "entry: account must not be empty".into()),
        (entry("alice", BOB, 1).replace(":1,", ":0,"), "app must not be 0".into()),
        (entry("alice", r#""colour":1"#, 1), "column 44: unknown field `colour`, expected one of ".into()),
        (entry("alice", BOB, 1 << 32), "column 70: invalid value: integer `4294967296`, expected u32".into()),
        (chat_group_time("g", 0), format!("{of_g}at is 0, {range}")),
        (chat_group_time("g", LATEST + 1), format!("{of_g}at is 2147483648, {range}")),
        (chat_group_time("", 1), "chat_group_time: id must not be empty".into()),
        (chat_group_time("g", 1).replace(":1,", ":0,"), "app must not be 0".into()),
    ] {
        let (place, problem) = error(2, &[&account_line("alice"), &line]);
        assert!(place == 3 && problem.starts_with(&expected), "{problem}\nnot {expected}");
    }
}

#[test]
fn entries_and_times_that_were_lost_are_found_at_the_end() {
    let objects = [account_line("alice"), entry("alice", BOB, 1), chat_group_time("g", 1)];
    let dump = dump_of(2, &objects.each_ref().map(String::as_str));
    for (lost, expected) in [(2, "counts 1 entries, but there are 0"), (3, "counts 1 times of chat groups, but")] {
        let lines = dump.split_inclusive('\n').enumerate().filter(|(place, _)| *place != lost);
        let cut: String = lines.map(|(_, line)| line).collect();
        let problem = Reader::new(Cursor::new(cut)).read_to_end(|_| ()).unwrap_err().problem;
        assert!(problem.starts_with("the end line ") && problem.contains(expected), "{problem}");
    }
}

#[tokio::test]
async fn a_store_that_only_has_the_time_of_a_chat_group_is_not_empty() {
    let store = Memory::new();
    touch_chat_group(&store, 7, "team", 1).await;
    let error = imported(&store, &dump_of(2, &[]), Mode::IntoEmpty).await.unwrap_err().to_string();
    assert!(error.starts_with("the store is not empty (chat group \"team\" of app 7 is in it); "), "{error}");
}

#[tokio::test]
async fn more_than_one_call_takes_is_imported_app_by_app() {
    let from = Memory::new();
    for n in 0..1500 {
        let key = account(1 + n % 2, &format!("user {}", n % 7));
        if n < 14 {
            mark(&from, &key, &one("bob"), 1).await;
        }
        touch(&from, &key, chat_group(&format!("g {n}")), n + 1).await;
        touch_chat_group(&from, 1 + n % 2, &format!("g {n}"), n + 1).await;
    }
    let (to, whole) = (Memory::new(), everything(&from).await);
    let moved = imported(&to, &exported(&from).await, Mode::IntoEmpty).await.unwrap();
    assert_eq!((moved.accounts, moved.entries, moved.chat_group_times), (14, 1500, 1500));
    assert_eq!(everything(&to).await, whole);
}

#[tokio::test]
async fn an_import_that_goes_on_keeps_the_later_of_two_times() {
    let (from, to) = (filled().await, Memory::new());
    let dump = exported(&from).await;
    imported(&to, &dump, Mode::IntoEmpty).await.unwrap();
    let alice = account(1, "alice");
    touch(&to, &alice, one("bob"), 2).await;
    touch_chat_group(&to, 1, "team", 10).await;
    let before = everything(&to).await;
    let moved = imported(&to, &dump, Mode::Resume).await.unwrap();
    assert_eq!((moved.entries, moved.chat_group_times), (ENTRIES, CHAT_GROUP_TIMES));
    assert_eq!(everything(&to).await, before);
    assert_eq!(before.entries[&(alice, one("bob"))], Timestamp(2));
}

#[tokio::test]
async fn an_export_of_a_time_that_no_import_would_take_ends_with_its_account_or_chat_group() {
    let store = Memory::new();
    mark(&store, &account(1, "a"), &one("b"), 1).await;
    touch_chat_group(&store, 1, "g", 0).await;
    let error = async || export(&store, Writer::begin(Vec::new(), 0).unwrap(), |_| ()).await.unwrap_err().to_string();
    assert_eq!(error().await, "chat group \"g\" of app 1: at is 0, and must be from 1 to 2147483647");
    touch(&store, &account(1, "a"), one("b"), 1 << 31).await;
    let of_a = "account \"a\" of app 1: the entry of one-to-one with \"b\": at is 2147483648, ";
    assert!(error().await.starts_with(of_a), "{}", error().await);

    let mut damaged = Vec::new();
    let checked = check(&store, |_| (), |damage: &Damage| damaged.push(damage.what.clone())).await.unwrap();
    assert_eq!(damaged, ["account \"a\" of app 1", "chat group \"g\" of app 1"]);
    assert_eq!((checked.entries, checked.chat_group_times, checked.damaged), (1, 1, 2));

    let mut exporting =
        Exporting::begin_with(&store, Writer::begin(Vec::new(), 0).unwrap(), OnDamage::Skip).await.unwrap();
    while exporting.step().await.unwrap().is_some() {}
    assert_eq!(exporting.left_out().len(), 2);
    let (dump, moved) = exporting.end().unwrap();
    assert_eq!((moved.accounts, moved.entries, moved.chat_group_times), (1, 0, 0));
    assert!(Reader::new(&dump[..]).read_to_end(|_| ()).is_ok());
}

#[tokio::test]
async fn the_entries_of_an_account_that_is_left_out_are_left_out_too() {
    let store = filled().await;
    let mut broken = state(&store, &account(1, "alice")).await;
    broken.head.marked = 9;
    put(&store, &account(2, "broken"), &broken).await;
    touch(&store, &account(2, "broken"), one("bob"), 1).await;
    let writer = Writer::begin(Vec::new(), WRITTEN_AT).unwrap();
    let mut exporting = Exporting::begin_with(&store, writer, OnDamage::Skip).await.unwrap();
    while exporting.step().await.unwrap().is_some() {}
    assert_eq!(exporting.left_out().len(), 1);
    let (dump, moved) = exporting.end().unwrap();
    assert_eq!(moved.entries, ENTRIES);
    assert_eq!(Reader::new(&dump[..]).read_to_end(|_| ()).unwrap().entries, ENTRIES);
}

#[tokio::test]
async fn an_export_that_goes_on_has_no_entries_of_accounts_that_came_or_went_meanwhile() {
    let store = filled().await;
    let (whole, gone) = (exported(&store).await, account(1, "alice"));
    let accounts = whole.lines().take_while(|line| !line.starts_with("{\"entry\""));
    let cut: String = accounts.map(|line| format!("{line}\n")).collect();
    let begun = Begun::read(Reader::new(cut.as_bytes())).unwrap();
    delete(&store, &gone).await;
    // Before the last account that was written.
    let new = account(1, "new");
    mark(&store, &new, &one("bob"), 1).await;
    touch(&store, &new, one("bob"), 1).await;
    let (dump, moved) = export(&store, Writer::resume(cut.into_bytes(), begun), |_| ()).await.unwrap();
    assert_eq!(moved.entries, 1, "that of user 3");
    let to = Memory::new();
    imported(&to, &String::from_utf8(dump).unwrap(), Mode::IntoEmpty).await.unwrap();
    assert_eq!(everything(&to).await.entries.len(), 1);
}

#[tokio::test]
async fn a_dump_that_names_a_conversation_twice_brings_the_later_time() {
    let objects = [account_line("alice"), entry("alice", BOB, 5), entry("alice", BOB, 4)];
    let times = [chat_group_time("g", 4), chat_group_time("g", 5)];
    let objects: Vec<_> = objects.iter().chain(&times).map(String::as_str).collect();
    let store = Memory::new();
    let moved = imported(&store, &dump_of(2, &objects), Mode::IntoEmpty).await.unwrap();
    assert_eq!((moved.entries, moved.chat_group_times), (2, 2));
    let kept = everything(&store).await;
    assert!(kept.entries.values().chain(kept.chat_group_times.values()).eq([&Timestamp(5), &Timestamp(5)]));
}
