//! The list of recent conversations.

use serde_json::{json, to_value, Value};
use tencent_im_rs::api::v4::common::{AssistFlag, ConversationType};
use tencent_im_rs::api::v4::recent_contact::delete::{api_delete, DeleteRequest};
use tencent_im_rs::api::v4::recent_contact::get_list::{api_get_list, GetListRequest};
use tencent_im_rs::api::v4::{make_url, TencentHelper};

use crate::server::Server;

/// Pins a conversation with bob, then one in a chat group. The client has no command for it.
async fn pin(client: &mut TencentHelper) {
    let url = make_url(client, "v4/recentcontact/top");
    let pinned = json!([{"Type": 1, "To_Account": "bob"}, {"Type": 2, "ToGroupId": "room"}]);
    let body = json!({"From_Account": "alice", "OperationType": 1, "RecentContactItem": pinned});
    let answer: Value = client.get_client().post(url).json(&body).send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["ErrorCode"], 0, "{answer}");
}

async fn list(client: &mut TencentHelper, flags: AssistFlag) -> Value {
    list_of(client, "alice", flags).await
}

/// The list of an account with these flags, without its times, which are looked at.
pub(crate) async fn list_of(client: &mut TencentHelper, account: &str, flags: AssistFlag) -> Value {
    let request = GetListRequest::new(account, 0, 0, 0, 0, flags);
    let mut answer = api_get_list(client, request).await.unwrap();
    assert!(answer.timestamp.is_some_and(|seconds| seconds > 1_700_000_000));
    assert_eq!(answer.timestamp.take(), answer.top_timestamp.take());
    let mut answer = to_value(answer).unwrap();
    for item in answer["SessionItem"].as_array_mut().unwrap() {
        assert!(item.as_object_mut().unwrap().remove("MsgTime").unwrap().as_u64().unwrap() > 1_700_000_000);
    }
    answer
}

fn of(items: Value) -> Value {
    json!({"SessionItem": items, "CompleteFlag": 1, "StartIndex": 0, "TopStartIndex": 0,
        "ActionStatus": "OK", "ErrorCode": 0, "ErrorInfo": "", "ErrorDisplay": ""})
}

async fn delete(client: &mut TencentHelper, request: DeleteRequest) {
    let answer = to_value(api_delete(client, request).await.unwrap()).unwrap();
    assert_eq!(answer, json!({"ActionStatus": "OK", "ErrorCode": 0, "ErrorInfo": "", "ErrorDisplay": ""}));
}

#[tokio::test]
async fn the_list_is_read_with_every_flag_that_the_client_has() {
    let server = Server::start();
    let mut client = server.client_among(&["alice", "bob"]).await;
    assert_eq!(list(&mut client, AssistFlag::all()).await, of(json!([])));
    pin(&mut client).await;
    let pinned = json!([{"Type": 1, "To_Account": "bob", "TopFlag": 1}, {"Type": 2, "GroupId": "room", "TopFlag": 1}]);
    for bits in 0..=AssistFlag::all().bits() {
        assert_eq!(list(&mut client, AssistFlag::from_bits_truncate(bits)).await, of(pinned.clone()), "{bits}");
    }
}

#[tokio::test]
async fn a_conversation_that_is_deleted_leaves_the_list() {
    let server = Server::start();
    let mut client = server.client_among(&["alice", "bob"]).await;
    pin(&mut client).await;
    let mut request = DeleteRequest::new("alice", ConversationType::OneToOne);
    request.set_to_account(Some("bob")).set_clear_ramble(Some(true));
    delete(&mut client, request).await;
    let rest = json!([{"Type": 2, "GroupId": "room", "TopFlag": 1}]);
    assert_eq!(list(&mut client, AssistFlag::all()).await, of(rest));
    let mut request = DeleteRequest::new("alice", ConversationType::Group);
    request.set_group_id(Some("room")).set_clear_ramble(Some(false));
    delete(&mut client, request).await;
    assert_eq!(list(&mut client, AssistFlag::all()).await, of(json!([])));
}
