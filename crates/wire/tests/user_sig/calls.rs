//! Readable signatures and the calls they come with.

use pinfold_wire::user_sig::{Claims, SigProblem, UserSig, make};
use serde_json::json;

use crate::{APP, KEY, TIME, check_document, claims, document};

fn sig(claims: &Claims) -> UserSig {
    UserSig::decode(&make(KEY, claims).unwrap()).unwrap()
}

/// Checks alice's signature, with one thing of the call changed by the test.
fn answer(sdkappid: u32, identifier: &str, now: u64, keys: &[&str]) -> Result<(), SigProblem> {
    sig(&claims()).check(sdkappid, identifier, now, keys)
}

fn code(answer: Result<(), SigProblem>) -> u32 {
    answer.unwrap_err().code().number()
}

#[test]
fn a_signature_of_another_app_is_refused() {
    let problem = answer(APP + 1, "alice", TIME, &[KEY]).unwrap_err();
    assert_eq!(problem.code().number(), 70014);
    assert_eq!(problem.to_string(), "the signature is of app 1400000001, the call is to app 1400000002");
}

#[test]
fn a_signature_of_another_identifier_is_refused() {
    let problem = answer(APP, "Alice", TIME, &[KEY]).unwrap_err();
    assert_eq!(problem.code().number(), 70013);
    let sentence = "the signature is of identifier \"alice\", the call is of identifier \"Alice\"";
    assert_eq!(problem.to_string(), sentence);
}

#[test]
fn an_expired_signature_says_when_it_expired() {
    let problem = answer(APP, "alice", TIME + 61, &[KEY]).unwrap_err();
    assert_eq!(problem.code().number(), 70001);
    let sentence =
        "the signature expired at 1700000060 (Tue, 14 Nov 2023 22:14:20 GMT), it is 1700000061 now; make a new one";
    assert_eq!(problem.to_string(), sentence);
}

#[test]
fn a_signature_of_another_key_is_refused() {
    let problem = answer(APP, "alice", TIME, &["another key"]).unwrap_err();
    assert_eq!(problem, SigProblem::OtherKey { sdkappid: APP });
    assert_eq!(problem.code().number(), 70009);
}

#[test]
fn a_signature_with_any_byte_changed_is_refused() {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let good = STANDARD.decode(document()["TLS.sig"].as_str().unwrap()).unwrap();
    for index in 0..good.len() {
        let mut bytes = good.clone();
        bytes[index] ^= 1;
        let mut document = document();
        document["TLS.sig"] = json!(STANDARD.encode(bytes));
        assert_eq!(code(check_document(&document)), 70009, "byte {index}");
    }
}

#[test]
fn a_claim_changed_after_signing_is_refused() {
    for (name, value) in [("TLS.time", json!(TIME + 1)), ("TLS.expire", json!(61)), ("TLS.userbuf", json!(""))] {
        let mut document = document();
        document[name] = value;
        assert_eq!(code(check_document(&document)), 70009, "{name}");
    }
}

#[test]
fn any_one_of_several_keys_may_have_signed() {
    assert_eq!(answer(APP, "alice", TIME, &[KEY, "newer"]), Ok(()));
    assert_eq!(answer(APP, "alice", TIME, &["older", KEY]), Ok(()));
    assert_eq!(code(answer(APP, "alice", TIME, &["older", "newer"])), 70009);
}

#[test]
fn keys_may_be_owned_strings() {
    assert_eq!(sig(&claims()).check(APP, "alice", TIME, &[KEY.to_owned()]), Ok(()));
}

#[test]
fn without_keys_nothing_is_allowed() {
    assert_eq!(code(answer(APP, "alice", TIME, &[])), 70009);
}

#[test]
fn of_several_problems_the_first_of_the_order_is_told() {
    let late = TIME + 61;
    assert_eq!(code(answer(APP + 1, "bob", late, &["other"])), 70014);
    assert_eq!(code(answer(APP, "bob", late, &["other"])), 70013);
    assert_eq!(code(answer(APP, "alice", late, &["other"])), 70001);
    assert_eq!(code(answer(APP, "alice", TIME, &["other"])), 70009);
}

#[test]
fn a_signature_with_a_time_in_the_future_is_accepted() {
    assert_eq!(answer(APP, "alice", 0, &[KEY]), Ok(()));
}

#[test]
fn a_signature_may_be_used_until_it_expires() {
    let sig = sig(&claims());
    for now in TIME..=TIME + 60 {
        assert_eq!(sig.check(APP, "alice", now, &[KEY]), Ok(()));
    }
    assert_eq!(code(sig.check(APP, "alice", TIME + 61, &[KEY])), 70001);
}

#[test]
fn an_expiry_beyond_all_numbers_means_for_ever() {
    for (time, expire) in [(u64::MAX, u64::MAX), (1, u64::MAX), (u64::MAX, 0)] {
        let claims = Claims { time, expire, ..claims() };
        assert_eq!(claims.valid_until(), u64::MAX);
        assert_eq!(sig(&claims).check(APP, "alice", u64::MAX, &[KEY]), Ok(()));
    }
}

#[test]
fn claims_that_are_kept_are_checked_in_the_same_way_without_keys() {
    let kept = sig(&claims()).into_claims();
    assert_eq!(kept.check(APP, "alice", kept.valid_until()), Ok(()));
    assert_eq!(code(kept.check(APP + 1, "bob", TIME + 61)), 70014);
    assert_eq!(code(kept.check(APP, "bob", TIME + 61)), 70013);
    assert_eq!(code(kept.check(APP, "alice", TIME + 61)), 70001);
}

#[test]
fn a_key_is_taken_as_its_text_and_not_as_hex() {
    let text = make("00ff", &claims()).unwrap();
    assert_eq!(code(UserSig::decode(&text).unwrap().check(APP, "alice", TIME, &["00FF"])), 70009);
}

#[test]
fn a_signature_sent_as_identifier_is_not_repeated() {
    let text = make(KEY, &claims()).unwrap();
    let problem = answer(APP, &text, TIME, &[KEY]).unwrap_err();
    assert_eq!(problem.code().number(), 70013);
    assert!(!format!("{problem} {problem:?}").contains(&text[..33]), "{problem}");
}

#[test]
fn the_debug_text_of_a_signature_does_not_show_it() {
    let sig = sig(&claims());
    assert_eq!(format!("{sig:?}"), format!("UserSig {{ claims: {:?}, .. }}", claims()));
}
