//! No bytes make the reader panic, and no value of a field makes it fail.

use pinfold_wire::commands::{CreateContactGroup, MarkContact, UpdateContactGroup};
use pinfold_wire::pinfold::find_conversations::{self, FoundConversation};
use pinfold_wire::recent_contact::{GroupItem, Record, get_contact_group};
use pinfold_wire::{Command, Service, body, commands, envelope};
use proptest::{collection::vec, option, prelude::*};
use serde::Serialize;
use serde_json::{Value, json};

const SAMPLE: &[u8] = br#"{"From_Account":"alice","MarkItem":[{"OptType":3, // both
"ContactItem":{"Type":1,"To_Account":"b\u006fb"},"ClearMark":[1],"SetMark":[0,33],"CustomMark":"vip"}]}"#;

/// Any JSON value of a few levels, with keys that requests have among others.
fn any_json() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1e300..1e300).prop_map(Value::from),
        "[0-9]{0,3}|.{0,8}".prop_map(Value::from),
    ];
    scalar.prop_recursive(4, 32, 4, |inner| {
        let key = "Type|type|To_Account|GroupId|ToGroupId|GroupName|ContactItem|OptType|SetMark|0|1|[a-z]{1,3}";
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((key, inner), 0..4).prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// Whether the answer begins with these fields as `serde_json` writes them.
fn is_as_serde_json_writes_it<R: Serialize>(response: &R) -> bool {
    let fields = serde_json::to_vec(response).unwrap();
    envelope::ok(Service::RecentContact, response).starts_with(&fields[..fields.len() - 1])
}

fn reads<C: Command>(bytes: &[u8]) -> bool {
    body::read::<C::Request>(bytes).is_ok()
}

proptest! {
    #[test]
    fn no_bytes_make_reading_panic(bytes in vec(any::<u8>(), 0..200)) {
        reads::<MarkContact>(&bytes);
    }

    #[test]
    fn no_change_of_a_sample_makes_reading_panic(
        changes in vec((0..SAMPLE.len(), prop_oneof![any::<u8>(), prop::sample::select(&br#"{}[]",:/\0-e.ud8"#[..])]), 1..6),
        cut in 0..=SAMPLE.len(),
    ) {
        let mut bytes = SAMPLE.to_vec();
        for (at, byte) in changes {
            bytes[at] = byte;
        }
        reads::<MarkContact>(&bytes);
        reads::<MarkContact>(&bytes[..cut]);
    }

    #[test]
    fn no_value_of_a_field_makes_reading_fail(value in any_json()) {
        let fields = ["From_Account", "MarkItem", "GroupContactItem", "UpdateGroup", "AccountList", "GroupIdList", "Type"];
        for field in fields {
            let body = json!({ field: value }).to_string();
            prop_assert!(reads::<MarkContact>(body.as_bytes()));
            prop_assert!(reads::<CreateContactGroup>(body.as_bytes()));
            prop_assert!(reads::<UpdateContactGroup>(body.as_bytes()));
            prop_assert!(reads::<commands::MultiaccountImport>(body.as_bytes()));
            prop_assert!(reads::<commands::GetGroupInfo>(body.as_bytes()));
            prop_assert!(reads::<commands::CreateGroup>(body.as_bytes()));
        }
    }

    #[test]
    fn any_sequence_of_utf16_is_read_as_a_lossy_reader_does(units in vec(prop_oneof![any::<u16>(), 0xd7ff..=0xe000u16], 0..12)) {
        let escapes: String = units.iter().map(|unit| format!("\\u{unit:04x}")).collect();
        let body = format!(r#"{{"From_Account":"{escapes}"}}"#);
        let request: <MarkContact as Command>::Request = body::read(body.as_bytes()).unwrap();
        prop_assert_eq!(request.from_account, String::from_utf16_lossy(&units).as_str().into());
    }

    #[test]
    fn what_is_read_and_written_is_read_the_same(value in any_json()) {
        let body = json!({ "GroupContactItem": value }).to_string();
        let request: <CreateContactGroup as Command>::Request = body::read(body.as_bytes()).unwrap();
        if !format!("{request:?}").contains("Malformed") {
            let written = serde_json::to_vec(&request).unwrap();
            prop_assert_eq!(body::read(&written), Ok(request));
        }
    }

    #[test]
    fn an_answer_is_written_as_serde_json_writes_it(texts in vec("[\\x00-\\x7f]{0,5}|.{0,20}", 4), number: u32, top in option::of(0..2u32)) {
        let [account, chat_group, mark, name] = [0, 1, 2, 3].map(|place| texts[place].as_str());
        let record = Record {
            kind: number,
            to_account: (!account.is_empty()).then(|| account.into()),
            to_group_id: Some(chat_group.into()),
            custom_mark: mark.into(),
            contact_group_id: top.into_iter().collect(),
            ..Record::default()
        };
        let found = FoundConversation { record: record.clone(), top_flag: 1, msg_time: top };
        let group_item = vec![GroupItem { group_name: name.to_owned(), group_id: number }];
        let page = get_contact_group::Response { contact_item: vec![record; 2], group_item, ..Default::default() };
        prop_assert!(is_as_serde_json_writes_it(&page));
        let response = find_conversations::Response { conversation_item: vec![found], ..Default::default() };
        prop_assert!(is_as_serde_json_writes_it(&response));
    }

    #[test]
    fn a_comment_after_any_value_changes_nothing(value in any_json(), comment in "[^\r\n]{0,20}") {
        let plain = json!({ "MarkItem": value }).to_string();
        let commented = format!("//{comment}\n{plain}//{comment}");
        let request: <MarkContact as Command>::Request = body::read(plain.as_bytes()).unwrap();
        prop_assert_eq!(body::read(commented.as_bytes()), Ok(request));
    }
}
