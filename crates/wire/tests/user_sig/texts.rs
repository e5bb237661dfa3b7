//! The text around the document: base64 and zlib, whole and spoiled.

use pinfold_wire::user_sig::{JSON_BYTES_MAX, TEXT_BYTES_MAX, Unreadable, UserSig, make};
use serde_json::json;

use crate::{KEY, armour, check, claims, deflate, disarmour, document, pack};

/// How reading the text ends that must not be readable.
fn refusal(text: &str) -> Unreadable {
    let problem = UserSig::decode(text).unwrap_err();
    assert_eq!(problem.code().number(), if text.is_empty() { 70002 } else { 70003 });
    problem
}

fn good_text() -> String {
    make(KEY, &claims()).unwrap()
}

/// A good document that is exactly `bytes` long.
fn document_of(bytes: usize) -> String {
    let mut document = document();
    document["filler"] = json!("");
    document["filler"] = json!("x".repeat(bytes - document.to_string().len()));
    document.to_string()
}

#[test]
fn an_empty_text_has_a_code_of_its_own() {
    assert_eq!(refusal(""), Unreadable::Empty);
}

#[test]
fn a_text_longer_than_the_limit_is_not_looked_at() {
    assert_eq!(refusal(&"A".repeat(TEXT_BYTES_MAX + 4)), Unreadable::TooLong);
    assert_eq!(refusal(&"A".repeat(TEXT_BYTES_MAX)), Unreadable::NotZlib);
}

#[test]
fn what_is_not_base64_is_refused() {
    for text in ["!", "A", "AAAAA", "AAA\u{e9}", " AAAA", "AAAA\n", "____", "A___", "AA_A", "AAAA____", "AB__"] {
        assert_eq!(refusal(text), Unreadable::NotBase64, "{text:?}");
    }
}

#[test]
fn the_letters_of_standard_base64_are_refused() {
    for text in ["AAA+", "AAA/", "AAA="] {
        assert_eq!(refusal(text), Unreadable::NotBase64, "{text:?}");
    }
}

#[test]
fn a_text_without_its_padding_is_refused() {
    let filler = ["", "x", "xx", "xxx"].map(|filler| armour(&deflate(filler.as_bytes())));
    let padded = filler.iter().find(|text| text.ends_with('_')).unwrap();
    assert_eq!(refusal(padded.trim_end_matches('_')), Unreadable::NotBase64);
}

#[test]
fn what_is_not_zlib_is_refused() {
    assert_eq!(refusal(&armour(document().to_string().as_bytes())), Unreadable::NotZlib);
}

#[test]
fn a_stream_cut_off_anywhere_is_refused() {
    let zlib = disarmour(&good_text());
    for bytes in 1..zlib.len() {
        assert_eq!(refusal(&armour(&zlib[..bytes])), Unreadable::NotZlib, "{bytes} bytes");
    }
}

#[test]
fn a_stream_with_a_wrong_checksum_is_refused() {
    let mut zlib = disarmour(&good_text());
    *zlib.last_mut().unwrap() ^= 1;
    assert_eq!(refusal(&armour(&zlib)), Unreadable::NotZlib);
}

#[test]
fn bytes_after_the_stream_are_refused() {
    let mut zlib = disarmour(&good_text());
    zlib.push(0);
    assert_eq!(refusal(&armour(&zlib)), Unreadable::NotZlib);
}

#[test]
fn a_document_may_be_as_long_as_the_limit() {
    assert_eq!(check(&pack(document_of(JSON_BYTES_MAX).as_bytes())), Ok(()));
}

#[test]
fn a_document_one_byte_longer_than_the_limit_is_refused() {
    assert_eq!(refusal(&pack(document_of(JSON_BYTES_MAX + 1).as_bytes())), Unreadable::InflatesTooFar);
}

#[test]
fn a_short_text_that_inflates_to_megabytes_is_refused() {
    let bomb = pack(&vec![b' '; 4 << 20]);
    assert!(bomb.len() < TEXT_BYTES_MAX, "{} bytes", bomb.len());
    assert_eq!(refusal(&bomb), Unreadable::InflatesTooFar);
}

#[test]
fn a_refused_text_is_not_repeated() {
    for text in [good_text().replace('_', "="), format!("{}!", good_text()), armour(b"not zlib")] {
        let problem = refusal(&text);
        assert!(!format!("{problem} {problem:?}").contains(&text[..8]), "{problem}");
    }
}
