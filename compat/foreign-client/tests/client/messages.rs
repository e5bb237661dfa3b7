//! The commands that send messages. `pinfold dev` takes them, so that the list has something to show. The client
//! has no call for `importmsg`.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{json, to_value, Value};
use tencent_im_rs::api::v4::common::{ActionStatus, AssistFlag, Msg, MsgBody, MsgContent};
use tencent_im_rs::api::v4::group_open_http_svc::import_group_msg::{api_import_group_msg, ImportGroupMsgRequest};
use tencent_im_rs::api::v4::group_open_http_svc::send_group_msg::{api_send_group_msg, SendGroupMsgRequest};
use tencent_im_rs::api::v4::open_im::batch_send_msg::{api_batchsendmsg, BatchSendMsgRequest};
use tencent_im_rs::api::v4::open_im::send_msg::{api_sendmsg, SendMsgRequest};
use tencent_im_rs::api::v4::TencentHelper;

use crate::recent::list_of;
use crate::server::Server;

fn body() -> Vec<MsgBody> {
    vec![MsgBody::new(MsgContent::str_text(), MsgContent::content_text("hello"))]
}

fn now() -> u32 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as u32
}

/// The conversations in the list of an account.
async fn listed(client: &mut TencentHelper, account: &str) -> Value {
    list_of(client, account, AssistFlag::all()).await["SessionItem"].clone()
}

fn with(account: &str) -> Value {
    json!([{"Type": 1, "To_Account": account, "TopFlag": 0}])
}

#[tokio::test]
async fn a_message_is_in_the_lists_of_both() {
    let server = Server::start();
    let mut client = server.client_among(&["alice", "bob"]).await;
    let mut request = SendMsgRequest::new("bob", 1287657, body());
    request.set_from_account(Some("alice")).set_sync_other_machine(Some(1)).set_msg_lifetime(Some(60));
    let answer = api_sendmsg(&mut client, request).await.unwrap();
    assert_eq!((answer.action_status, answer.error_code), (Some(ActionStatus::Ok), Some(0)));
    let (time, key) = (answer.msg_time.unwrap(), answer.msg_key.unwrap());
    assert!(key.ends_with(&format!("_1287657_{time}")), "{key}");
    assert_eq!(listed(&mut client, "alice").await, with("bob"));
    assert_eq!(listed(&mut client, "bob").await, with("alice"));
}

#[tokio::test]
async fn of_several_receivers_those_that_are_unknown_are_named() {
    let server = Server::start();
    let mut client = server.client_among(&["alice", "bob"]).await;
    let mut request = BatchSendMsgRequest::new(vec!["bob", "nobody"], 7, body());
    request.set_from_account(Some("alice"));
    let answer = api_batchsendmsg(&mut client, request).await.unwrap();
    assert_eq!((&answer.action_status, answer.error_code), (&Some(ActionStatus::SomeError), Some(0)));
    let unknown = to_value(answer.error_list).unwrap();
    assert_eq!(unknown, json!([{"To_Account": "nobody", "ErrorCode": 70107}]));
    assert_eq!(listed(&mut client, "bob").await, with("alice"));
}

#[tokio::test]
async fn a_message_in_a_chat_group_is_in_the_list_of_its_sender() {
    let server = Server::start();
    let mut client = server.client_among(&["alice", "bob"]).await;
    let mut request = SendGroupMsgRequest::new("room", 7, body());
    request.set_from_account(Some("alice"));
    let answer = api_send_group_msg(&mut client, request).await.unwrap();
    assert_eq!((answer.action_status, answer.error_code), (Some(ActionStatus::Ok), Some(0)));
    assert!(answer.msg_time.is_some() && answer.msg_seq.is_some());
    let room = json!([{"Type": 2, "GroupId": "room", "TopFlag": 0}]);
    assert_eq!(listed(&mut client, "alice").await, room);
    assert_eq!(listed(&mut client, "bob").await, json!([]));
}

#[tokio::test]
async fn imported_messages_of_a_chat_group_are_answered_each() {
    let server = Server::start();
    let mut client = server.client_among(&["alice", "bob"]).await;
    let messages = vec![Msg::new("alice", now() - 60, body()), Msg::new("bob", 0, body())];
    let mut request = ImportGroupMsgRequest::new("room", messages);
    request.set_recent_contact_flag(Some(true));
    let answer = api_import_group_msg(&mut client, request).await.unwrap();
    assert_eq!((answer.action_status, answer.error_code), (Some(ActionStatus::Ok), Some(0)));
    let results: Vec<_> = answer.import_msg_result.iter().map(|imported| imported.msg_result).collect();
    assert_eq!(results, [0, 10004]);
    assert_eq!(listed(&mut client, "alice").await, json!([{"Type": 2, "GroupId": "room", "TopFlag": 0}]));
    assert_eq!(listed(&mut client, "bob").await, json!([]));
}
