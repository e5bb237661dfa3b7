//! The samples of the message commands' pages, and the bodies of callbacks.

use std::fmt::Debug;

use pinfold_wire::envelope::{self, Status};
use pinfold_wire::group::{import_group_msg, send_group_msg};
use pinfold_wire::open_im::{Content, Element, batchsendmsg, importmsg, sendmsg};
use pinfold_wire::{Lenient, Malformed, Service, body, callback};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The request is written as the sample, and the sample read as the request.
fn is_sample<R: Serialize + DeserializeOwned + PartialEq + Debug>(request: &R, sample: &str) {
    assert_eq!(serde_json::to_string(request).unwrap(), sample);
    assert_eq!(body::read::<R>(sample.as_bytes()).as_ref(), Ok(request));
}

fn text_element() -> Element {
    Element { msg_type: "TIMTextElem".into(), msg_content: Content {}.into() }
}

#[test]
fn sendmsg_is_written_as_documented_but_for_what_it_says() {
    let request = sendmsg::Request {
        sync_other_machine: 2.into(),
        from_account: "lumotuwe1".into(),
        to_account: "lumotuwe2".into(),
        msg_life_time: 60.into(),
        msg_seq: 93_847_636.into(),
        msg_random: 1_287_657.into(),
        msg_body: [text_element()].into(),
        ..Default::default()
    };
    let sample = r#"{"SyncOtherMachine":2,"From_Account":"lumotuwe1","To_Account":"lumotuwe2","MsgLifeTime":60,"MsgSeq":93847636,"MsgRandom":1287657,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{}}]}"#;
    is_sample(&request, sample);
}

#[test]
fn nothing_is_kept_of_what_a_message_says() {
    let long = r#"{"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"hi, beauty","Image":[{"URL":"x"}]}}],
        "OfflinePushInfo":{"PushFlag":0,"Desc":"d","ApnsInfo":{"BadgeMode":1}}}"#;
    let request: sendmsg::Request = body::read(long.as_bytes()).unwrap();
    assert_eq!(request.msg_body, [text_element()].into());
    assert_eq!(request.offline_push_info, Content {}.into());
}

#[test]
fn the_receivers_of_batchsendmsg_are_an_array_in_which_one_may_stand_alone() {
    let sample = r#"{"SyncOtherMachine":2,"To_Account":["bonnie","rong"],"MsgSeq":28360,"MsgRandom":19901224}"#;
    let request = batchsendmsg::Request {
        sync_other_machine: 2.into(),
        to_account: ["bonnie".to_owned(), "rong".to_owned()].into(),
        msg_seq: 28_360.into(),
        msg_random: 19_901_224.into(),
        ..Default::default()
    };
    is_sample(&request, sample);
    let alone: batchsendmsg::Request = body::read(br#"{"To_Account":"bonnie"}"#).unwrap();
    assert_eq!(alone.to_account, ["bonnie".to_owned()].into());
}

#[test]
fn importmsg_is_written_as_documented() {
    let request = importmsg::Request {
        sync_from_old_system: 1.into(),
        from_account: "lumotuwe1".into(),
        to_account: "lumotuwe2".into(),
        msg_random: 1_287_657.into(),
        msg_time_stamp: 1_557_387_418.into(),
        msg_body: [text_element()].into(),
        ..Default::default()
    };
    let sample = r#"{"SyncFromOldSystem":1,"From_Account":"lumotuwe1","To_Account":"lumotuwe2","MsgRandom":1287657,"MsgTimeStamp":1557387418,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{}}]}"#;
    is_sample(&request, sample);
}

#[test]
fn send_group_msg_is_written_as_documented() {
    let request = send_group_msg::Request {
        group_id: "@TGS#2C5SZEAEF".into(),
        from_account: "leckie".into(),
        random: 8_912_345.into(),
        msg_priority: "High".into(),
        msg_body: [text_element()].into(),
        online_only_flag: 1.into(),
        send_msg_control: ["NoLastMsg".to_owned()].into(),
        ..Default::default()
    };
    let sample = r#"{"GroupId":"@TGS#2C5SZEAEF","From_Account":"leckie","Random":8912345,"MsgPriority":"High","MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{}}],"OnlineOnlyFlag":1,"SendMsgControl":["NoLastMsg"]}"#;
    is_sample(&request, sample);
}

#[test]
fn import_group_msg_is_written_as_documented() {
    let message = import_group_msg::ImportedMessage {
        from_account: "leckie".into(),
        send_time: 1_620_892_821.into(),
        random: 8_912_345.into(),
        msg_body: [text_element()].into(),
    };
    let request = import_group_msg::Request {
        group_id: "@TGS#2C5SZEAEF".into(),
        recent_contact_flag: 1.into(),
        msg_list: [message].into(),
        topic_id: Lenient::Absent,
    };
    let sample = r#"{"GroupId":"@TGS#2C5SZEAEF","RecentContactFlag":1,"MsgList":[{"From_Account":"leckie","SendTime":1620892821,"Random":8912345,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{}}]}]}"#;
    is_sample(&request, sample);
}

#[test]
fn of_imported_messages_eight_are_kept_and_all_are_counted() {
    let messages = vec!["{}"; 20].join(",");
    let request: import_group_msg::Request =
        body::read_bounded(format!(r#"{{"MsgList":[{messages}]}}"#).as_bytes(), 500).unwrap();
    let list = request.msg_list.given().unwrap();
    assert_eq!((list.len(), list.count()), (8, 20));
}

#[test]
fn a_message_body_of_a_wrong_type_is_told_from_an_element_of_one() {
    let of = |json: &str| body::read::<sendmsg::Request>(json.as_bytes()).unwrap().msg_body;
    assert_eq!(of(r#"{"MsgBody":"text"}"#), Lenient::Malformed(Malformed::NotAnArray));
    assert_eq!(of(r#"{"MsgBody":["text"]}"#).given().unwrap()[0], Lenient::Malformed(Malformed::NotAnObject));
    assert_eq!(of(r#"{"MsgBody":{"MsgType":"TIMTextElem","MsgContent":{"Text":"x"}}}"#), [text_element()].into());
}

fn answer<R: Serialize>(service: Service, status: Status, response: &R) -> String {
    String::from_utf8(envelope::success(service, status, response)).unwrap()
}

#[test]
fn sent_messages_are_answered_as_documented() {
    let response = sendmsg::Response {
        msg_time: 1_572_870_301,
        msg_key: "89541_2574206_1572870301".to_owned(),
        msg_id: "144115233406643804-1727580296-4026038328".to_owned(),
    };
    let sample = r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"MsgTime":1572870301,"MsgKey":"89541_2574206_1572870301","MsgId":"144115233406643804-1727580296-4026038328"}"#;
    assert_eq!(answer(Service::OpenIm, Status::Ok, &response), sample);
    let sent = send_group_msg::Response { msg_time: 1_572_870_301, msg_seq: 1 };
    let sample = r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"MsgTime":1572870301,"MsgSeq":1}"#;
    assert_eq!(answer(Service::Group, Status::Ok, &sent), sample);
    let result = import_group_msg::ImportResult { msg_seq: 1, msg_time: 1_620_892_821, result: 0 };
    let imported = import_group_msg::Response { import_msg_result: vec![result] };
    let sample = r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"ImportMsgResult":[{"MsgSeq":1,"MsgTime":1620892821,"Result":0}]}"#;
    assert_eq!(answer(Service::Group, Status::Ok, &imported), sample);
}

#[test]
fn a_message_that_reaches_a_part_of_its_receivers_is_answered_with_some_error() {
    let missed = batchsendmsg::ReceiverError { to_account: "rong".to_owned(), error_code: 70107 };
    let response = batchsendmsg::Response { msg_key: "4852_28135_1557481126".to_owned(), error_list: vec![missed] };
    let body = answer(Service::OpenIm, Status::SomeError, &response);
    let sample = r#"{"ActionStatus":"SomeError","ErrorInfo":"","ErrorCode":0,"MsgKey":"4852_28135_1557481126","ErrorList":[{"To_Account":"rong","ErrorCode":70107}]}"#;
    assert_eq!(body, sample);
    envelope::parse_outcome(body.as_bytes()).unwrap();
}

#[test]
fn a_callback_is_read_as_far_as_it_is_looked_at() {
    let sample = r#"{"CallbackCommand":"C2C.CallbackAfterSendMsg","From_Account":"jared","To_Account":"Jonh",
        "MsgSeq":48374,"MsgRandom":2837546,"MsgTime":1557481126,"MsgKey":"48374_2837546_1557481126","MsgId":"1-2-3",
        "OnlineOnlyFlag":1,"SendMsgResult":0,"ErrorInfo":"send msg succeed","UnreadMsgNum":7,
        "MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"red packet"}}],"CloudCustomData":"x",
        "EventTime":1670574414123}"#;
    let body = callback::Body {
        callback_command: "C2C.CallbackAfterSendMsg".into(),
        from_account: "jared".into(),
        to_account: "Jonh".into(),
        msg_time: 1_557_481_126.into(),
        online_only_flag: 1.into(),
        send_msg_result: 0.into(),
        ..Default::default()
    };
    assert_eq!(body::read::<callback::Body>(sample.as_bytes()), Ok(body));
}

#[test]
fn the_time_of_a_callback_has_two_names_of_which_the_documented_one_wins() {
    let time = |json: &str| body::read::<callback::Body>(json.as_bytes()).unwrap().msg_time;
    assert_eq!(time(r#"{"MsgTimeStamp":5}"#), 5.into());
    assert_eq!(time(r#"{"MsgTimeStamp":5,"MsgTime":6}"#), 6.into());
    assert_eq!(time(r#"{"MsgTimeStamp":5,"MsgTime":null}"#), 5.into());
}

#[test]
fn every_callback_that_means_something_is_known_by_its_command_and_no_other() {
    use callback::Event::{ChatGroupCreated, ChatGroupDestroyed, GroupMessageSent, OneToOneMessageSent};
    let known = [
        ("C2C.CallbackAfterSendMsg", OneToOneMessageSent),
        ("Group.CallbackAfterSendMsg", GroupMessageSent),
        ("Group.CallbackAfterCreateGroup", ChatGroupCreated),
        ("Group.CallbackAfterGroupDestroyed", ChatGroupDestroyed),
    ];
    for (command, event) in known {
        assert_eq!(callback::Event::from_command(command), Some(event), "{command}");
    }
    for command in ["", "C2C.CallbackBeforeSendMsg", "c2c.callbackaftersendmsg", "State.StateChange"] {
        assert_eq!(callback::Event::from_command(command), None, "{command}");
    }
}
