//! The rules of lenient reading, docs/protocol.md, section 1, in the order of their numbers.

use pinfold_wire::commands::{
    CreateContactGroup, DelContactGroup, GetContactGroup, MarkContact, Top, UpdateContactGroup,
};
use pinfold_wire::{Command, Lenient, Malformed, body, recent_contact::mark_contact::MarkItem};

pub(crate) fn read<C: Command>(json: &str) -> C::Request {
    body::read(json.as_bytes()).expect("a readable body")
}

/// The one mark item of a call.
fn mark_item(json: &str) -> MarkItem {
    let request = read::<MarkContact>(&format!(r#"{{"MarkItem":[{json}]}}"#));
    request.mark_item.given().unwrap()[0].given().unwrap().clone()
}

#[test]
fn null_means_absent_for_every_kind_of_field() {
    let request = read::<UpdateContactGroup>(r#"{"From_Account":null,"UpdateType":null,"UpdateGroup":null}"#);
    assert_eq!(request, Default::default());
    assert!(read::<MarkContact>(r#"{"MarkItem":null}"#).mark_item.is_absent());
}

#[test]
fn an_empty_text_is_handed_on_as_it_is() {
    assert_eq!(mark_item(r#"{"CustomMark":""}"#).custom_mark, "".into());
    assert_eq!(read::<MarkContact>(r#"{"From_Account":""}"#).from_account, "".into());
}

#[test]
fn both_ids_of_a_conversation_are_read() {
    let item = mark_item(r#"{"ContactItem":{"Type":2,"To_Account":"bob","ToGroupId":"g"}}"#);
    let conversation = item.contact_item.given().unwrap();
    assert_eq!((&conversation.to_account, &conversation.to_group_id), (&"bob".into(), &"g".into()));
}

#[test]
fn an_integer_may_come_as_a_decimal_string() {
    let item = mark_item(r#"{"OptType":"1","SetMark":["0",1],"ContactItem":{"Type":"2"}}"#);
    assert_eq!(item.opt_type, 1.into());
    assert_eq!(item.set_mark, [0, 1].into());
    assert_eq!(item.contact_item.given().unwrap().kind, 2.into());
}

#[test]
fn an_integer_keeps_its_sign() {
    assert_eq!(mark_item(r#"{"OptType":-1}"#).opt_type, (-1).into());
    assert_eq!(mark_item(r#"{"OptType":"-1"}"#).opt_type, (-1).into());
}

#[test]
fn a_value_that_is_not_an_integer_is_malformed() {
    for value in ["1.0", "1.5", "1e3", "true", "\"1.5\"", "\"+1\"", "\" 1\"", "\"\"", "\"x\"", "[1]", "{}"] {
        let item = mark_item(&format!(r#"{{"OptType":{value}}}"#));
        assert_eq!(item.opt_type, Lenient::Malformed(Malformed::NotAnInteger), "{value}");
    }
}

#[test]
fn an_integer_beyond_64_bits_is_malformed_and_not_cut_off() {
    for value in ["9223372036854775808", "18446744073709551616", "\"9223372036854775808\"", "1e300"] {
        let item = mark_item(&format!(r#"{{"OptType":{value}}}"#));
        assert_eq!(item.opt_type, Lenient::Malformed(Malformed::NotAnInteger), "{value}");
    }
    assert_eq!(mark_item(r#"{"OptType":9223372036854775807}"#).opt_type, i64::MAX.into());
}

#[test]
fn an_account_id_that_is_a_number_is_told_from_other_wrong_types() {
    let from_account = |value: &str| read::<MarkContact>(&format!(r#"{{"From_Account":{value}}}"#)).from_account;
    for number in ["5", "-5", "5.5", "18446744073709551615"] {
        assert_eq!(from_account(number), Lenient::Malformed(Malformed::NumberForString), "{number}");
    }
    for other in ["true", "[]", "{}", r#"["alice"]"#] {
        assert_eq!(from_account(other), Lenient::Malformed(Malformed::NotAString), "{other}");
    }
}

#[test]
fn one_object_is_read_as_an_array_of_one() {
    let request = read::<MarkContact>(r#"{"MarkItem":{"OptType":1,"ContactItem":{"Type":1,"To_Account":"bob"}}}"#);
    let one = read::<MarkContact>(r#"{"MarkItem":[{"OptType":1,"ContactItem":{"Type":1,"To_Account":"bob"}}]}"#);
    assert_eq!(request, one);
    assert_eq!(request.mark_item.given().unwrap().len(), 1);
}

#[test]
fn one_object_in_one_object_is_read_as_an_array_of_one() {
    let bare = r#"{"GroupContactItem":{"GroupName":"Work","ContactItem":{"Type":"1","To_Account":"bob"}}}"#;
    let full = r#"{"GroupContactItem":[{"GroupName":"Work","ContactItem":[{"Type":1,"To_Account":"bob"}]}]}"#;
    assert_eq!(read::<CreateContactGroup>(bare), read::<CreateContactGroup>(full));
}

#[test]
fn one_name_is_read_as_an_array_of_one() {
    assert_eq!(
        read::<DelContactGroup>(r#"{"GroupName":"Work"}"#),
        read::<DelContactGroup>(r#"{"GroupName":["Work"]}"#)
    );
}

#[test]
fn an_empty_object_for_an_array_is_one_empty_item() {
    assert_eq!(read::<Top>(r#"{"RecentContactItem":{}}"#), read::<Top>(r#"{"RecentContactItem":[{}]}"#));
}

#[test]
fn an_object_with_number_keys_for_an_array_is_malformed() {
    for value in [r#"{"0":{"OptType":1},"2":{}}"#, r#"{"0":1}"#] {
        let request = read::<MarkContact>(&format!(r#"{{"MarkItem":{value}}}"#));
        assert_eq!(request.mark_item, Lenient::Malformed(Malformed::ObjectWithNumberKeys), "{value}");
    }
    assert_eq!(Malformed::ObjectWithNumberKeys.expected(), "must be an array");
}

#[test]
fn a_scalar_for_an_array_of_objects_is_malformed() {
    for value in ["1", "true", "\"x\"", "1.5"] {
        let request = read::<MarkContact>(&format!(r#"{{"MarkItem":{value}}}"#));
        assert_eq!(request.mark_item, Lenient::Malformed(Malformed::NotAnArray), "{value}");
    }
}

#[test]
fn a_lone_bit_is_no_array_of_bits() {
    for value in ["1", "\"1\""] {
        let item = mark_item(&format!(r#"{{"SetMark":{value}}}"#));
        assert_eq!(item.set_mark, Lenient::Malformed(Malformed::NotAnArray), "{value}");
    }
}

#[test]
fn one_bad_element_leaves_its_neighbours_readable() {
    let request = read::<MarkContact>(r#"{"MarkItem":[1,{"OptType":1},null,[]]}"#);
    let kinds: Vec<_> = request.mark_item.given().unwrap().iter().map(|item| item.as_ref().optional().err()).collect();
    assert_eq!(kinds, [Some(Malformed::NotAnObject), None, None, Some(Malformed::NotAnObject)]);
    assert_eq!(request.mark_item.given().unwrap()[2], Lenient::Absent);
}

#[test]
fn one_bad_bit_is_seen_beside_the_good_ones() {
    let bits = mark_item(r#"{"SetMark":[1,"x",2]}"#).set_mark;
    assert_eq!(bits, Lenient::Given(vec![1.into(), Lenient::Malformed(Malformed::NotAnInteger), 2.into()].into()));
}

#[test]
fn an_array_of_one_object_is_read_as_that_object() {
    let wrapped = r#"{"UpdateGroup":[{"ContactUpdateItem":[{"ContactItem":[{"Type":1,"To_Account":"bob"}]}]}]}"#;
    let plain = r#"{"UpdateGroup":{"ContactUpdateItem":[{"ContactItem":{"Type":1,"To_Account":"bob"}}]}}"#;
    assert_eq!(read::<UpdateContactGroup>(wrapped), read::<UpdateContactGroup>(plain));
    assert_eq!(mark_item(r#"{"ContactItem":[{"Type":2}]}"#), mark_item(r#"{"ContactItem":{"Type":2}}"#));
}

#[test]
fn an_array_of_none_of_two_or_of_something_else_is_no_object() {
    for value in ["[]", "[{},{}]", "[null]", "[1]", r#"["bob"]"#, "[[{}]]", "[{},null]"] {
        let item = mark_item(&format!(r#"{{"ContactItem":{value},"OptType":1}}"#));
        assert_eq!(item.contact_item, Lenient::Malformed(Malformed::NotAnObject), "{value}");
        assert_eq!(item.opt_type, 1.into(), "{value}: what follows is read");
    }
}

#[test]
fn an_array_within_an_array_is_no_element() {
    let request = read::<MarkContact>(r#"{"MarkItem":[[{"OptType":1}],{"OptType":2}]}"#);
    let items = request.mark_item.given().unwrap();
    assert_eq!(items[0], Lenient::Malformed(Malformed::NotAnObject));
    assert!(items[1].given().is_some());
}

#[test]
fn a_missing_start_index_and_update_type_are_absent() {
    assert!(read::<GetContactGroup>("{}").start_index.is_absent());
    assert!(read::<UpdateContactGroup>("{}").update_type.is_absent());
}

#[test]
fn comments_are_accepted() {
    let request =
        read::<DelContactGroup>("{ // who\r\n\"From_Account\":\"alice\", // the \"group\"\n\"GroupName\":[\"//\"]}//");
    assert_eq!(request.from_account, "alice".into());
    assert_eq!(request.group_name, ["//".to_owned()].into());
}

#[test]
fn half_a_surrogate_pair_is_read_as_the_replacement_character() {
    let request = read::<MarkContact>(r#"{"From_Account":"\ud83d","MarkItem":[{"CustomMark":"a\uDE00\ud83d\u0041"}]}"#);
    assert_eq!(request.from_account, "\u{fffd}".into());
    let item = request.mark_item.given().unwrap()[0].given().unwrap();
    assert_eq!(item.custom_mark, "a\u{fffd}\u{fffd}A".into());
}

#[test]
fn half_a_surrogate_pair_refuses_no_call_in_whatever_key_or_value_it_stands() {
    for json in [
        r#"{"Extra":{"\ud83d":["\udc00"]},"From_Account":"a"}"#,
        r#"{"Extra":{"\ud83d":1,"\ude00":2},"From_Account":"a"}"#,
        "{//\\ud83d \"\n\"Extra\":\"\\ud83d\",\"From_Account\":\"a\"}",
    ] {
        assert_eq!(read::<GetContactGroup>(json).from_account, "a".into(), "{json}");
    }
}

#[test]
fn a_whole_pair_and_an_escaped_backslash_are_what_they_are() {
    assert_eq!(mark_item(r#"{"CustomMark":"\uD83D\ude00"}"#).custom_mark, "\u{1f600}".into());
    assert_eq!(mark_item(r#"{"CustomMark":"\\ud83d"}"#).custom_mark, r"\ud83d".into());
}

#[test]
fn unknown_fields_are_ignored_wherever_they_stand() {
    let item = mark_item(r#"{"OptType":1,"New":{"a":[1,{"b":null}]},"ContactItem":{"Type":1,"Extra":[]}}"#);
    assert_eq!(item.opt_type, 1.into());
    assert_eq!(item.contact_item.given().unwrap().kind, 1.into());
}

#[test]
fn every_word_for_a_bad_field_begins_with_must_be() {
    use Malformed::*;
    for malformed in [NotAString, NumberForString, NotAnInteger, NotAnObject, NotAnArray, ObjectWithNumberKeys] {
        assert!(malformed.expected().starts_with("must be a"), "{malformed:?}");
    }
}

/// The elements of `MarkItem` that are kept, and their number, where three are kept.
fn kept(json: &str) -> (usize, usize) {
    let request: <MarkContact as Command>::Request = body::read_bounded(json.as_bytes(), 3).unwrap();
    let items = request.mark_item.given().unwrap();
    (items.len(), items.count())
}

#[test]
fn elements_beyond_those_that_are_kept_are_counted() {
    for (items, expected) in [("", (0, 0)), ("{},1,{}", (3, 3)), ("{},{},{},1,[[{}]],{\"a\":[1,2]},null", (3, 7))] {
        assert_eq!(kept(&format!(r#"{{"MarkItem":[{items}],"From_Account":"a"}}"#)), expected);
    }
}

#[test]
fn an_array_keeps_everything_again_after_one_was_read_with_a_bound() {
    assert_eq!(kept(r#"{"MarkItem":[1,1,1,1]}"#), (3, 4));
    assert!(body::read_bounded::<<MarkContact as Command>::Request>(b"{", 3).is_err());
    assert_eq!(read::<MarkContact>(r#"{"MarkItem":[1,1,1,1]}"#).mark_item.given().unwrap().len(), 4);
}

#[test]
fn of_bits_that_come_again_one_is_kept_and_a_bad_one_among_many_is_still_seen() {
    let bits = |bits: &str| mark_item(&format!(r#"{{"SetMark":[{bits}]}}"#)).set_mark;
    assert_eq!(bits("7,0,7,7,0").given().unwrap()[..], [7.into(), 0.into()]);
    let all: Vec<_> = (0..64).map(|bit| bit.to_string()).collect();
    let many = bits(&format!("{},64,65,66,67", vec![all.join(","); 50].join(",")));
    assert_eq!(many.given().unwrap().last(), Some(&64.into()));
    assert_eq!(many.given().unwrap().len(), 65);
}

#[test]
fn of_groups_to_create_no_more_are_kept_than_it_takes_to_refuse_them() {
    let body = br#"{"GroupContactItem":[{},{},{},{}]}"#;
    let request: <CreateContactGroup as Command>::Request = body::read_bounded(body, 100).unwrap();
    let items = request.group_contact_item.given().unwrap();
    assert_eq!((items.len(), items.count()), (2, 4));
}

#[test]
fn an_object_for_an_array_is_one_element_as_soon_as_one_key_is_not_a_number() {
    for value in [r#"{"0":{},"OptType":1}"#, r#"{"OptType":1,"0":{}}"#, r#"{"\u004fptType":1,"":2}"#] {
        let request = read::<MarkContact>(&format!(r#"{{"MarkItem":{value}}}"#));
        assert_eq!(request.mark_item.given().unwrap()[0].given().unwrap().opt_type, 1.into(), "{value}");
    }
}
