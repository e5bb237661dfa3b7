//! The JSON inside a signature, spoiled field by field.

use pinfold_wire::user_sig::{Claims, JSON_BYTES_MAX, SigProblem, Unreadable, make};
use serde_json::{Value, json};

use crate::{KEY, check, check_document, claims, document, pack};

const REQUIRED: [&str; 6] = ["TLS.ver", "TLS.identifier", "TLS.sdkappid", "TLS.time", "TLS.expire", "TLS.sig"];

/// How the good document ends when one field has this value.
fn refusal_with(name: &str, value: Value) -> SigProblem {
    let mut document = document();
    document[name] = value;
    let problem = check_document(&document).unwrap_err();
    assert_eq!(problem.code().number(), 70003, "{name}: {problem}");
    problem
}

fn assert_names_the_field(problem: &SigProblem, field: &str) {
    let SigProblem::Unreadable(Unreadable::Field { name, .. }) = problem else { panic!("{field}: {problem}") };
    assert_eq!(*name, field);
}

fn refusal_of_json(json: &str) -> SigProblem {
    check(&pack(json.as_bytes())).unwrap_err()
}

#[test]
fn a_missing_field_is_named() {
    for name in REQUIRED {
        let mut document = document();
        document.as_object_mut().unwrap().remove(name);
        let problem = check_document(&document).unwrap_err();
        assert_eq!(problem, SigProblem::Unreadable(Unreadable::Missing { name }));
        assert_eq!(problem.code().number(), 70003);
    }
}

#[test]
fn a_null_is_a_missing_field() {
    for name in REQUIRED {
        assert_eq!(refusal_with(name, Value::Null), SigProblem::Unreadable(Unreadable::Missing { name }));
    }
}

#[test]
fn a_field_of_the_wrong_type_is_named() {
    for name in ["TLS.ver", "TLS.identifier", "TLS.userbuf", "TLS.sig"] {
        for value in [json!(2.0), json!(true), json!(["alice"]), json!({})] {
            assert_names_the_field(&refusal_with(name, value), name);
        }
    }
    for name in ["TLS.sdkappid", "TLS.time", "TLS.expire"] {
        for value in [json!("1400000001"), json!(true), json!([1]), json!({})] {
            assert_names_the_field(&refusal_with(name, value), name);
        }
    }
}

#[test]
fn a_number_that_is_negative_broken_or_too_large_is_named() {
    for name in ["TLS.sdkappid", "TLS.time", "TLS.expire"] {
        for value in [json!(-1), json!(1.5), json!(1400000001.0), json!(1e300)] {
            assert_names_the_field(&refusal_with(name, value), name);
        }
        let digits = document().to_string().replace(&document()[name].to_string(), "18446744073709551616");
        assert_names_the_field(&refusal_of_json(&digits), name);
    }
    assert_names_the_field(&refusal_with("TLS.sdkappid", json!(1_u64 << 32)), "TLS.sdkappid");
}

#[test]
fn another_version_is_refused() {
    for version in ["1.0", "2.0.0", "2", ""] {
        assert_names_the_field(&refusal_with("TLS.ver", json!(version)), "TLS.ver");
    }
}

#[test]
fn a_control_character_in_the_identifier_is_refused() {
    for identifier in ["alice\nTLS.sdkappid:1", "\u{0}alice", "alice\r", "al\tice", "alice\u{7f}", "alice\u{85}"] {
        assert_names_the_field(&refusal_with("TLS.identifier", json!(identifier)), "TLS.identifier");
    }
}

#[test]
fn a_userbuf_that_is_not_standard_base64_is_refused() {
    for userbuf in ["hello!", "AAA", "AA-_", "AAAA\n"] {
        assert_names_the_field(&refusal_with("TLS.userbuf", json!(userbuf)), "TLS.userbuf");
    }
}

#[test]
fn a_userbuf_of_null_is_no_userbuf() {
    let mut document = document();
    document["TLS.userbuf"] = Value::Null;
    assert_eq!(check_document(&document), Ok(()));
}

#[test]
fn a_sig_that_is_not_base64_of_32_bytes_is_refused() {
    let longer = "A".repeat(44);
    for sig in ["", "AAAA", &longer, &longer[..43], "cg6JEWI7Cocyo*zCyzThtU9pUGIEUj8NxLrNh-RD4nU_"] {
        assert_names_the_field(&refusal_with("TLS.sig", json!(sig)), "TLS.sig");
    }
}

#[test]
fn what_is_not_one_json_object_is_refused() {
    let good = document().to_string();
    let array = json!(["2.0", "alice", 1_400_000_001, 1_700_000_000, 60, null, document()["TLS.sig"]]).to_string();
    let not_json = ["", " ", "null", "2", "{", &good[..good.len() - 1], &format!("{good}{good}"), &array];
    for json in not_json {
        assert_eq!(refusal_of_json(json), SigProblem::Unreadable(Unreadable::NotJson), "{json}");
    }
}

#[test]
fn text_that_is_not_unicode_is_refused() {
    let good = document().to_string();
    for identifier in [&b"\xff"[..], &br"\ud800"[..]] {
        let (before, after) = good.split_once("alice").unwrap();
        let json = [before.as_bytes(), identifier, after.as_bytes()].concat();
        assert_eq!(check(&pack(&json)), Err(SigProblem::Unreadable(Unreadable::NotJson)));
    }
}

#[test]
fn a_known_key_that_comes_twice_is_refused() {
    let twice = document().to_string().replacen('{', r#"{"TLS.identifier":"bob","#, 1);
    assert_eq!(refusal_of_json(&twice), SigProblem::Unreadable(Unreadable::NotJson));
}

#[test]
fn unknown_keys_are_ignored() {
    let mut document = document();
    document["TLS.future"] = json!({"TLS.identifier": ["bob"]});
    assert_eq!(check_document(&document), Ok(()));
}

#[test]
fn spaces_and_a_line_feed_around_the_document_do_no_harm() {
    let spaced = format!("\r\n {}\n\n", serde_json::to_string_pretty(&document()).unwrap());
    assert_eq!(check(&pack(spaced.as_bytes())), Ok(()));
}

#[test]
fn a_signature_that_could_not_be_read_is_not_made() {
    let refusal = |claims: Claims| make(KEY, &claims).unwrap_err();
    let identifier = refusal(Claims { identifier: "alice\nTLS.sdkappid:2".into(), ..claims() });
    assert_names_the_field(&identifier.into(), "TLS.identifier");
    let userbuf = refusal(Claims { userbuf: Some("\n".into()), ..claims() });
    assert_names_the_field(&userbuf.into(), "TLS.userbuf");
    let long = refusal(Claims { identifier: "x".repeat(JSON_BYTES_MAX), ..claims() });
    assert_eq!(long, Unreadable::InflatesTooFar);
}
