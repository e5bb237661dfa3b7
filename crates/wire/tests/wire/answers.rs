//! The answer samples of the documentation, byte for byte.

use std::fmt::Debug;

use pinfold_wire::commands::{
    AccountCheck, AccountDelete, CreateContactGroup, CreateGroup, DelContactGroup, GetAppidGroupList, GetContactGroup,
    GetGroupInfo, MarkContact, MultiaccountImport, SearchContactGroup, UpdateContactGroup,
};
use pinfold_wire::{
    Command,
    account::{account_check, account_delete, multiaccount_import},
    envelope,
    group::{RegisteredChatGroup, get_appid_group_list, get_group_info},
    recent_contact::{
        ConversationEcho, GroupItem, ItemResult, Record, create_contact_group, del_contact_group, get_contact_group,
        mark_contact, search_contact_group, update_contact_group,
    },
};

/// The answer is written as the sample, and the sample read as the answer.
fn is_sample<C: Command>(response: &C::Response, sample: &str)
where
    C::Response: PartialEq + Debug,
{
    assert_eq!(String::from_utf8(envelope::ok(C::SERVICE, response)).unwrap(), sample);
    assert_eq!(&envelope::parse_answer::<C>(sample.as_bytes()).unwrap(), response);
}

fn group_item(name: &str) -> GroupItem {
    GroupItem { group_name: name.to_owned(), group_id: 1 }
}

#[test]
fn create_contact_group_answers_as_documented() {
    let bob = ItemResult { contact_item: ConversationEcho::one_to_one("bob"), ..Default::default() };
    let unknown = ItemResult {
        contact_item: ConversationEcho::chat_group("@TGS#1AAAAAAA1"),
        result_code: 51007,
        result_info: "…".to_owned(),
    };
    let group = create_contact_group::GroupResult { group_item: group_item("Work"), result_item: vec![bob, unknown] };
    let sample = r#"{"GroupResultItem":[{"GroupItem":{"GroupName":"Work","GroupId":1},"ResultItem":[{"ContactItem":{"Type":1,"To_Account":"bob"},"ResultCode":0,"ResultInfo":""},{"ContactItem":{"Type":2,"ToGroupId":"@TGS#1AAAAAAA1"},"ResultCode":51007,"ResultInfo":"…"}]}],"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ErrorDisplay":""}"#;
    is_sample::<CreateContactGroup>(&create_contact_group::Response { group_result_item: vec![group] }, sample);
}

#[test]
fn a_new_group_without_conversations_answers_an_empty_array() {
    let group = create_contact_group::GroupResult { group_item: group_item("Work"), result_item: Vec::new() };
    let answer =
        envelope::ok(CreateContactGroup::SERVICE, &create_contact_group::Response { group_result_item: vec![group] });
    assert!(String::from_utf8(answer).unwrap().contains(r#""ResultItem":[]"#));
}

#[test]
fn update_contact_group_answers_as_documented() {
    let result = |opt_type: u32, conversation: ConversationEcho| update_contact_group::ContactResult {
        contact_opt_type: opt_type,
        contact_item: conversation,
        ..Default::default()
    };
    let update_group_result = update_contact_group::UpdateGroupResult {
        update_group_type: 2,
        group_name: "Office".to_owned(),
        group_id: 1,
        old_group_name: "Office".to_owned(),
        contact_result_item: vec![
            result(1, ConversationEcho::one_to_one("carol")),
            result(2, ConversationEcho::chat_group("@TGS#1AAAAAAA1")),
        ],
    };
    let sample = r#"{"UpdateType":1,"UpdateGroupResult":{"UpdateGroupType":2,"GroupName":"Office","GroupId":1,"OldGroupName":"Office","ContactResultItem":[{"ContactOptType":1,"ContactItem":{"Type":1,"To_Account":"carol"},"ResultCode":0,"ResultInfo":""},{"ContactOptType":2,"ContactItem":{"Type":2,"ToGroupId":"@TGS#1AAAAAAA1"},"ResultCode":0,"ResultInfo":""}]},"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ErrorDisplay":""}"#;
    is_sample::<UpdateContactGroup>(&update_contact_group::Response { update_type: 1, update_group_result }, sample);
}

#[test]
fn del_contact_group_answers_as_documented() {
    let sample = r#"{"GroupItem":[{"GroupName":"Office","GroupId":1}],"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ErrorDisplay":""}"#;
    is_sample::<DelContactGroup>(&del_contact_group::Response { group_item: vec![group_item("Office")] }, sample);
}

#[test]
fn mark_contact_answers_as_documented() {
    let result = mark_contact::MarkResult {
        opt_type: 3,
        contact_item: ConversationEcho::one_to_one("bob"),
        ..Default::default()
    };
    let sample = r#"{"ResultItem":[{"OptType":3,"ContactItem":{"Type":1,"To_Account":"bob"},"ResultCode":0,"ResultInfo":""}],"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ErrorDisplay":""}"#;
    is_sample::<MarkContact>(&mark_contact::Response { result_item: vec![result] }, sample);
}

#[test]
fn a_record_shows_only_what_it_has_and_always_its_standard_mark() {
    let full = Record {
        kind: 1,
        to_account: Some("bob".into()),
        to_group_id: None,
        standard_mark: "111001".into(),
        custom_mark: "vip".into(),
        contact_group_id: vec![1, 2],
        timestamp: 1_750_000_100,
    };
    let bare = Record { kind: 2, to_group_id: Some("g".into()), timestamp: 7, ..Default::default() };
    let response = search_contact_group::Response {
        contact_result_item: vec![full, bare],
        group_item: vec![group_item("Office")],
    };
    let sample = r#"{"ContactResultItem":[{"Type":1,"To_Account":"bob","StandardMark":"111001","CustomMark":"vip","ContactGroupId":[1,2],"Timestamp":1750000100},{"Type":2,"ToGroupId":"g","StandardMark":"","Timestamp":7}],"GroupItem":[{"GroupName":"Office","GroupId":1}],"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ErrorDisplay":""}"#;
    is_sample::<SearchContactGroup>(&response, sample);
}

#[test]
fn get_contact_group_answers_as_documented() {
    let response = get_contact_group::Response { complete_flag: 1, complete_time: 1_750_000_100, ..Default::default() };
    let sample = r#"{"ContactItem":[],"GroupItem":[],"CompleteFlag":1,"NextStartIndex":0,"CompleteTime":1750000100,"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ErrorDisplay":""}"#;
    is_sample::<GetContactGroup>(&response, sample);
}

#[test]
fn a_conversation_that_could_not_be_read_is_an_empty_account() {
    let json = serde_json::to_string(&ConversationEcho::unreadable()).unwrap();
    assert_eq!(json, r#"{"Type":1,"To_Account":""}"#);
}

#[test]
fn the_account_service_puts_its_envelope_first() {
    let response = multiaccount_import::Response { fail_accounts: vec!["bob".to_owned()] };
    let sample = r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"FailAccounts":["bob"]}"#;
    is_sample::<MultiaccountImport>(&response, sample);
}

#[test]
fn account_check_and_account_delete_answer_as_documented() {
    let checked = account_check::CheckResult {
        user_id: "bob".to_owned(),
        account_status: account_check::AccountStatus::Imported,
        ..Default::default()
    };
    let sample = r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"ResultItem":[{"UserID":"bob","ResultCode":0,"ResultInfo":"","AccountStatus":"Imported"}]}"#;
    is_sample::<AccountCheck>(&account_check::Response { result_item: vec![checked] }, sample);
    let deleted =
        account_delete::DeleteResult { result_code: 70107, result_info: "no".to_owned(), user_id: "bob".to_owned() };
    let sample = r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"ResultItem":[{"ResultCode":70107,"ResultInfo":"no","UserID":"bob"}]}"#;
    is_sample::<AccountDelete>(&account_delete::Response { result_item: vec![deleted] }, sample);
}

#[test]
fn the_group_service_answers_as_documented() {
    let sample = r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"GroupId":"team"}"#;
    is_sample::<CreateGroup>(&RegisteredChatGroup { group_id: "team".to_owned() }, sample);
    let info = get_group_info::GroupInfo {
        group_id: "team".to_owned(),
        kind: "Public".to_owned(),
        name: "Team".to_owned(),
        create_time: 7,
        ..Default::default()
    };
    let sample = r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"GroupInfo":[{"GroupId":"team","ErrorCode":0,"ErrorInfo":"","Type":"Public","Name":"Team","Owner_Account":"","CreateTime":7}]}"#;
    is_sample::<GetGroupInfo>(&get_group_info::Response { group_info: vec![info] }, sample);
    let item = get_appid_group_list::GroupIdItem { group_id: "team".to_owned() };
    let page = get_appid_group_list::Response { total_count: 1, group_id_list: vec![item], next: 0 };
    let sample = r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"TotalCount":1,"GroupIdList":[{"GroupId":"team"}],"Next":0}"#;
    is_sample::<GetAppidGroupList>(&page, sample);
}
