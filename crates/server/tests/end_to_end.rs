//! A few calls through all layers, over TCP.

#![allow(clippy::unwrap_used, reason = "test code")]

mod support;

use std::sync::Arc;

use pinfold_core::Registration;
use serde_json::{Value, json};
use support::TestServer;
use tokio::task::JoinSet;

#[tokio::test]
async fn a_conversation_is_marked_grouped_found_and_listed() {
    let server = TestServer::start().await;
    let import = r#"{"Accounts":["alice","bob"]}"#;
    assert_eq!(
        server.post("im_open_login_svc/multiaccount_import", import).await,
        r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"FailAccounts":[]}"#
    );
    let mark = r#"{"From_Account":"alice","MarkItem":[{"OptType":3,"ContactItem":{"Type":1,"To_Account":"bob"},"SetMark":[0,33],"CustomMark":"vip"}]}"#;
    assert_eq!(
        server.post("recentcontact/mark_contact", mark).await,
        r#"{"ResultItem":[{"OptType":3,"ContactItem":{"Type":1,"To_Account":"bob"},"ResultCode":0,"ResultInfo":""}],"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ErrorDisplay":""}"#
    );
    let create = r#"{"From_Account":"alice","GroupContactItem":[{"GroupName":"Work","ContactItem":[{"Type":1,"To_Account":"bob"}]}]}"#;
    assert_eq!(
        server.post("recentcontact/create_contact_group", create).await,
        r#"{"GroupResultItem":[{"GroupItem":{"GroupName":"Work","GroupId":1},"ResultItem":[{"ContactItem":{"Type":1,"To_Account":"bob"},"ResultCode":0,"ResultInfo":""}]}],"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ErrorDisplay":""}"#
    );
    let get = server.post("recentcontact/get_contact_group", r#"{"From_Account":"alice"}"#).await;
    assert_eq!(
        get,
        r#"{"ContactItem":[{"Type":1,"To_Account":"bob","StandardMark":"1000000000000000000000000000000001","CustomMark":"vip","ContactGroupId":[1],"Timestamp":1750000000}],"GroupItem":[{"GroupName":"Work","GroupId":1}],"CompleteFlag":1,"NextStartIndex":0,"CompleteTime":1750000000,"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ErrorDisplay":""}"#
    );
    server.stop().await;
}

/// The changes of alice, the newest first.
async fn changes(server: &TestServer) -> Vec<Value> {
    let page = server.post("pinfold/get_changes", r#"{"From_Account":"alice","Limit":100}"#).await;
    let page: Value = serde_json::from_str(&page).unwrap();
    assert_eq!(page["CompleteFlag"], 1, "{page}");
    page["Change"].as_array().unwrap().clone()
}

/// Creates a conversation group, renames it five times, marks and pins: ten changes.
async fn make_ten_changes(server: &TestServer) {
    let bob = json!({"Type": 1, "To_Account": "bob"});
    let call = async |command: &str, body: Value| drop(server.post(command, &body.to_string()).await);
    let group = json!([{"GroupName": "0", "ContactItem": [bob]}]);
    call("recentcontact/create_contact_group", json!({"From_Account": "alice", "GroupContactItem": group})).await;
    for name in 0..5 {
        let (old, new) = (name.to_string(), (name + 1).to_string());
        let update = json!({"UpdateGroupType": 1, "OldGroupName": old, "NewGroupName": new});
        let body = json!({"From_Account": "alice", "UpdateType": 1, "UpdateGroup": update});
        call("recentcontact/update_contact_group", body).await;
    }
    for bit in 0..3 {
        let item = json!({"OptType": 1, "ContactItem": bob, "SetMark": [bit]});
        call("recentcontact/mark_contact", json!({"From_Account": "alice", "MarkItem": [item]})).await;
    }
    let pin = json!({"From_Account": "alice", "OperationType": 1, "RecentContactItem": [bob]});
    call("recentcontact/top", pin).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_of_many_undos_at_once_is_made_once_or_refused_and_the_history_tells_all_of_them() {
    let server = Arc::new(TestServer::with(|config| config.apps[0].accounts = Registration::Any).await);
    make_ten_changes(&server).await;
    assert_eq!(changes(&server).await.len(), 10);
    let mut undos = JoinSet::new();
    for number in 0..64 {
        let server = Arc::clone(&server);
        let body = json!({"From_Account": "alice", "Revision": 10 - number % 10}).to_string();
        undos.spawn(async move { server.post("pinfold/undo", &body).await });
    }
    let answers = undos.join_all().await.into_iter().map(|answer| serde_json::from_str::<Value>(&answer).unwrap());
    let (made, refused): (Vec<_>, Vec<_>) = answers.partition(|answer| answer["ErrorCode"] == 0);
    assert!(refused.iter().all(|answer| answer["ErrorCode"] == 50002), "{refused:?}");
    let mut told: Vec<_> = made.iter().flat_map(|answer| answer["Change"].as_array().unwrap()).cloned().collect();
    told.sort_by_key(|change| std::cmp::Reverse(change["Revision"].as_u64()));
    let kept = changes(&server).await;
    assert_eq!(kept[..kept.len() - 10], told, "each undo that was answered is in the history, and nothing else");
    let revisions: Vec<_> = kept.iter().map(|change| change["Revision"].as_u64().unwrap()).collect();
    assert_eq!(revisions, (1..=kept.len() as u64).rev().collect::<Vec<_>>());
    assert!((4..=10).contains(&told.len()), "three marks and a pin can be undone in any order: {told:?}");
}
