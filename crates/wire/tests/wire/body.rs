//! Bodies that are, or are not, one JSON object.

use pinfold_wire::{
    body::{self, BodyError, NESTING_MAX},
    recent_contact::{ContactItem, get_contact_group::Request},
};

fn error(bytes: &[u8]) -> BodyError {
    body::read::<Request>(bytes).expect_err("the body is refused")
}

fn sentence(json: &str) -> String {
    error(json.as_bytes()).to_string()
}

#[test]
fn a_body_of_nothing_is_empty() {
    for json in ["", " \r\n\t", "\u{feff}", "// nothing here"] {
        assert_eq!(error(json.as_bytes()), BodyError::Empty, "{json:?}");
    }
}

#[test]
fn a_byte_order_mark_is_skipped() {
    let request: Request = body::read("\u{feff}{\"From_Account\":\"a\"}".as_bytes()).unwrap();
    assert_eq!(request.from_account, "a".into());
}

#[test]
fn bytes_that_are_no_utf8_are_located() {
    assert_eq!(error(b"{\"From_Account\":\"\xff\"}"), BodyError::NotUtf8 { byte: 17 });
    assert_eq!(error(b"{\"unread\":\"\xc3\"}"), BodyError::NotUtf8 { byte: 11 });
}

#[test]
fn a_syntax_error_is_located_and_not_quoted() {
    let text = sentence("{\n  \"From_Account\": secret\n}");
    assert_eq!(text, "the body is not JSON: expected value at line 2 column 19");
}

#[test]
fn half_a_body_is_no_json() {
    assert!(matches!(error(br#"{"From_Account":"ali"#), BodyError::NotJson { .. }));
    assert!(matches!(error(br#"{"From_Account":"alice""#), BodyError::NotJson { .. }));
}

#[test]
fn a_comma_too_many_is_no_json() {
    assert!(matches!(error(br#"{"From_Account":"alice",}"#), BodyError::NotJson { .. }));
}

#[test]
fn another_value_than_an_object_is_named() {
    for (json, found) in [("[]", "an array"), ("null", "null"), ("1", "a number"), ("true", "a boolean")] {
        assert_eq!(sentence(json), format!("the body must be one JSON object, not {found}"));
    }
    assert_eq!(sentence("\"secret\""), "the body must be one JSON object, not a string");
}

#[test]
fn half_an_escape_is_no_json_and_half_a_surrogate_pair_does_not_move_its_place() {
    assert!(sentence(r#"{"a":"\ud83"}"#).starts_with("the body is not JSON"));
    assert!(sentence(r#"{"a":"\ud83d\ude0"}"#).starts_with("the body is not JSON"));
    assert!(sentence(r#"{"a":"\ud83d","b":x}"#).ends_with("line 1 column 19"));
}

#[test]
fn a_second_object_is_refused() {
    assert_eq!(error(b"{}{}"), BodyError::MoreFollows { line: 1, column: 3 });
    assert_eq!(error(b"{}\n]"), BodyError::MoreFollows { line: 2, column: 1 });
}

#[test]
fn space_after_the_object_is_fine() {
    assert!(body::read::<Request>(b"{} \r\n").is_ok());
}

#[test]
fn a_key_that_comes_twice_is_refused_with_its_name() {
    let text = sentence(r#"{"From_Account":"alice","From_Account":"bob"}"#);
    assert_eq!(text, r#"the key "From_Account" comes twice in one object, the second time at line 1 column 38"#);
}

#[test]
fn a_key_that_comes_twice_is_found_in_fields_that_are_not_read() {
    assert!(matches!(error(br#"{"x":[{"y":{"k":1,"k":1}}]}"#), BodyError::DuplicateKey { key, .. } if key == "k"));
}

#[test]
fn keys_are_compared_without_their_escapes() {
    assert!(matches!(error(br#"{"ab":1,"\u0061b":1}"#), BodyError::DuplicateKey { key, .. } if key == "ab"));
}

#[test]
fn the_same_key_in_two_objects_is_fine() {
    assert!(body::read::<Request>(br#"{"a":{"k":1},"k":[{"k":1},{"k":2}]}"#).is_ok());
}

#[test]
fn a_long_key_is_cut_off_in_the_refusal() {
    let key = "k".repeat(1000);
    assert!(sentence(&format!(r#"{{"{key}":1,"{key}":2}}"#)).len() < 150);
}

#[test]
fn a_key_that_comes_twice_among_many_is_found_at_once() {
    let keys: String = (0..100_000).map(|n| format!("\"{n}\":0,")).collect();
    let start = std::time::Instant::now();
    assert!(body::read::<Request>(format!("{{{keys}\"last\":0}}").as_bytes()).is_ok());
    assert!(matches!(error(format!("{{{keys}\"7\":0}}").as_bytes()), BodyError::DuplicateKey { .. }));
    assert!(matches!(error(format!("{{{keys}\"50000\":0}}").as_bytes()), BodyError::DuplicateKey { .. }));
    assert!(start.elapsed().as_secs() < 5, "comparing every key with every other takes minutes");
}

fn nested(levels: usize) -> String {
    format!("{{\"x\":{}{}}}", "[".repeat(levels - 1), "]".repeat(levels - 1))
}

#[test]
fn nesting_is_limited_also_in_fields_that_are_not_read() {
    assert!(body::read::<Request>(nested(NESTING_MAX).as_bytes()).is_ok());
    assert!(matches!(error(nested(NESTING_MAX + 1).as_bytes()), BodyError::TooDeep { .. }));
    assert!(matches!(error("{\"x\":".repeat(200_000).as_bytes()), BodyError::TooDeep { .. }));
}

#[test]
fn two_slashes_in_a_string_are_no_comment() {
    let read = |json: &str| body::read::<ContactItem>(json.as_bytes()).unwrap().to_account;
    assert_eq!(read(r#"{"To_Account":"http://x"}"#), "http://x".into());
    assert_eq!(read(r#"{"To_Account":"a\"//b\\"}//c"#), "a\"//b\\".into());
    assert_eq!(read("{//é \"quoted\n\"To_Account\":\"//\"// x\r}"), "//".into());
}

#[test]
fn a_comment_does_not_move_the_place_of_an_error() {
    assert!(sentence("{ // one\n  \"a\": x }").ends_with("line 2 column 8"));
}

#[test]
fn a_comment_that_swallows_the_end_leaves_half_a_body() {
    assert!(matches!(error(b"{\"a\":1 // }"), BodyError::NotJson { .. }));
}

#[test]
fn comments_in_other_styles_are_no_json() {
    assert!(matches!(error(b"{/* a */}"), BodyError::NotJson { .. }));
    assert!(matches!(error(b"{/ a\n}"), BodyError::NotJson { .. }));
}
