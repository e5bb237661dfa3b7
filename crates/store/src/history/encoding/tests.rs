use pinfold_core::{
    ChatGroupId, Conversation, ConversationGroupId, CustomMark, GroupData, GroupName, StandardMarks, Timestamp,
};

use super::*;

const WORK: ConversationGroupId = ConversationGroupId(1);
const HOME: ConversationGroupId = ConversationGroupId(2);
const AT: TimeMs = TimeMs(1_750_000_100_123);

fn account(id: &str) -> AccountId {
    AccountId::parse(id).unwrap()
}

fn bob() -> Conversation {
    Conversation::OneToOne(account("bob"))
}

fn team() -> Conversation {
    Conversation::ChatGroup(ChatGroupId::parse("@TGS#1").unwrap())
}

fn mark_of(conversation: Conversation) -> Event {
    let (old_standard, standard) = (StandardMarks(0), StandardMarks(1));
    Event::MarkChanged { conversation, old_standard, standard, old_custom: None, custom: None }
}

/// Each event, in the order of their tags.
fn every_event() -> Vec<Event> {
    let name = || GroupName::stored("Work");
    let members = || vec![bob(), team()];
    let pinned_at = Timestamp(1_750_000_000);
    vec![
        Event::GroupCreated { id: WORK, name: name() },
        Event::GroupRenamed { id: WORK, old_name: name(), name: GroupName::stored("Büro") },
        Event::GroupDeleted { id: WORK, name: name(), data: GroupData::stored("red"), place: 2, members: members() },
        Event::GroupDataChanged { id: WORK, name: name(), old_data: None, data: GroupData::stored("\"\n") },
        Event::GroupsOrdered { old: vec![WORK, HOME], new: vec![HOME, WORK] },
        Event::ConversationsAdded { id: WORK, name: name(), members: members() },
        Event::ConversationsRemoved { id: HOME, name: name(), members: vec![team()] },
        Event::MarkChanged {
            conversation: team(),
            old_standard: StandardMarks(1 << 63),
            standard: StandardMarks(0),
            old_custom: CustomMark::stored("todo"),
            custom: None,
        },
        Event::Pinned { conversation: bob(), pinned_at, place: 0 },
        Event::Unpinned { conversation: team(), pinned_at, place: 7 },
        Event::PinsOrdered { old: vec![bob(), team()], new: vec![team(), bob()] },
        Event::ConversationDeleted { conversation: bob(), entry: Some(Timestamp(9)), pin: Some((pinned_at, 1)) },
        Event::AccountImported,
        Event::ProfileChanged,
        Event::AccountRestored,
        Event::Forgotten,
        Event::ConversationRestored { conversation: team(), entry: Timestamp(9) },
    ]
}

fn change(events: Vec<Event>) -> HistoryChange {
    let (caller, command) = (Some(account("administrator")), "mark_contact".into());
    HistoryChange { revision: Revision(12), at: AT, caller, via: Via::Call, command, events }
}

/// The change after it was written and read.
fn again(change: &HistoryChange) -> HistoryChange {
    decode(&account("alice"), change.revision, &encode(&account("alice"), change)).unwrap()
}

fn problem(bytes: &[u8]) -> String {
    decode(&account("alice"), Revision(1), bytes).unwrap_err().to_string()
}

#[test]
fn every_event_is_read_back_as_it_was_written() {
    let all = change(every_event());
    assert_eq!(again(&all), all);
}

#[test]
fn a_change_has_as_many_bytes_as_are_counted_without_writing_it() {
    for events in every_event().into_iter().map(|event| vec![event]).chain([Vec::new(), every_event()]) {
        let change = HistoryChange { command: "another".into(), ..change(events) };
        assert_eq!(encoded_len(&account("alice"), &change), encode(&account("alice"), &change).len());
    }
}

#[test]
fn the_tags_of_events_are_what_older_builds_wrote() {
    let tags: Vec<_> =
        every_event().iter().map(|event| postcard::to_allocvec(&StoredEvent::from(event)).unwrap()[0]).collect();
    assert_eq!(tags, (0..=16).collect::<Vec<_>>());
}

#[test]
fn a_deleted_conversation_is_read_back_without_the_parts_that_it_did_not_have() {
    let deleted = |entry, pin| Event::ConversationDeleted { conversation: bob(), entry, pin };
    let (entry, pin) = (Some(Timestamp(9)), Some((Timestamp(8), 0)));
    let all = change([deleted(entry, None), deleted(None, pin), deleted(None, None)].into());
    assert_eq!(again(&all), all);
}

#[test]
fn a_change_without_events_is_read_back() {
    assert_eq!(again(&change(Vec::new())), change(Vec::new()));
}

#[test]
fn each_way_of_a_change_and_each_kind_of_caller_and_command_is_read_back() {
    for via in [Via::Call, Via::Console, Via::Cli, Via::Import, Via::Undo] {
        for caller in [None, Some("alice"), Some("administrator"), Some("root")] {
            for command in ["undo", "a command of tomorrow", ""] {
                let how = (caller.map(account), via, command.into());
                let change = HistoryChange { caller: how.0, via: how.1, command: how.2, ..change(Vec::new()) };
                assert_eq!(again(&change), change);
            }
        }
    }
}

#[test]
fn a_mark_is_these_bytes() {
    let bytes = encode(&account("alice"), &change(vec![mark_of(bob())]));
    // Format, time, "administrator", "mark_contact" by call, one event: tag, one-to-one, "bob", bits, two texts.
    let expected = b"\x01\x9b\xc6\x89\xa1\xf7\x32\x01\x30\x01\x07\x00\x03bob\x00\x01\x00\x00";
    assert_eq!(bytes, expected);
}

#[test]
fn a_mark_of_a_usual_peer_takes_few_bytes() {
    let peer = Conversation::OneToOne(account("0123456789"));
    assert!(encode(&account("alice"), &change(vec![mark_of(peer)])).len() <= 28);
}

#[test]
fn the_time_is_read_without_the_rest() {
    let bytes = encode(&account("alice"), &change(Vec::new()));
    assert_eq!(decode_at(&bytes).unwrap(), AT);
    assert_eq!(decode_at(&bytes[..7]).unwrap(), AT);
    assert!(decode_at(&bytes[..6]).is_err());
}

#[test]
fn a_value_that_is_cut_off_or_goes_on_is_damage() {
    let mut bytes = encode(&account("alice"), &change(every_event()));
    for length in 0..bytes.len() {
        assert!(decode(&account("alice"), Revision(1), &bytes[..length]).is_err(), "{length} bytes");
    }
    bytes.push(0);
    assert_eq!(problem(&bytes), "damaged data: a change has bytes after its end");
}

#[test]
fn what_a_later_build_wrote_is_named() {
    assert_eq!(problem(b"\x02"), "damaged data: a change has format 2, this build reads up to 1");
    let unknown = "damaged data: a change does not decode: this build does not know";
    assert_eq!(problem(b"\x01\x00\x02"), format!("{unknown} word 2"));
    assert_eq!(problem(b"\x01\x00\xff\x35"), format!("{unknown} the way 5"));
    assert_eq!(problem(b"\x01\x00\xff\xf8"), format!("{unknown} word 31"));
}

#[test]
fn numbers_and_ids_that_the_protocol_cannot_have_are_damage() {
    let conversation = || Conversation::OneToOne(account("bob"));
    let refused = |event: Event, problem: &str| {
        let bytes = encode(&account("alice"), &change(vec![event]));
        let error = decode(&account("alice"), Revision(1), &bytes).unwrap_err().to_string();
        assert_eq!(error, format!("damaged data: a change does not decode: {problem}"));
    };
    let created = |id| Event::GroupCreated { id: ConversationGroupId(id), name: GroupName::stored("Work") };
    refused(created(0), "0 is not the number of a conversation group");
    refused(created(1 << 31), "2147483648 does not fit 31 bits");
    let pinned = |at, place| Event::Pinned { conversation: conversation(), pinned_at: Timestamp(at), place };
    refused(pinned(1 << 31, 0), "2147483648 does not fit 31 bits");
    refused(pinned(1, 1 << 31), "2147483648 does not fit 31 bits");
    let mut bytes = encode(&account("alice"), &change(vec![mark_of(bob())]));
    let id = bytes.len() - 7;
    bytes[id] = 7;
    assert!(problem(&bytes).contains("one_to_one must not contain control characters"), "{}", problem(&bytes));
}

#[test]
fn events_are_read_back_from_the_json_of_dumps_too() {
    for event in every_event() {
        let json = serde_json::to_string(&StoredEvent::from(&event)).unwrap();
        let read: StoredEvent<'_> = serde_json::from_str(&json).unwrap();
        assert_eq!(read.read().unwrap(), event, "{json}");
    }
}

#[test]
fn json_spells_conversations_and_bits_as_records_of_dumps_do() {
    let event = mark_of(team());
    let json = serde_json::to_string(&StoredEvent::from(&event)).unwrap();
    let expected = r##"{"mark_changed":{"conversation":{"chat_group":"@TGS#1"},"old_standard":"","standard":"1","old_custom":"","custom":""}}"##;
    assert_eq!(json, expected);
    assert!(serde_json::from_str::<StoredEvent<'_>>(&json.replace("\"1\"", "\"2\"")).is_err());
    assert!(serde_json::from_str::<StoredEvent<'_>>(&json.replace("custom\"", "colour\"")).is_err());
}
