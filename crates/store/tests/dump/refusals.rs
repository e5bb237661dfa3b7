//! Exports and imports that are refused, and the state after an import that fails.

use pinfold_core::AppId;
use pinfold_store::dump::{ExportError, Mode, Moved, Writer, export};
use pinfold_store::{Backend, Memory};

use crate::handwritten::{account as account_line, account_with, chat_group, dump, dump_of, sealed};
use crate::stores::{WRITTEN_AT, everything, exported, fill, imported, put, put_chat_group};
use crate::support::{account, mark, one, state};

async fn refused(store: &dyn Backend, dump: &str, mode: Mode) -> String {
    imported(store, dump, mode).await.unwrap_err().to_string()
}

#[tokio::test]
async fn a_store_with_an_account_or_a_chat_group_is_not_empty() {
    let store = Memory::new();
    put_chat_group(&store, AppId(7), "team", false).await;
    let sentence = refused(&store, &dump(&[]), Mode::IntoEmpty).await;
    assert!(sentence.starts_with("the store is not empty (chat group \"team\" of app 7 is in it); "), "{sentence}");
    mark(&store, &account(3, "alice"), &one("bob"), 1).await;
    let sentence = refused(&store, &dump(&[]), Mode::IntoEmpty).await;
    assert!(sentence.starts_with("the store is not empty (account \"alice\" of app 3 is in it); "), "{sentence}");
}

#[tokio::test]
async fn an_account_that_is_there_twice_is_told_and_not_changed() {
    let other = account_line("a").replace("true", "false");
    let between: Vec<_> = (0..600).map(|n| account_line(&format!("b {n}"))).collect();
    for count in [0, 1, 600] {
        let mut objects = vec![account_line("a")];
        objects.extend(between[..count].iter().cloned());
        objects.push(other.clone());
        let objects: Vec<_> = objects.iter().map(String::as_str).collect();
        let store = Memory::new();
        let sentence = refused(&store, &dump(&objects), Mode::IntoEmpty).await;
        let line = count + 3;
        assert!(sentence.starts_with(&format!("line {line}: account \"a\" of app 1")), "{sentence}");
        assert!(sentence.contains("twice"), "{sentence}");
        assert!(state(&store, &account(1, "a")).await.head.imported);
    }
}

#[tokio::test]
async fn a_chat_group_that_is_there_twice_or_in_another_place_is_told() {
    let twice = dump(&[&chat_group(1, "g"), &chat_group(2, "g")]);
    let sentence = refused(&Memory::new(), &twice, Mode::IntoEmpty).await;
    assert!(sentence.starts_with("line 3: chat group \"g\" of app 1: the store has it already"), "{sentence}");
    let (store, of_nine) = (Memory::new(), dump(&[&chat_group(1, "g").replace("\"app\":1", "\"app\":9")]));
    put_chat_group(&store, AppId(9), "other", false).await;
    let sentence = refused(&store, &of_nine, Mode::IntoEmpty).await;
    assert!(sentence.starts_with("the store is not empty (chat group \"other\" of app 9 is in it)"), "{sentence}");
    let sentence = refused(&store, &of_nine, Mode::Resume).await;
    let expected = "line 2: chat group \"g\" of app 9: the store has chat group \"other\" in its place";
    assert_eq!(sentence, expected);
}

#[tokio::test]
async fn an_account_that_is_there_and_different_is_told_and_left_alone() {
    let (from, to) = (Memory::new(), Memory::new());
    fill(&from).await;
    let alice = account(1, "alice");
    mark(&to, &alice, &one("amy"), 1).await;
    let before = state(&to, &alice).await;
    let sentence = refused(&to, &exported(&from).await, Mode::Resume).await;
    let expected = "line 2: account \"alice\" of app 1: the store has something else for it; nothing of it was changed";
    assert_eq!(sentence, expected);
    assert_eq!(state(&to, &alice).await, before);
}

#[tokio::test]
async fn a_damaged_line_ends_an_import_behind_whole_accounts_only() {
    let from = Memory::new();
    fill(&from).await;
    let (good, expected) = (exported(&from).await, everything(&from).await);
    let lines: Vec<_> = good.split_inclusive('\n').collect();
    for broken in 1..=lines.len() {
        let mut bad: Vec<_> = lines.iter().map(|line| (*line).to_owned()).collect();
        bad[broken - 1] = bad[broken - 1].replacen(':', ";", 1);
        let store = Memory::new();
        let sentence = refused(&store, &bad.concat(), Mode::IntoEmpty).await;
        assert!(sentence.starts_with(&format!("line {broken}: ")), "{sentence}");
        let found = everything(&store).await;
        assert!(found.accounts.len() <= broken.saturating_sub(2), "an account from after the damage");
        assert!(found.accounts.iter().all(|(key, state)| expected.accounts[key] == *state));
        assert!(found.chat_groups.len() < expected.chat_groups.len() || broken == lines.len());
    }
}

#[tokio::test]
async fn an_export_of_what_no_import_would_take_ends_with_the_account() {
    let store = Memory::new();
    let mut broken = state(&store, &account(1, "a")).await;
    broken.head.marked = 3;
    put(&store, &account(1, "a"), &broken).await;
    let writer = Writer::begin(Vec::new(), WRITTEN_AT).unwrap();
    let error = export(&store, writer, |_| ()).await.unwrap_err();
    assert_eq!(error.to_string(), "account \"a\" of app 1: marked is 3, and 0 records are marked");

    let store = Memory::new();
    mark(&store, &account(1, "a"), &one("b"), 1).await;
    let writer = Writer::begin(Vec::new(), WRITTEN_AT).unwrap().with_line_bytes_max(200);
    let error = export(&store, writer, |_| ()).await.unwrap_err();
    assert!(
        matches!(&error, ExportError::Unfit { problem, .. } if problem.contains("a line has at most 200")),
        "{error}"
    );
}

#[tokio::test]
async fn an_account_nothing_is_kept_for_any_more_is_moved_too() {
    let store = Memory::new();
    let lists = r#""conversation_groups":[],"records":[],"pins":[]"#;
    let counted = r#""newest":100,"revision":7,"newest_ms":100200"#;
    let only_numbers = account_with("a", "", lists).replace("true", "false").replace(r#""newest":100"#, counted);
    let dump = dump_of(2, &[&only_numbers]);
    let moved = imported(&store, &dump, Mode::IntoEmpty).await.unwrap();
    assert_eq!(moved.accounts, 1);
    assert_eq!(state(&store, &account(1, "a")).await.head.last_conversation_group_id, 3);
    assert!(exported(&store).await.contains(&sealed(&only_numbers)));
    let again = imported(&store, &dump, Mode::Resume).await.unwrap();
    assert_eq!(again, Moved { accounts: 0, there_already: 1, ..again });
}
