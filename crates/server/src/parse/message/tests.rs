//! Each field of a message that is wrong, and the order in which they are found.

use pinfold_core::{AccountId, Limits, MessagePart as Part, Refusal, Timestamp};
use pinfold_wire::lenient::Elements;
use pinfold_wire::open_im::{Message, importmsg};
use serde_json::{Value, json};

use super::in_chat_group::GroupMessage;
use super::*;

const NOW: Timestamp = Timestamp(1_750_000_000);

/// The body with other fields; `Value::Null` takes one away, as absent and `null` mean the same.
fn with(mut body: Value, fields: &Value) -> String {
    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    body.to_string()
}

fn text_elements() -> Value {
    json!([{ "MsgType": "TIMTextElem", "MsgContent": { "Text": "hi" } }])
}

fn sendmsg(fields: &Value) -> Result<Sent<AccountId>, Refusal> {
    let body = json!({ "From_Account": "alice", "To_Account": "bob", "MsgRandom": 7, "MsgBody": text_elements() });
    sent(&serde_json::from_str::<Message<String>>(&with(body, fields)).unwrap())
}

fn batchsendmsg(fields: &Value) -> Result<Sent<Vec<AccountId>>, Refusal> {
    let body = json!({ "To_Account": ["bob", "carol"], "MsgRandom": 7, "MsgBody": text_elements() });
    let request: Message<Elements<String>> = serde_json::from_str(&with(body, fields)).unwrap();
    batch(&Limits::default(), &request)
}

fn import(fields: &Value) -> Result<Imported, Refusal> {
    let body = json!({ "SyncFromOldSystem": 1, "From_Account": "alice", "To_Account": "bob", "MsgRandom": 7,
        "MsgTimeStamp": 1_600_000_000, "MsgBody": text_elements() });
    imported(&serde_json::from_str::<importmsg::Request>(&with(body, fields)).unwrap(), NOW)
}

fn group(fields: &Value) -> Result<GroupMessage, Refusal> {
    let body = json!({ "GroupId": "room", "From_Account": "alice", "Random": 7, "MsgBody": text_elements() });
    group_message(&serde_json::from_str(&with(body, fields)).unwrap())
}

fn group_import(fields: &Value) -> Result<ImportedGroupMessages, Refusal> {
    let message = json!({ "From_Account": "alice", "SendTime": 1_600_000_000, "MsgBody": text_elements() });
    let body = json!({ "GroupId": "room", "RecentContactFlag": 1, "MsgList": [message] });
    let request = serde_json::from_str(&with(body, fields)).unwrap();
    imported_group_messages(&Limits::default(), &request, NOW)
}

/// Which part of a message refuses it; `None` where a refusal of every command does.
fn part<T: std::fmt::Debug>(parsed: Result<T, Refusal>) -> Option<Part> {
    if let Refusal::Message { part, .. } = parsed.unwrap_err() { Some(part) } else { None }
}

fn sentence<T: std::fmt::Debug>(parsed: Result<T, Refusal>) -> String {
    parsed.unwrap_err().to_string()
}

#[test]
fn a_message_without_its_optional_fields_renews_both_lists() {
    let (alice, bob) = (AccountId::parse("alice").unwrap(), AccountId::parse("bob").unwrap());
    let expected = Sent { from: Some(alice), to: bob, seq: None, random: 7, is_kept_by_sender: true, renews: true };
    assert_eq!(sendmsg(&json!({})), Ok(expected));
    for no_sender in [json!(null), json!("")] {
        assert_eq!(sendmsg(&json!({ "From_Account": no_sender })).unwrap().from, None);
    }
}

#[test]
fn each_field_of_a_message_is_refused_as_the_part_that_it_is() {
    let id = json!("x".repeat(33));
    for (fields, expected) in [
        (json!({ "To_Account": null }), Part::Receiver),
        (json!({ "To_Account": "" }), Part::Receiver),
        (json!({ "To_Account": true }), Part::Receiver),
        (json!({ "To_Account": ["bob"] }), Part::Receiver),
        (json!({ "To_Account": id }), Part::Receiver),
        (json!({ "From_Account": id }), Part::Sender),
        (json!({ "From_Account": {} }), Part::Sender),
        (json!({ "MsgRandom": null }), Part::Random),
        (json!({ "MsgRandom": "x" }), Part::Random),
        (json!({ "MsgRandom": -1 }), Part::Random),
        (json!({ "MsgRandom": 4_294_967_296_u64 }), Part::Random),
        (json!({ "MsgTimeStamp": "today" }), Part::Time),
        (json!({ "MsgBody": null }), Part::NoBody),
        (json!({ "MsgBody": [] }), Part::NoBody),
        (json!({ "MsgBody": "hi" }), Part::Body),
        (json!({ "MsgBody": { "0": {} } }), Part::Body),
        (json!({ "MsgBody": ["hi"] }), Part::Element),
        (json!({ "MsgBody": [{ "MsgContent": {} }] }), Part::Element),
        (json!({ "MsgBody": [{ "MsgType": "", "MsgContent": {} }] }), Part::Element),
        (json!({ "MsgBody": [{ "MsgType": 1, "MsgContent": {} }] }), Part::Element),
        (json!({ "MsgBody": [{ "MsgType": "TIMTextElem" }] }), Part::Element),
        (json!({ "MsgBody": [{ "MsgType": "TIMTextElem", "MsgContent": "hi" }] }), Part::Element),
        (json!({ "SyncOtherMachine": 3 }), Part::SyncOtherMachine),
        (json!({ "SyncOtherMachine": "x" }), Part::SyncOtherMachine),
        (json!({ "MsgLifeTime": 1.5 }), Part::LifeTime),
        (json!({ "MsgLifeTime": -1 }), Part::NegativeLifeTime),
        (json!({ "OnlineOnlyFlag": "x" }), Part::Field),
        (json!({ "MsgSeq": "x" }), Part::Field),
        (json!({ "MsgSeq": -1 }), Part::Field),
        (json!({ "SendMsgControl": 1 }), Part::Field),
        (json!({ "SendMsgControl": [null] }), Part::Field),
        (json!({ "ForbidCallbackControl": [1] }), Part::Field),
        (json!({ "CloudCustomData": {} }), Part::Field),
        (json!({ "SupportMessageExtension": "x" }), Part::Field),
        (json!({ "IsNeedReadReceipt": [] }), Part::Field),
        (json!({ "OfflinePushInfo": "x" }), Part::Field),
    ] {
        assert_eq!(part(sendmsg(&fields)), Some(expected), "{fields}");
        let name = fields.as_object().unwrap().keys().next().unwrap().clone();
        let text = sentence(sendmsg(&fields));
        assert!(text.contains(&name) || text.starts_with("Msg"), "{fields}: {text}");
    }
}

#[test]
fn the_first_wrong_field_in_the_order_of_the_protocol_refuses_the_message() {
    let wrong = [
        ("To_Account", json!(true), Part::Receiver),
        ("From_Account", json!(true), Part::Sender),
        ("MsgRandom", json!(true), Part::Random),
        ("MsgTimeStamp", json!(true), Part::Time),
        ("MsgBody", json!(true), Part::Body),
        ("SyncOtherMachine", json!(true), Part::SyncOtherMachine),
        ("MsgLifeTime", json!(true), Part::LifeTime),
        ("MsgSeq", json!(true), Part::Field),
    ];
    for (place, (_, _, expected)) in wrong.iter().enumerate() {
        let fields = wrong[place..].iter().map(|(name, value, _)| ((*name).to_owned(), value.clone())).collect();
        assert_eq!(part(sendmsg(&Value::Object(fields))), Some(*expected));
    }
}

#[test]
fn a_number_for_an_account_id_goes_before_every_other_wrong_field() {
    let with_number = |name: &str| json!({ name: 7, "MsgRandom": null, "GroupId": null, "Random": null });
    assert_eq!(sendmsg(&with_number("From_Account")), Err(Refusal::AccountIdNotText("From_Account")));
    assert_eq!(sendmsg(&with_number("To_Account")), Err(Refusal::AccountIdNotText("To_Account")));
    assert_eq!(import(&with_number("To_Account")), Err(Refusal::AccountIdNotText("To_Account")));
    assert_eq!(group(&with_number("From_Account")), Err(Refusal::AccountIdNotText("From_Account")));
    let element = Err(Refusal::AccountIdNotText("an element of To_Account"));
    let elements = json!({ "To_Account": ["bob", 7, true], "From_Account": true, "GroupId": null });
    assert_eq!(batchsendmsg(&elements), element.clone().map(|()| unreachable!()));
    assert_eq!(group(&elements), element.map(|()| unreachable!()));
    let list = json!({ "MsgList": [{}, { "From_Account": 7 }], "GroupId": null });
    assert_eq!(group_import(&list), Err(Refusal::AccountIdNotText("From_Account")));
}

#[test]
fn a_message_that_is_not_kept_and_one_that_says_so_renew_nothing() {
    for fields in [
        json!({ "OnlineOnlyFlag": 1 }),
        json!({ "MsgLifeTime": 0 }),
        json!({ "SendMsgControl": ["NoUnread", "NoLastMsg"] }),
        json!({ "SendMsgControl": "NoLastMsg" }),
    ] {
        assert!(!sendmsg(&fields).unwrap().renews, "{fields}");
        assert!(!batchsendmsg(&fields).unwrap().renews, "{fields}");
    }
    for fields in [
        json!({ "OnlineOnlyFlag": 0 }),
        json!({ "MsgLifeTime": 604_801 }),
        json!({ "SendMsgControl": ["NoUnread", "nolastmsg"] }),
    ] {
        assert!(sendmsg(&fields).unwrap().renews, "{fields}");
    }
}

#[test]
fn only_with_sync_other_machine_2_the_list_of_the_sender_stays_as_it_is() {
    for (value, kept) in [(json!(null), true), (json!(1), true), (json!("1"), true), (json!(2), false)] {
        assert_eq!(sendmsg(&json!({ "SyncOtherMachine": value })).unwrap().is_kept_by_sender, kept, "{value}");
    }
}

#[test]
fn a_batch_has_1_to_500_receivers() {
    let to = |count: usize| json!({ "To_Account": (0..count).map(|n| format!("u{n}")).collect::<Vec<_>>() });
    assert_eq!(batchsendmsg(&to(500)).unwrap().to.len(), 500);
    for count in [0, 501] {
        assert!(matches!(batchsendmsg(&to(count)), Err(Refusal::ListLength { given, .. }) if given == count));
    }
}

#[test]
fn the_receivers_of_a_batch_are_an_array_of_readable_ids() {
    for to in [json!(null), json!(7), json!({ "0": "bob" }), json!([null]), json!([""]), json!(["x".repeat(33)])] {
        assert_eq!(part(batchsendmsg(&json!({ "To_Account": to }))), Some(Part::Receiver), "{to}");
    }
}

#[test]
fn a_batch_does_not_look_at_a_time() {
    assert!(batchsendmsg(&json!({ "MsgTimeStamp": "today" })).is_ok());
}

#[test]
fn an_import_needs_how_it_came_its_sender_and_its_time() {
    let now = NOW.0;
    for (fields, expected) in [
        (json!({ "SyncFromOldSystem": null }), Part::SyncFromOldSystem),
        (json!({ "SyncFromOldSystem": "x" }), Part::SyncFromOldSystem),
        (json!({ "SyncFromOldSystem": 3 }), Part::Field),
        (json!({ "To_Account": null }), Part::Receiver),
        (json!({ "From_Account": null }), Part::Sender),
        (json!({ "From_Account": [] }), Part::Sender),
        (json!({ "MsgRandom": null }), Part::Random),
        (json!({ "MsgTimeStamp": null }), Part::Time),
        (json!({ "MsgTimeStamp": "today" }), Part::Time),
        (json!({ "MsgTimeStamp": 0 }), Part::Time),
        (json!({ "MsgTimeStamp": now + 61 }), Part::Time),
        (json!({ "MsgBody": [] }), Part::NoBody),
        (json!({ "MsgSeq": -1 }), Part::Field),
        (json!({ "CloudCustomData": 1 }), Part::Field),
    ] {
        assert_eq!(part(import(&fields)), Some(expected), "{fields}");
    }
    for how in [1, 2, 5] {
        assert_eq!(import(&json!({ "SyncFromOldSystem": how })).unwrap().at, Timestamp(1_600_000_000));
    }
    assert_eq!(import(&json!({ "MsgTimeStamp": now + 60 })).unwrap().at, NOW);
}

#[test]
fn a_group_message_is_refused_by_the_name_of_its_field() {
    for (fields, expected) in [
        (json!({ "GroupId": null }), "GroupId is missing"),
        (json!({ "GroupId": 7 }), "GroupId must be a string"),
        (json!({ "GroupId": "a\nb" }), "GroupId must not contain control characters"),
        (json!({ "From_Account": true }), "From_Account must be a string"),
        (json!({ "Random": null }), "Random is missing"),
        (json!({ "MsgBody": [{}] }), "MsgType is missing"),
        (json!({ "OnlineOnlyFlag": "x" }), "OnlineOnlyFlag must be an integer"),
        (json!({ "SendMsgControl": [7] }), "an element of SendMsgControl must be a string"),
        (json!({ "ForbidCallbackControl": {} }), "ForbidCallbackControl must be an array"),
        (json!({ "MsgPriority": 1 }), "MsgPriority must be a string"),
        (json!({ "To_Account": [true] }), "an element of To_Account must be a string"),
        (json!({ "GroupAtInfo": [7] }), "an element of GroupAtInfo must be an object"),
        (json!({ "TopicId": 1 }), "TopicId must be a string"),
        (json!({ "CloudCustomData": 1 }), "CloudCustomData must be a string"),
        (json!({ "OfflinePushInfo": 1 }), "OfflinePushInfo must be an object"),
    ] {
        assert_eq!(sentence(group(&fields)), expected, "{fields}");
    }
    assert!(matches!(group(&json!({ "GroupId": "a\nb" })), Err(Refusal::ChatGroupIdBad(_))));
    assert!(!group(&json!({ "OnlineOnlyFlag": 1 })).unwrap().renews);
}

#[test]
fn an_import_into_a_chat_group_has_1_to_7_messages_and_names_the_one_that_it_refuses() {
    let message = json!({ "From_Account": "alice", "SendTime": 1, "MsgBody": text_elements() });
    let list = |count: usize| json!({ "MsgList": vec![message.clone(); count] });
    assert_eq!(group_import(&list(7)).unwrap().messages.len(), 7);
    assert_eq!(sentence(group_import(&list(8))), "MsgList has 8 messages; 1 to 7 are allowed");
    assert_eq!(sentence(group_import(&list(0))), "MsgList has 0 messages; 1 to 7 are allowed");
    for (second, expected) in [
        (json!(7), "MsgList[1]: it must be an object"),
        (json!({}), "MsgList[1]: From_Account is missing"),
        (json!({ "From_Account": "a", "Random": -1 }), "MsgList[1]: Random is -1; 0 to 4294967295 are allowed"),
        (json!({ "From_Account": "a" }), "MsgList[1]: MsgBody is missing or empty; it must have an element"),
    ] {
        assert_eq!(sentence(group_import(&json!({ "MsgList": [message, second] }))), expected);
    }
}

#[test]
fn a_time_that_is_none_leaves_the_other_messages_of_an_import_alone() {
    let times = [json!(1), json!(0), json!("x"), json!(null), json!(NOW.0 + 61), json!(NOW.0 + 60)];
    let of = |time: &Value| json!({ "From_Account": "alice", "SendTime": time, "MsgBody": text_elements() });
    let list: Vec<_> = times.iter().map(of).collect();
    let read = group_import(&json!({ "MsgList": list })).unwrap().messages;
    let read: Vec<_> = read.into_iter().map(|(_, at)| at).collect();
    assert_eq!(read, [Some(Timestamp(1)), None, None, None, None, Some(NOW)]);
}

#[test]
fn only_recent_contact_flag_1_renews_lists() {
    for (flag, renews) in
        [(json!(1), true), (json!("1"), true), (json!(0), false), (json!(2), false), (json!(null), false)]
    {
        assert_eq!(group_import(&json!({ "RecentContactFlag": flag })).unwrap().renews, renews, "{flag}");
    }
}
