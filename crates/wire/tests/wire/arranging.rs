//! The list of recent conversations, and the commands of `pinfold`.

use std::fmt::Debug;

use pinfold_wire::pinfold::{find_conversations, list_groups, order_groups, order_pins, set_group_data};
use pinfold_wire::recent_contact::{ContactItem, ConversationEcho, Record, delete, get_list};
use pinfold_wire::{Lenient, Malformed, Service, body, envelope};
use serde::Serialize;
use serde::de::DeserializeOwned;

const CHAT_GROUP: &str = "@TGS#1AAAAAAA1";

/// The request is written as the sample, and the sample read as the request.
fn is_sample<R: Serialize + DeserializeOwned + PartialEq + Debug>(request: &R, sample: &str) {
    assert_eq!(serde_json::to_string(request).unwrap(), sample);
    assert_eq!(body::read::<R>(sample.as_bytes()).as_ref(), Ok(request));
}

fn answer<R: Serialize>(service: Service, response: &R) -> String {
    String::from_utf8(envelope::ok(service, response)).unwrap()
}

#[test]
fn get_list_is_read_as_documented_without_a_look_at_its_cursors() {
    let sample = r#"{"From_Account":"alice","TimeStamp":0,"StartIndex":[],"TopTimeStamp":"x","TopStartIndex":{},"AssistFlags":63}"#;
    let request = get_list::Request { from_account: "alice".into(), assist_flags: 63.into() };
    assert_eq!(body::read(sample.as_bytes()), Ok(request));
}

#[test]
fn get_list_answers_marks_and_groups_only_where_there_are_some() {
    let marked = get_list::SessionItem {
        kind: 1,
        to_account: Some("bob".into()),
        msg_time: 1_750_000_000,
        standard_mark: "1".into(),
        custom_mark: "vip".into(),
        contact_group_id: vec![1],
        ..Default::default()
    };
    let pinned = get_list::SessionItem {
        kind: 2,
        group_id: Some(CHAT_GROUP.into()),
        msg_time: 1_750_000_050,
        top_flag: 1,
        ..Default::default()
    };
    let response = get_list::Response {
        session_item: vec![marked, pinned],
        complete_flag: 1,
        time_stamp: 1_750_000_200,
        start_index: 0,
        top_time_stamp: 1_750_000_200,
        top_start_index: 0,
    };
    let sample = r#"{"SessionItem":[{"Type":1,"To_Account":"bob","MsgTime":1750000000,"TopFlag":0,"StandardMark":"1","CustomMark":"vip","ContactGroupId":[1]},{"Type":2,"GroupId":"@TGS#1AAAAAAA1","MsgTime":1750000050,"TopFlag":1}],"CompleteFlag":1,"TimeStamp":1750000200,"StartIndex":0,"TopTimeStamp":1750000200,"TopStartIndex":0,"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ErrorDisplay":""}"#;
    assert_eq!(answer(Service::RecentContact, &response), sample);
}

#[test]
fn delete_is_written_as_documented() {
    let request = |conversation| delete::Request { from_account: "alice".into(), conversation };
    is_sample(&request(ContactItem::one_to_one("bob")), r#"{"From_Account":"alice","Type":1,"To_Account":"bob"}"#);
    let sample = r#"{"From_Account":"alice","Type":2,"ToGroupid":"@TGS#1AAAAAAA1"}"#;
    is_sample(&request(ContactItem::chat_group(CHAT_GROUP)), sample);
}

#[test]
fn delete_takes_every_spelling_and_tells_which_was_sent() {
    for (json, kind, group_id) in [
        (r#"{"Type":2,"ToGroupid":"g"}"#, "Type", "ToGroupid"),
        (r#"{"type":2,"ToGroupId":"g"}"#, "type", "ToGroupId"),
        (r#"{"type":"2","GroupId":"g","ToGroupid":null,"ClearRamble":{}}"#, "type", "GroupId"),
    ] {
        let conversation = body::read::<delete::Request>(json.as_bytes()).unwrap().conversation;
        assert_eq!(conversation, ContactItem::chat_group("g"), "{json}");
        let sent_as = (conversation.kind_sent_as.or("?"), conversation.to_group_id_sent_as.or("?"));
        assert_eq!(sent_as, (kind, group_id), "{json}");
    }
}

#[test]
fn the_chat_group_of_delete_is_called_as_documented_where_it_is_missing() {
    let conversation = body::read::<delete::Request>(br#"{"Type":2}"#).unwrap().conversation;
    assert_eq!(conversation.to_group_id_sent_as.or("ToGroupId"), "ToGroupid");
}

#[test]
fn the_commands_of_pinfold_are_written_as_described() {
    let from_account: Lenient<String> = "alice".into();
    let list = list_groups::Request { from_account: from_account.clone() };
    is_sample(&list, r#"{"From_Account":"alice"}"#);
    let groups = order_groups::Request { from_account: from_account.clone(), group_name: ["Work".to_owned()].into() };
    is_sample(&groups, r#"{"From_Account":"alice","GroupName":["Work"]}"#);
    let pins = order_pins::Request {
        from_account: from_account.clone(),
        recent_contact_item: [ContactItem::one_to_one("bob")].into(),
    };
    is_sample(&pins, r#"{"From_Account":"alice","RecentContactItem":[{"Type":1,"To_Account":"bob"}]}"#);
    let data = set_group_data::Request { from_account, group_name: "Work".into(), data: "red".into() };
    is_sample(&data, r#"{"From_Account":"alice","GroupName":"Work","Data":"red"}"#);
}

#[test]
fn a_search_is_written_as_described() {
    let filter = find_conversations::Filter {
        kind: 1.into(),
        group_name: "Work".into(),
        any_mark: [0, 33].into(),
        pinned: true.into(),
        recent: false.into(),
        ..Default::default()
    };
    let request = find_conversations::Request {
        from_account: "alice".into(),
        filter: filter.into(),
        sort: "recent".into(),
        descending: true.into(),
        limit: 50.into(),
        cursor: "".into(),
    };
    let sample = r#"{"From_Account":"alice","Filter":{"Type":1,"GroupName":"Work","AnyMark":[0,33],"Pinned":true,"Recent":false},"Sort":"recent","Descending":true,"Limit":50,"Cursor":""}"#;
    is_sample(&request, sample);
}

#[test]
fn a_boolean_may_come_as_a_number_and_as_its_digit() {
    let pinned = |value: &str| {
        let json = format!(r#"{{"Filter":{{"Pinned":{value}}}}}"#);
        let request: find_conversations::Request = body::read(json.as_bytes()).unwrap();
        request.filter.given().unwrap().pinned.clone()
    };
    for (yes, no) in [("true", "false"), ("1", "0"), (r#""1""#, r#""0""#)] {
        assert_eq!((pinned(yes), pinned(no)), (true.into(), false.into()), "{yes}");
    }
    assert_eq!(pinned("null"), Lenient::Absent);
    for value in ["2", "-1", "1.0", r#""true""#, r#""""#, "[]", "{}"] {
        assert_eq!(pinned(value), Lenient::Malformed(Malformed::NotABoolean), "{value}");
    }
}

#[test]
fn a_filter_may_stand_in_brackets() {
    let request: find_conversations::Request = body::read(br#"{"Filter":[{"Type":"2"}]}"#).unwrap();
    assert_eq!(request.filter.given().unwrap().kind, 2.into());
    let two: find_conversations::Request = body::read(br#"{"Filter":[{},{}]}"#).unwrap();
    assert_eq!(two.filter, Lenient::Malformed(Malformed::NotAnObject));
}

#[test]
fn the_commands_of_pinfold_answer_as_described() {
    let group = list_groups::ListedGroup { group_name: "Work".to_owned(), group_id: 1, count: 2, ..Default::default() };
    let sample = r#"{"GroupItem":[{"GroupName":"Work","GroupId":1,"Count":2,"Data":""}],"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ErrorDisplay":""}"#;
    assert_eq!(answer(Service::Pinfold, &list_groups::Response { group_item: vec![group] }), sample);
    let pins = order_pins::Response { recent_contact_item: vec![ConversationEcho::chat_group("g")] };
    let sample = r#"{"RecentContactItem":[{"Type":2,"ToGroupId":"g"}],"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ErrorDisplay":""}"#;
    assert_eq!(answer(Service::Pinfold, &pins), sample);
}

#[test]
fn a_found_conversation_is_a_record_with_its_pin_and_time() {
    let record = Record { kind: 1, to_account: Some("bob".into()), timestamp: 7, ..Default::default() };
    let marked = Record { custom_mark: "vip".into(), contact_group_id: vec![1], ..record.clone() };
    let found = [
        find_conversations::FoundConversation { record: marked, top_flag: 1, msg_time: Some(9) },
        find_conversations::FoundConversation { record, ..Default::default() },
    ];
    let response = find_conversations::Response { conversation_item: found.into(), ..Default::default() };
    let sample = r#"{"ConversationItem":[{"Type":1,"To_Account":"bob","StandardMark":"","CustomMark":"vip","ContactGroupId":[1],"Timestamp":7,"TopFlag":1,"MsgTime":9},{"Type":1,"To_Account":"bob","StandardMark":"","Timestamp":7,"TopFlag":0}],"GroupItem":[],"CompleteFlag":0,"Cursor":"","ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ErrorDisplay":""}"#;
    assert_eq!(answer(Service::Pinfold, &response), sample);
    assert_eq!(serde_json::from_str::<find_conversations::Response>(sample).unwrap(), response);
}
