//! `undo` by many callers at once, and of large changes: each change is undone once, whole or not at all, and the history
//! tells what became of the account.

#![allow(clippy::unwrap_used, reason = "test code")]

mod support;

use std::path::Path;
use std::sync::Arc;

use pinfold_client::{CallError, Client};
use pinfold_core::Registration;
use pinfold_store::embedded::Settings;
use pinfold_store::{Embedded, Memory, Store};
use pinfold_wire::commands::{GetChanges, ListGroups, Undo};
use pinfold_wire::pinfold::change::{Change, Event};
use pinfold_wire::pinfold::{get_changes, list_groups, undo};
use pinfold_wire::{Code, Lenient};
use serde_json::{Value, json};
use support::TestServer;

const CALLERS: u32 = 64;

fn alice() -> Lenient<String> {
    Lenient::Given("alice".to_owned())
}

async fn call(client: &Client, command: &str, body: Value) {
    let answer = client.call_raw(command, body.to_string().into_bytes()).await.unwrap();
    let answer: Value = serde_json::from_slice(&answer).unwrap();
    assert_eq!(answer["ErrorCode"], 0, "{command} {body}: {answer}");
}

/// The change that an undo made, if there was something to do; or the refusal's code.
async fn undo(client: &Client, revision: u32) -> Result<Option<Change>, u32> {
    let request = undo::Request { from_account: alice(), revision: Lenient::Given(revision.into()) };
    match client.call::<Undo>(&request).await {
        Ok(answer) => Ok(answer.change.into_iter().next()),
        Err(CallError::Refused { code, .. }) => Err(code),
        Err(problem) => panic!("{problem}"),
    }
}

/// What each caller was answered by undoing these changes, each caller beginning with another one.
async fn undo_at_once(client: &Client, revisions: std::ops::Range<u32>) -> Vec<(u32, Result<Option<Change>, u32>)> {
    let callers = (0..CALLERS).map(|caller| {
        let (client, mut mine) = (client.clone(), revisions.clone().collect::<Vec<_>>());
        let first = caller as usize % mine.len();
        mine.rotate_left(first);
        if caller % 2 == 1 {
            mine.reverse();
        }
        tokio::spawn(async move {
            let mut answers = Vec::new();
            for revision in mine {
                answers.push((revision, undo(&client, revision).await));
            }
            answers
        })
    });
    let mut answers = Vec::new();
    for caller in callers.collect::<Vec<_>>() {
        answers.extend(caller.await.unwrap());
    }
    answers
}

/// All changes, the oldest first.
async fn history(client: &Client) -> Vec<Change> {
    let (mut changes, mut before) = (Vec::new(), 0);
    for _ in 0..100 {
        let (before_it, limit) = (Lenient::Given(before), Lenient::Given(100));
        let request = get_changes::Request { from_account: alice(), before: before_it, limit };
        let page = client.call::<GetChanges>(&request).await.unwrap();
        changes.extend(page.change);
        if page.complete_flag == 1 {
            changes.reverse();
            return changes;
        }
        before = page.before.into();
    }
    panic!("the pages do not end");
}

async fn groups(client: &Client) -> Vec<list_groups::ListedGroup> {
    let request = list_groups::Request { from_account: alice() };
    client.call::<ListGroups>(&request).await.unwrap().group_item
}

async fn server(store: Store) -> TestServer {
    let mut config = support::config();
    config.apps[0].accounts = Registration::Any;
    TestServer::over(&config, store).await
}

fn memory() -> Store {
    Store::new(Arc::new(Memory::new()))
}

fn embedded(directory: &Path) -> Store {
    Store::new(Arc::new(Embedded::open(directory, &Settings::default()).unwrap()))
}

fn one(account: &str) -> Value {
    json!({"Type": 1, "To_Account": account})
}

/// Changes 1 to 35, each of other elements: groups with a member, marks, pins.
async fn change_this_and_that(client: &Client) {
    for n in 0..10 {
        let group = json!({"GroupName": format!("G{n}"), "ContactItem": [one(&format!("p{n}"))]});
        call(
            client,
            "recentcontact/create_contact_group",
            json!({"From_Account": "alice", "GroupContactItem": [group]}),
        )
        .await;
    }
    for n in 0..20 {
        let mark = json!({"OptType": 3, "ContactItem": one(&format!("p{n}")), "SetMark": [n], "CustomMark": "vip"});
        call(client, "recentcontact/mark_contact", json!({"From_Account": "alice", "MarkItem": [mark]})).await;
    }
    for n in 0..5 {
        let pins = json!([one(&format!("p{n}"))]);
        let body = json!({"From_Account": "alice", "OperationType": 1, "RecentContactItem": pins});
        call(client, "recentcontact/top", body).await;
    }
}

async fn each_is_undone_once(store: Store) {
    let server = server(store).await;
    let client = server.client();
    change_this_and_that(&client).await;
    let answers = undo_at_once(&client, 1..36).await;
    let made = answers.iter().filter_map(|(revision, answer)| Some((*revision, answer.clone().unwrap()?)));
    let mut made: Vec<_> = made.collect();
    made.sort_by_key(|(undone, _)| *undone);
    assert_eq!(made.iter().map(|(undone, _)| *undone).collect::<Vec<_>>(), (1..36).collect::<Vec<_>>());
    let changes = history(&client).await;
    assert_eq!(changes.iter().map(|change| change.revision).collect::<Vec<_>>(), (1..71).collect::<Vec<_>>());
    assert!(made.iter().all(|(_, change)| changes[change.revision as usize - 1] == *change));
    assert_eq!(groups(&client).await, []);
    let left = client.call_raw("pinfold/find_conversations", br#"{"From_Account":"alice"}"#.to_vec()).await.unwrap();
    assert!(String::from_utf8(left).unwrap().starts_with(r#"{"ConversationItem":[],"#));
    server.stop().await;
}

#[tokio::test]
async fn changes_that_64_callers_undo_are_each_undone_once_and_nothing_is_left() {
    each_is_undone_once(memory()).await;
}

#[tokio::test]
async fn changes_that_64_callers_undo_are_each_undone_once_in_an_embedded_store() {
    let directory = tempfile::tempdir().unwrap();
    each_is_undone_once(embedded(&directory.path().join("data"))).await;
}

#[tokio::test]
async fn of_changes_of_one_element_only_those_that_fit_are_undone_and_the_history_tells_which() {
    let server = server(memory()).await;
    let client = server.client();
    let group = json!({"GroupName": "W0"});
    call(&client, "recentcontact/create_contact_group", json!({"From_Account": "alice", "GroupContactItem": [group]}))
        .await;
    for n in 0..12 {
        let (old, new) = (format!("W{n}"), format!("W{}", n + 1));
        let body = json!({"From_Account": "alice", "UpdateType": 1, "UpdateGroup": {"UpdateGroupType": 1, "OldGroupName": old, "NewGroupName": new}});
        call(&client, "recentcontact/update_contact_group", body).await;
    }
    let answers = undo_at_once(&client, 2..14).await;
    let refused = |(_, answer): &(u32, Result<Option<Change>, u32>)| answer.clone().err();
    assert!(answers.iter().filter_map(refused).all(|code| code == Code::BadParameter.number()));
    let changes = history(&client).await;
    assert_eq!(
        changes.iter().map(|change| change.revision).collect::<Vec<_>>(),
        (1..=changes.len() as u32).collect::<Vec<_>>()
    );
    let mut name = "W0".to_owned();
    for change in &changes[1..] {
        let [Event::GroupRenamed { old_group_name, group_name, .. }] = &change.event[..] else { panic!("{change:?}") };
        assert_eq!(*old_group_name, name);
        name.clone_from(group_name);
    }
    assert_eq!(groups(&client).await[0].group_name, name);
    server.stop().await;
}

#[tokio::test]
async fn a_group_of_1000_conversations_comes_back_and_goes_again() {
    let server = server(memory()).await;
    let client = server.client();
    for hundred in 0..10 {
        let members: Vec<_> = (0..100).map(|n| one(&format!("peer-{}", hundred * 100 + n))).collect();
        let group = json!({"GroupName": "Work", "ContactItem": members});
        call(
            &client,
            "recentcontact/create_contact_group",
            json!({"From_Account": "alice", "GroupContactItem": [group]}),
        )
        .await;
    }
    call(&client, "recentcontact/del_contact_group", json!({"From_Account": "alice", "GroupName": ["Work"]})).await;
    for revision in 11..15 {
        let begun = std::time::Instant::now();
        let change = undo(&client, revision).await.unwrap().unwrap();
        println!("undoing change {revision} took {} ms", begun.elapsed().as_millis());
        let members = change.event.iter().find_map(|event| {
            let (Event::ConversationsAdded { contact_item, .. } | Event::GroupDeleted { contact_item, .. }) = event
            else {
                return None;
            };
            Some(contact_item)
        });
        assert_eq!(members.map(Vec::len), Some(1000));
        let counts: Vec<_> = groups(&client).await.iter().map(|group| group.count).collect();
        assert_eq!(counts, if revision % 2 == 1 { vec![1000] } else { vec![] });
    }
    server.stop().await;
}
