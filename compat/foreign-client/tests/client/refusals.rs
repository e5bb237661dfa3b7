//! Refusals: the client gets them as answers, never as errors of transport or parsing.

use serde_json::{json, Value};
use tencent_im_rs::api::v4::recent_contact::get_contact_group::{api_get_contact_group, GetContactGroupRequest};
use tencent_im_rs::api::v4::TencentHelper;

use crate::commands::{create, delete, with};
use crate::server::{Server, ADMINISTRATOR};

/// The code of an answer that says no, with a sentence and without anything else.
fn refusal(answer: &Value) -> u64 {
    assert_eq!((&answer["ActionStatus"], &answer["ErrorDisplay"]), (&json!("FAIL"), &json!("")));
    assert!(!answer["ErrorInfo"].as_str().unwrap().is_empty());
    assert_eq!(answer.as_object().unwrap().len(), 4, "{answer}");
    answer["ErrorCode"].as_u64().unwrap()
}

async fn get(client: &mut TencentHelper, account: &str) -> u64 {
    let answer = api_get_contact_group(client, GetContactGroupRequest::new(account, 0)).await.unwrap();
    refusal(&serde_json::to_value(answer).unwrap())
}

#[tokio::test]
async fn an_unknown_conversation_group_is_51009() {
    let server = Server::start();
    let mut client = server.client_among(&["alice"]).await;
    assert_eq!(refusal(&delete(&mut client, "alice", "Work").await), 51009);
}

#[tokio::test]
async fn an_unknown_account_is_50001() {
    let server = Server::start();
    let mut client = server.client();
    assert_eq!(get(&mut client, "nobody").await, 50001);
}

#[tokio::test]
async fn an_unknown_peer_is_50001_for_its_item_only() {
    let server = Server::start();
    let mut client = server.client_among(&["alice", "bob"]).await;
    let answer = create(&mut client, "alice", "Work", vec![with("bob"), with("nobody")]).await;
    let codes = answer["GroupResultItem"][0]["ResultItem"].as_array().unwrap().iter().map(|item| &item["ResultCode"]);
    assert_eq!(codes.collect::<Vec<_>>(), [0, 50001]);
    assert_eq!(answer["ErrorCode"], 0);
}

#[tokio::test]
async fn a_name_that_is_too_long_is_51011() {
    let server = Server::start();
    let mut client = server.client_among(&["alice"]).await;
    assert_eq!(refusal(&create(&mut client, "alice", &"x".repeat(65), Vec::new()).await), 51011);
}

#[tokio::test]
async fn each_bad_signature_has_its_own_code() {
    let server = Server::start();
    let other_key = server.signature(ADMINISTRATOR, Some("another key that was made up for this test"));
    let other_identifier = server.signature("alice", None);
    for (signature, code) in
        [(other_key, 70009), (other_identifier, 70013), ("nonsense".to_owned(), 70003), (String::new(), 70002)]
    {
        let mut client = server.client_with("127.0.0.1", ADMINISTRATOR, signature);
        assert_eq!(get(&mut client, ADMINISTRATOR).await, code);
    }
}

#[tokio::test]
async fn a_caller_who_is_no_administrator_is_50003() {
    let server = Server::start();
    let mut client = server.client_with("127.0.0.1", "alice", server.signature("alice", None));
    assert_eq!(get(&mut client, "alice").await, 50003);
}
