//! No bytes make the reader panic, and every signature that is made can be read.

use pinfold_wire::user_sig::{Claims, UserSig, make};
use proptest::prelude::*;
use serde_json::Value;

use crate::{armour, document, pack};

/// A JSON value of any type, numbers of every size among them.
fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        prop::collection::vec(any::<String>(), 0..3).prop_map(Value::from),
    ]
}

/// Identifiers without control characters, most of them longer than any service allows.
fn any_identifier() -> impl Strategy<Value = String> {
    "[^\\p{Cc}]{0,99}"
}

fn any_claims() -> impl Strategy<Value = Claims> {
    let userbuf = prop::option::of(prop::collection::vec(any::<u8>(), 0..99));
    (any::<u32>(), any_identifier(), any::<u64>(), any::<u64>(), userbuf).prop_map(
        |(sdkappid, identifier, time, expire, userbuf)| {
            use base64::{Engine as _, engine::general_purpose::STANDARD};
            Claims { sdkappid, identifier, time, expire, userbuf: userbuf.map(|bytes| STANDARD.encode(bytes)) }
        },
    )
}

/// Reads and, where that works, checks: neither may panic. None of it is signed.
fn is_refused(text: &str) -> bool {
    UserSig::decode(text).is_err() || UserSig::decode(text).unwrap().check(1, "alice", 1, &["key"]).is_err()
}

proptest! {
    #[test]
    fn any_text_is_refused_without_a_panic(text in any::<String>()) {
        prop_assert!(is_refused(&text));
    }

    #[test]
    fn any_letters_of_the_alphabet_are_refused_without_a_panic(text in "([A-Za-z0-9*-]{4}){0,60}[A-Za-z0-9*-]{0,4}_{0,3}") {
        prop_assert!(is_refused(&text));
    }

    #[test]
    fn any_bytes_in_base64_are_refused_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(is_refused(&armour(&bytes)));
    }

    #[test]
    fn any_bytes_in_zlib_are_refused_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(is_refused(&pack(&bytes)));
    }

    #[test]
    fn any_values_of_two_fields_are_refused_without_a_panic(
        names in prop::sample::subsequence(
            vec!["TLS.ver", "TLS.identifier", "TLS.sdkappid", "TLS.time", "TLS.expire", "TLS.userbuf", "TLS.sig"],
            2,
        ),
        values in prop::array::uniform2(any_value()),
    ) {
        let mut document = document();
        for (name, value) in names.into_iter().zip(values) {
            document[name] = value;
        }
        prop_assert!(is_refused(&pack(document.to_string().as_bytes())));
    }

    #[test]
    fn any_claims_are_read_as_they_were_made(claims in any_claims(), key in ".{1,99}") {
        let sig = UserSig::decode(&make(&key, &claims).unwrap()).unwrap();
        prop_assert_eq!(sig.claims(), &claims);
        prop_assert_eq!(sig.check(claims.sdkappid, &claims.identifier, claims.valid_until(), &[&key]), Ok(()));
    }

    #[test]
    fn a_made_signature_needs_no_escapes_in_a_url(claims in any_claims()) {
        let text = make("key", &claims).unwrap();
        prop_assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"*-_".contains(&byte)), "{}", text);
    }
}
