//! Fields that have more than one name.

use pinfold_wire::commands::{AccountImport, MultiaccountImport, SearchContactGroup};
use pinfold_wire::{Lenient, Malformed, recent_contact::ContactItem};

use crate::lenient::read;

fn conversation(json: &str) -> ContactItem {
    let request = read::<SearchContactGroup>(&format!(r#"{{"ContactItem":[{json}]}}"#));
    request.contact_item.given().unwrap()[0].given().unwrap().clone()
}

#[test]
fn the_id_of_a_chat_group_has_three_names() {
    for name in ["ToGroupId", "ToGroupid", "GroupId"] {
        assert_eq!(conversation(&format!(r#"{{"Type":2,"{name}":"g"}}"#)), ContactItem::chat_group("g"), "{name}");
    }
}

#[test]
fn the_type_of_a_conversation_may_be_written_small() {
    assert_eq!(conversation(r#"{"type":1,"To_Account":"bob"}"#), ContactItem::one_to_one("bob"));
}

#[test]
fn names_in_another_case_are_unknown_fields() {
    assert_eq!(conversation(r#"{"TYPE":1,"to_account":"bob","togroupid":"g"}"#), ContactItem::default());
}

#[test]
fn of_two_names_the_documented_one_wins_in_any_order() {
    for json in [r#"{"ToGroupId":"a","GroupId":"b"}"#, r#"{"GroupId":"b","ToGroupId":"a"}"#] {
        assert_eq!(conversation(json).to_group_id, "a".into(), "{json}");
    }
    assert_eq!(conversation(r#"{"type":2,"Type":1}"#).kind, 1.into());
}

#[test]
fn a_name_without_a_value_leaves_the_field_to_its_other_name() {
    for json in [r#"{"ToGroupId":null,"GroupId":"b"}"#, r#"{"ToGroupId":"","ToGroupid":null,"GroupId":"b"}"#] {
        assert_eq!(conversation(json).to_group_id, "b".into(), "{json}");
    }
    assert_eq!(conversation(r#"{"Type":null,"type":2}"#).kind, 2.into());
}

#[test]
fn an_empty_id_without_another_name_stays_empty() {
    assert_eq!(conversation(r#"{"ToGroupId":""}"#).to_group_id, "".into());
}

#[test]
fn the_name_that_counts_is_told_and_the_documented_one_where_none_does() {
    let sent_as = |json| conversation(json).to_group_id_sent_as.or("ToGroupId");
    assert_eq!(sent_as(r#"{"GroupId":"b"}"#), "GroupId");
    assert_eq!(sent_as(r#"{"ToGroupId":"","ToGroupid":5,"GroupId":"b"}"#), "ToGroupid");
    assert_eq!(sent_as(r#"{"ToGroupid":""}"#), "ToGroupid");
    assert_eq!(sent_as(r#"{"GroupId":null}"#), "ToGroupId");
    assert_eq!(conversation(r#"{"type":1}"#).kind_sent_as.or("Type"), "type");
}

#[test]
fn a_malformed_field_is_not_replaced_by_its_other_name() {
    let item = conversation(r#"{"ToGroupId":5,"GroupId":"b"}"#);
    assert_eq!(item.to_group_id, Lenient::Malformed(Malformed::NumberForString));
}

#[test]
fn an_account_to_import_has_two_names() {
    for name in ["UserID", "Identifier"] {
        assert_eq!(read::<AccountImport>(&format!(r#"{{"{name}":"bob"}}"#)).user_id, "bob".into(), "{name}");
    }
}

#[test]
fn accounts_to_import_may_be_objects_or_plain_ids() {
    let objects = read::<MultiaccountImport>(r#"{"AccountList":[{"UserID":"a"},{"UserID":"b"}]}"#);
    assert_eq!(read::<MultiaccountImport>(r#"{"Accounts":["a","b"]}"#), objects);
    assert_eq!(read::<MultiaccountImport>(r#"{"Accounts":[{"Identifier":"a"},"b"]}"#), objects);
}

#[test]
fn a_number_among_the_accounts_to_import_is_told_from_other_wrong_types() {
    let accounts = read::<MultiaccountImport>(r#"{"Accounts":[5,true]}"#).account_list;
    let malformed: Vec<_> = accounts.given().unwrap().iter().map(|item| item.as_ref().optional().err()).collect();
    assert_eq!(malformed, [Some(Malformed::NumberForString), Some(Malformed::NotAnObject)]);
}
