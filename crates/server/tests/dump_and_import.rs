//! A store that was moved through a dump answers as the one it came from, to the byte, and goes on the same way.

#![allow(clippy::unwrap_used, reason = "the helpers are part of tests")]

#[path = "transcripts/http.rs"]
mod http;
#[path = "../../store/tests/support/postgres.rs"]
mod postgres;
mod support;

use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use pinfold_core::Registration;
use pinfold_store::dump::{Mode, Reader, Writer, export, import};
use pinfold_store::embedded::Settings;
use pinfold_store::{Embedded, Memory, Postgres, Store};

use support::{START, TestServer};

const ACCOUNTS: [&str; 5] = ["alice", "bob", "工作 \\\"x", "carol", "never imported"];
/// Conversations of alice with marks: more than two pages.
const PEERS: u32 = 230;

type Call = (&'static str, String);

async fn serve(store: &Store) -> TestServer {
    let mut config = support::config();
    config.apps[0].accounts = Registration::Any;
    TestServer::over(&config, store.clone()).await
}

/// Makes calls a second apart and gives their answers. The same call has the same bytes every time.
async fn answers(server: &TestServer, calls: &[Call]) -> Vec<String> {
    let mut answers = Vec::new();
    for (command, body) in calls {
        server.clock.fetch_add(1, Ordering::Relaxed);
        let request =
            http::Request { method: "POST", target: &TestServer::target(command), body, is_incomplete: false };
        answers.push(http::send(server.address, &request).await.unwrap());
    }
    answers
}

fn peer(n: u32) -> String {
    match n % 3 {
        0 => format!(r#"{{"Type":2,"ToGroupId":"team {n}"}}"#),
        _ => format!(r#"{{"Type":1,"To_Account":"peer {n}"}}"#),
    }
}

fn peers(numbers: impl Iterator<Item = u32>) -> String {
    numbers.map(peer).collect::<Vec<_>>().join(",")
}

/// Everything that can be kept: profiles, marks, groups, pins, registered and destroyed chat groups.
fn writes() -> Vec<Call> {
    let mut calls: Vec<Call> = vec![
        (
            "im_open_login_svc/account_import",
            r#"{"UserID":"alice","Nick":"Alice","FaceUrl":"http://example.org/a"}"#.into(),
        ),
        ("im_open_login_svc/multiaccount_import", r#"{"Accounts":["bob","carol","工作 \\\"x"]}"#.into()),
        ("im_open_login_svc/account_delete", r#"{"DeleteItem":[{"UserID":"carol"}]}"#.into()),
    ];
    for n in [30, 4, 17, 5, 28, 1, 9] {
        let body = format!(r#"{{"Type":"Public","Name":"Team {n}","Owner_Account":"bob","GroupId":"team {n}"}}"#);
        calls.push(("group_open_http_svc/import_group", body));
    }
    calls.push(("group_open_http_svc/destroy_group", r#"{"GroupId":"team 17"}"#.into()));
    for first in (0..PEERS).step_by(50) {
        let item = |n| {
            let custom = format!("mark \\u0001 {n}");
            format!(r#"{{"OptType":3,"ContactItem":{},"SetMark":[{},63],"CustomMark":"{custom}"}}"#, peer(n), n % 60)
        };
        let items: Vec<_> = (first..(first + 50).min(PEERS)).map(item).collect();
        calls.push((
            "recentcontact/mark_contact",
            format!(r#"{{"From_Account":"alice","MarkItem":[{}]}}"#, items.join(",")),
        ));
    }
    for (account, name) in [("alice", "Work"), ("alice", "Gone"), ("alice", "工作"), ("工作 \\\\\\\"x", "Only")] {
        let group = format!(r#"[{{"GroupName":"{name}","ContactItem":[{}]}}]"#, peers(3..8));
        let body = format!(r#"{{"From_Account":"{account}","GroupContactItem":{group}}}"#);
        calls.push(("recentcontact/create_contact_group", body));
    }
    calls.push(("recentcontact/del_contact_group", r#"{"From_Account":"alice","GroupName":["Gone"]}"#.into()));
    calls.push(("recentcontact/top", pins("alice", 1, 40..44)));
    calls.push(("recentcontact/top", pins("bob", 1, 40..43)));
    calls.push(("recentcontact/top", pins("alice", 2, 41..42)));
    calls.push(rename());
    calls
}

fn pins(account: &str, operation: u32, numbers: std::ops::Range<u32>) -> String {
    let items = peers(numbers);
    format!(r#"{{"From_Account":"{account}","OperationType":{operation},"RecentContactItem":[{items}]}}"#)
}

/// Does not bear repeating, unless it is the same call again.
fn rename() -> Call {
    let group = r#"{"UpdateGroupType":1,"OldGroupName":"Work","NewGroupName":"Office"}"#;
    (
        "recentcontact/update_contact_group",
        format!(r#"{{"From_Account":"alice","UpdateType":1,"UpdateGroup":{group}}}"#),
    )
}

/// Every command that reads, over everything that can be asked for.
fn reads() -> Vec<Call> {
    let mut calls: Vec<Call> = Vec::new();
    for account in ["alice", "bob", "工作 \\\\\\\"x", "carol", "never imported"] {
        for start in [0, 1, 7, 99, 100, 101, 150, 200, 239, 240, 300] {
            let body = format!(r#"{{"From_Account":"{account}","StartIndex":{start}}}"#);
            calls.push(("recentcontact/get_contact_group", body));
        }
        let body = format!(r#"{{"From_Account":"{account}","ContactItem":[{}]}}"#, peers(0..PEERS));
        calls.push(("recentcontact/search_contact_group", body));
    }
    let items: Vec<_> =
        ACCOUNTS.iter().map(|id| format!(r#"{{"UserID":{}}}"#, serde_json::to_string(id).unwrap())).collect();
    calls.push(("im_open_login_svc/account_check", format!(r#"{{"CheckItem":[{}]}}"#, items.join(","))));
    let teams: Vec<_> = (0..40).map(|n| format!("\"team {n}\"")).collect();
    calls.push(("group_open_http_svc/get_group_info", format!(r#"{{"GroupIdList":[{}]}}"#, teams.join(","))));
    for next in 0..9 {
        for limit in [1, 3, 100] {
            let body = format!(r#"{{"Limit":{limit},"Next":{next}}}"#);
            calls.push(("group_open_http_svc/get_appid_group_list", body));
        }
    }
    calls
}

/// Calls that both stores get afterwards; the first repeats the last call before.
fn later() -> Vec<Call> {
    let mark = format!(r#"{{"OptType":1,"ContactItem":{},"ClearMark":[63]}}"#, peer(100));
    let team = r#"{"Type":"Work","Name":"New","GroupId":"new"}"#;
    vec![
        rename(),
        (
            "recentcontact/create_contact_group",
            r#"{"From_Account":"alice","GroupContactItem":[{"GroupName":"Gone"}]}"#.into(),
        ),
        ("recentcontact/mark_contact", format!(r#"{{"From_Account":"alice","MarkItem":[{mark}]}}"#)),
        ("recentcontact/top", pins("alice", 1, 60..62)),
        ("group_open_http_svc/create_group", team.into()),
        rename(),
    ]
}

async fn move_all(from: &Store, to: &Store) {
    let writer = Writer::begin(Vec::new(), START).unwrap();
    let (dump, _) = export(from.backend(), writer, |_| ()).await.unwrap();
    let moved = import(to.backend(), Reader::new(Cursor::new(dump)), Mode::IntoEmpty, |_| ()).await.unwrap();
    assert_eq!((moved.accounts, moved.chat_groups), (3, 7));
}

async fn a_moved_store_answers_the_same(from: Store, to: Store) {
    let old = serve(&from).await;
    let written = answers(&old, &writes()).await;
    let done = written.iter().all(|answer| answer.contains("\"ErrorCode\":0") && !answer.contains("ResultCode\":5"));
    assert!(done, "{written:#?}");
    let before = answers(&old, &reads()).await;
    assert!(before.iter().any(|answer| answer.contains("\"NextStartIndex\":1")), "there is more than one page");

    move_all(&from, &to).await;
    let new = serve(&to).await;
    new.clock.store(old.clock.load(Ordering::Relaxed), Ordering::Relaxed);
    assert_eq!(answers(&new, &reads()).await, before);
    answers(&old, &reads()).await;
    let (old_later, new_later) = (answers(&old, &later()).await, answers(&new, &later()).await);
    assert_eq!(new_later, old_later);
    let codes: Vec<_> = new_later.iter().map(|answer| answer.contains("\"ErrorCode\":0")).collect();
    assert_eq!(codes, [true, true, true, true, true, false], "the rename is repeated once: {new_later:#?}");
    assert_eq!(answers(&new, &reads()).await, answers(&old, &reads()).await);
    old.stop().await;
    new.stop().await;
}

fn memory() -> Store {
    Store::new(Arc::new(Memory::new()))
}

fn embedded(directory: &Path) -> Store {
    Store::new(Arc::new(Embedded::open(directory, &Settings::default()).unwrap()))
}

async fn in_postgres() -> Store {
    let settings = pinfold_store::postgres::Settings::new(postgres::shared().new_schema().parse().unwrap());
    Store::new(Arc::new(Postgres::open(&settings).await.unwrap()))
}

#[tokio::test]
async fn from_memory_to_memory() {
    a_moved_store_answers_the_same(memory(), memory()).await;
}

#[tokio::test]
async fn from_an_embedded_store_to_another() {
    let places = tempfile::tempdir().unwrap();
    a_moved_store_answers_the_same(embedded(&places.path().join("a")), embedded(&places.path().join("b"))).await;
}

#[tokio::test]
async fn from_memory_to_an_embedded_store_and_back() {
    let place = tempfile::tempdir().unwrap();
    a_moved_store_answers_the_same(memory(), embedded(&place.path().join("to"))).await;
    a_moved_store_answers_the_same(embedded(&place.path().join("from")), memory()).await;
}

#[tokio::test]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn from_an_embedded_store_to_postgres_and_back() {
    let place = tempfile::tempdir().unwrap();
    a_moved_store_answers_the_same(embedded(&place.path().join("from")), in_postgres().await).await;
    a_moved_store_answers_the_same(in_postgres().await, embedded(&place.path().join("to"))).await;
}
