//! The six commands.

use serde_json::{json, to_value, Value};
use tencent_im_rs::api::v4::common::{
    ContactItem, ContactOptType, ConversationType, MarkOptType, UpdateGroupType, UpdateType,
};
use tencent_im_rs::api::v4::recent_contact::create_contact_group::{
    api_create_contact_group, CreateContactGroupRequest, GroupContactItem,
};
use tencent_im_rs::api::v4::recent_contact::del_contact_group::{api_del_contact_group, DelContactGroupRequest};
use tencent_im_rs::api::v4::recent_contact::get_contact_group::{api_get_contact_group, GetContactGroupRequest};
use tencent_im_rs::api::v4::recent_contact::mark_contact::{api_mark_contact, MarkContactRequest, MarkItem};
use tencent_im_rs::api::v4::recent_contact::search_contact_group::{
    api_search_contact_group, SearchContactGroupRequest,
};
use tencent_im_rs::api::v4::recent_contact::update_contact_group::{
    api_update_contact_group, ContactUpdateItem, UpdateContactGroupRequest, UpdateGroup,
};
use tencent_im_rs::api::v4::TencentHelper;

use crate::server::{Server, ADMINISTRATOR};

pub(crate) fn with(account: &str) -> ContactItem {
    let mut conversation = ContactItem::new(ConversationType::OneToOne);
    conversation.set_to_account(Some(account));
    conversation
}

fn within(chat_group: &str) -> ContactItem {
    let mut conversation = ContactItem::new(ConversationType::Group);
    conversation.set_to_group_id(Some(chat_group));
    conversation
}

/// What the client made of an answer, with the fields of every success; `rest` are those of the command.
fn ok(rest: Value) -> Value {
    let mut answer = json!({"ActionStatus": "OK", "ErrorCode": 0, "ErrorInfo": "", "ErrorDisplay": ""});
    answer.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    answer
}

/// Takes the times out of the records, after looking at them.
fn timeless(records: &mut Option<Vec<ContactItem>>) {
    for record in records.as_mut().unwrap() {
        assert!(record.timestamp().is_some_and(|seconds| seconds > 1_700_000_000));
        record.set_timestamp(None);
    }
}

pub(crate) async fn create(client: &mut TencentHelper, account: &str, name: &str, members: Vec<ContactItem>) -> Value {
    let request = CreateContactGroupRequest::new(account, vec![GroupContactItem::new(name, members)]);
    to_value(api_create_contact_group(client, request).await.unwrap()).unwrap()
}

pub(crate) async fn delete(client: &mut TencentHelper, account: &str, name: &str) -> Value {
    let request = DelContactGroupRequest::new(account, vec![name]);
    to_value(api_del_contact_group(client, request).await.unwrap()).unwrap()
}

async fn get(client: &mut TencentHelper) -> Value {
    let mut answer = api_get_contact_group(client, GetContactGroupRequest::new("alice", 0)).await.unwrap();
    timeless(&mut answer.contact_item);
    to_value(answer).unwrap()
}

#[tokio::test]
async fn a_conversation_group_is_created_and_deleted() {
    let server = Server::start();
    let mut client = server.client_among(&["alice", "bob"]).await;
    assert_eq!(
        create(&mut client, "alice", "Work", vec![with("bob"), within("@TGS#1AAAAAAA1")]).await,
        ok(json!({"GroupResultItem": [{"GroupItem": {"GroupName": "Work", "GroupId": 1}, "ResultItem": [
            {"ContactItem": {"Type": 1, "To_Account": "bob"}, "ResultCode": 0, "ResultInfo": ""},
            {"ContactItem": {"Type": 2, "ToGroupId": "@TGS#1AAAAAAA1"}, "ResultCode": 0, "ResultInfo": ""}
        ]}]}))
    );
    let deleted = ok(json!({"GroupItem": [{"GroupName": "Work", "GroupId": 1}]}));
    assert_eq!(delete(&mut client, "alice", "Work").await, deleted);
}

#[tokio::test]
async fn a_conversation_group_is_renamed_and_its_members_change() {
    let server = Server::start();
    let mut client = server.client_among(&["alice", "bob", "carol"]).await;
    create(&mut client, "alice", "Work", vec![with("bob")]).await;
    let mut rename = UpdateGroup::new(UpdateGroupType::GroupName, Vec::new());
    rename.set_old_group_name(Some("Work")).set_new_group_name(Some("Office"));
    let request = UpdateContactGroupRequest::new("alice", UpdateType::AddOrDelete, rename);
    assert_eq!(
        to_value(api_update_contact_group(&mut client, request).await.unwrap()).unwrap(),
        ok(json!({"UpdateType": 1, "UpdateGroupResult": {
            "UpdateGroupType": 1, "GroupName": "Office", "GroupId": 1, "OldGroupName": "Work", "ContactResultItem": []
        }}))
    );
    let changes = vec![
        ContactUpdateItem::new(ContactOptType::Add, with("carol")),
        ContactUpdateItem::new(ContactOptType::Delete, with("bob")),
    ];
    let mut members = UpdateGroup::new(UpdateGroupType::Conversation, changes);
    members.set_old_group_name(Some("Office"));
    let request = UpdateContactGroupRequest::new("alice", UpdateType::AddOrDelete, members);
    assert_eq!(
        to_value(api_update_contact_group(&mut client, request).await.unwrap()).unwrap(),
        ok(json!({"UpdateType": 1, "UpdateGroupResult": {
            "UpdateGroupType": 2, "GroupName": "Office", "GroupId": 1, "OldGroupName": "Office", "ContactResultItem": [
                {"ContactOptType": 1, "ContactItem": {"Type": 1, "To_Account": "carol"}, "ResultCode": 0, "ResultInfo": ""},
                {"ContactOptType": 2, "ContactItem": {"Type": 1, "To_Account": "bob"}, "ResultCode": 0, "ResultInfo": ""}
            ]
        }}))
    );
}

#[tokio::test]
async fn what_was_marked_is_found_and_listed() {
    let server = Server::start();
    let mut client = server.client_among(&["alice", "bob"]).await;
    create(&mut client, "alice", "Work", vec![with("bob")]).await;
    let mut mark = MarkItem::new(MarkOptType::StandardAndCustom, with("bob"));
    mark.set_set_mark(Some(vec![0, 33])).set_clear_mark(Some(vec![1])).set_custom_mark(Some("vip"));
    let answer = api_mark_contact(&mut client, MarkContactRequest::new("alice", vec![mark])).await.unwrap();
    assert_eq!(
        to_value(answer).unwrap(),
        ok(json!({"ResultItem": [
            {"OptType": 3, "ContactItem": {"Type": 1, "To_Account": "bob"}, "ResultCode": 0, "ResultInfo": ""}
        ]}))
    );
    let record = json!({"Type": 1, "To_Account": "bob", "StandardMark": format!("1{}1", "0".repeat(32)),
        "CustomMark": "vip", "ContactGroupId": [1]});
    let groups = json!([{"GroupName": "Work", "GroupId": 1}]);
    let request = SearchContactGroupRequest::new("alice", vec![with("bob"), with("carol")]);
    let mut found = api_search_contact_group(&mut client, request).await.unwrap();
    timeless(&mut found.contact_result_item);
    assert_eq!(to_value(found).unwrap(), ok(json!({"ContactResultItem": [record], "GroupItem": groups})));
    assert_eq!(
        get(&mut client).await,
        ok(json!({"ContactItem": [record], "GroupItem": groups, "CompleteFlag": 1, "NextStartIndex": 0}))
    );
}

#[tokio::test]
async fn an_account_with_nothing_has_empty_lists_that_the_client_can_read() {
    let server = Server::start();
    let mut client = server.client_among(&["alice"]).await;
    assert_eq!(
        get(&mut client).await,
        ok(json!({"ContactItem": [], "GroupItem": [], "CompleteFlag": 1, "NextStartIndex": 0}))
    );
}

#[tokio::test]
async fn the_server_is_reached_by_its_dns_name_too() {
    let server = Server::start();
    let mut client = server.client_with("localhost", ADMINISTRATOR, server.signature(ADMINISTRATOR, None));
    let answer = api_get_contact_group(&mut client, GetContactGroupRequest::new(ADMINISTRATOR, 0)).await.unwrap();
    assert_eq!(answer.error_code, Some(0));
}
