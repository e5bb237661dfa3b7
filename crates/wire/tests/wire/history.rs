//! The commands of the history, and how changes are told.

use pinfold_wire::pinfold::change::{Change, Event};
use pinfold_wire::pinfold::{get_changes, undo};
use pinfold_wire::recent_contact::ConversationEcho;
use pinfold_wire::{Service, body, envelope};

fn bob() -> ConversationEcho {
    ConversationEcho::one_to_one("bob")
}

fn pinned() -> Event {
    Event::Pinned { contact_item: bob(), pinned_at: 1_750_000_000, place: 0 }
}

fn change(revision: u32, via: &str, command: &str, event: Vec<Event>) -> Change {
    let (via, command) = (via.into(), command.into());
    Change { revision, time: 1_750_000_000_000, caller: "administrator".into(), via, command, event }
}

#[test]
fn requests_are_written_as_described_and_numbers_may_come_as_texts() {
    let page = get_changes::Request { from_account: "alice".into(), before: 3.into(), limit: 2.into() };
    let sample = r#"{"From_Account":"alice","Before":3,"Limit":2}"#;
    assert_eq!(serde_json::to_string(&page).unwrap(), sample);
    assert_eq!(body::read(br#"{"From_Account":"alice","Before":"3","Limit":"2"}"#), Ok(page));
    let undo = undo::Request { from_account: "alice".into(), revision: 3.into() };
    assert_eq!(serde_json::to_string(&undo).unwrap(), r#"{"From_Account":"alice","Revision":3}"#);
    assert_eq!(body::read(br#"{"From_Account":"alice","Revision":"3"}"#), Ok(undo));
}

#[test]
fn a_page_of_changes_is_answered_as_described() {
    let created = Event::GroupCreated { group_id: 1, group_name: "Work".to_owned() };
    let group_name = "Work".to_owned();
    let added = Event::ConversationsAdded { group_id: 1, group_name, contact_item: vec![bob()] };
    let changes =
        vec![change(3, "call", "top", vec![pinned()]), change(2, "call", "create_contact_group", vec![created, added])];
    let response = get_changes::Response { change: changes, complete_flag: 0, before: 2 };
    let sample = r#"{"Change":[{"Revision":3,"Time":1750000000000,"Caller":"administrator","Via":"call","Command":"top","Event":[{"EventType":"Pinned","ContactItem":{"Type":1,"To_Account":"bob"},"PinnedAt":1750000000,"Place":0}]},{"Revision":2,"Time":1750000000000,"Caller":"administrator","Via":"call","Command":"create_contact_group","Event":[{"EventType":"GroupCreated","GroupId":1,"GroupName":"Work"},{"EventType":"ConversationsAdded","GroupId":1,"GroupName":"Work","ContactItem":[{"Type":1,"To_Account":"bob"}]}]}],"CompleteFlag":0,"Before":2,"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ErrorDisplay":""}"#;
    assert_eq!(String::from_utf8(envelope::ok(Service::Pinfold, &response)).unwrap(), sample);
    assert_eq!(serde_json::from_str::<get_changes::Response>(sample).unwrap(), response);
}

#[test]
fn an_undo_is_answered_with_its_change_and_with_an_empty_array_where_nothing_was_to_do() {
    let response = undo::Response { change: vec![change(4, "undo", "undo", vec![pinned()])] };
    let sample = r#"{"Change":[{"Revision":4,"Time":1750000000000,"Caller":"administrator","Via":"undo","Command":"undo","Event":[{"EventType":"Pinned","ContactItem":{"Type":1,"To_Account":"bob"},"PinnedAt":1750000000,"Place":0}]}]}"#;
    assert_eq!(serde_json::to_string(&response).unwrap(), sample);
    assert_eq!(serde_json::to_string(&undo::Response::default()).unwrap(), r#"{"Change":[]}"#);
}

/// Each event of conversation groups, with the text that tells it.
fn events_of_groups() -> Vec<(Event, &'static str)> {
    let (group_id, group_name, data) = (1, "Work".to_owned(), "red".to_owned());
    let name = || group_name.clone();
    let group = || ConversationEcho::chat_group("g");
    vec![
        (
            Event::GroupCreated { group_id, group_name: name() },
            r#"{"EventType":"GroupCreated","GroupId":1,"GroupName":"Work"}"#,
        ),
        (
            Event::GroupRenamed { group_id, old_group_name: "Job".to_owned(), group_name: name() },
            r#"{"EventType":"GroupRenamed","GroupId":1,"OldGroupName":"Job","GroupName":"Work"}"#,
        ),
        (
            Event::GroupDeleted {
                group_id,
                group_name: name(),
                data: data.clone(),
                place: 2,
                contact_item: vec![bob(), group()],
            },
            r#"{"EventType":"GroupDeleted","GroupId":1,"GroupName":"Work","Data":"red","Place":2,"ContactItem":[{"Type":1,"To_Account":"bob"},{"Type":2,"ToGroupId":"g"}]}"#,
        ),
        (
            Event::GroupDataChanged { group_id, group_name: name(), old_data: String::new(), data },
            r#"{"EventType":"GroupDataChanged","GroupId":1,"GroupName":"Work","OldData":"","Data":"red"}"#,
        ),
        (
            Event::GroupsOrdered { old_group_id: vec![1, 2], group_id: vec![2, 1] },
            r#"{"EventType":"GroupsOrdered","OldGroupId":[1,2],"GroupId":[2,1]}"#,
        ),
        (
            Event::ConversationsAdded { group_id, group_name: name(), contact_item: vec![bob()] },
            r#"{"EventType":"ConversationsAdded","GroupId":1,"GroupName":"Work","ContactItem":[{"Type":1,"To_Account":"bob"}]}"#,
        ),
        (
            Event::ConversationsRemoved { group_id, group_name: name(), contact_item: vec![group()] },
            r#"{"EventType":"ConversationsRemoved","GroupId":1,"GroupName":"Work","ContactItem":[{"Type":2,"ToGroupId":"g"}]}"#,
        ),
    ]
}

/// Each other event, with the text that tells it.
fn other_events() -> Vec<(Event, &'static str)> {
    let group = || ConversationEcho::chat_group("g");
    vec![
        (
            Event::MarkChanged {
                contact_item: bob(),
                old_standard_mark: "".into(),
                standard_mark: "101".into(),
                old_custom_mark: "vip".into(),
                custom_mark: "".into(),
            },
            r#"{"EventType":"MarkChanged","ContactItem":{"Type":1,"To_Account":"bob"},"OldStandardMark":"","StandardMark":"101","OldCustomMark":"vip","CustomMark":""}"#,
        ),
        (
            pinned(),
            r#"{"EventType":"Pinned","ContactItem":{"Type":1,"To_Account":"bob"},"PinnedAt":1750000000,"Place":0}"#,
        ),
        (
            Event::Unpinned { contact_item: bob(), pinned_at: 7, place: 1 },
            r#"{"EventType":"Unpinned","ContactItem":{"Type":1,"To_Account":"bob"},"PinnedAt":7,"Place":1}"#,
        ),
        (
            Event::PinsOrdered { old_contact_item: vec![bob(), group()], contact_item: vec![group(), bob()] },
            r#"{"EventType":"PinsOrdered","OldContactItem":[{"Type":1,"To_Account":"bob"},{"Type":2,"ToGroupId":"g"}],"ContactItem":[{"Type":2,"ToGroupId":"g"},{"Type":1,"To_Account":"bob"}]}"#,
        ),
        (
            Event::ConversationDeleted { contact_item: bob(), msg_time: Some(5), pinned_at: Some(7), place: Some(0) },
            r#"{"EventType":"ConversationDeleted","ContactItem":{"Type":1,"To_Account":"bob"},"MsgTime":5,"PinnedAt":7,"Place":0}"#,
        ),
        (
            Event::ConversationDeleted { contact_item: bob(), msg_time: Some(5), pinned_at: None, place: None },
            r#"{"EventType":"ConversationDeleted","ContactItem":{"Type":1,"To_Account":"bob"},"MsgTime":5}"#,
        ),
        (
            Event::ConversationRestored { contact_item: bob(), msg_time: 5 },
            r#"{"EventType":"ConversationRestored","ContactItem":{"Type":1,"To_Account":"bob"},"MsgTime":5}"#,
        ),
        (Event::AccountImported, r#"{"EventType":"AccountImported"}"#),
        (Event::ProfileChanged, r#"{"EventType":"ProfileChanged"}"#),
        (Event::AccountRestored, r#"{"EventType":"AccountRestored"}"#),
        (Event::Forgotten, r#"{"EventType":"Forgotten"}"#),
    ]
}

#[test]
fn every_event_is_told_as_described_and_read_back() {
    for (event, json) in events_of_groups().into_iter().chain(other_events()) {
        assert_eq!(serde_json::to_string(&event).unwrap(), json);
        assert_eq!(serde_json::from_str::<Event>(json).unwrap(), event);
    }
}

#[test]
fn a_client_reads_events_and_fields_that_it_does_not_know() {
    let json = r#"{"Revision":1,"Tomorrow":{},"Event":[{"EventType":"Muted","ContactItem":{}},{"EventType":"Forgotten","By":"x"}]}"#;
    let change: Change = serde_json::from_str(json).unwrap();
    assert_eq!(change.event, [Event::Unknown, Event::Forgotten]);
}
