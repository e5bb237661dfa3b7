//! Signatures made by packages in six languages that this project did not write.

use std::collections::BTreeMap;

use pinfold_wire::user_sig::{Claims, SigProblem, UserSig, make};
use serde::Deserialize;
use serde_json::Value;

use crate::unpack;

#[derive(Deserialize)]
struct Vectors {
    key: String,
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    name: String,
    sdkappid: u32,
    identifier: String,
    time: u64,
    expire: u64,
    userbuf: Option<String>,
    tls_sig: String,
    usersig: BTreeMap<String, String>,
}

impl Vector {
    fn claims(&self) -> Claims {
        let identifier = self.identifier.clone();
        let userbuf = self.userbuf.clone();
        Claims { sdkappid: self.sdkappid, identifier, time: self.time, expire: self.expire, userbuf }
    }
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("../data/user_sig_vectors.json")).unwrap()
}

/// Calls `test` with the key, the vector and each of its signatures, and says how many there were.
fn for_each_signature(test: impl Fn(&str, &Vector, &UserSig)) -> usize {
    let Vectors { key, vectors } = vectors();
    let mut count = 0;
    for vector in &vectors {
        for (package, text) in &vector.usersig {
            let decoded = UserSig::decode(text);
            let sig = decoded.unwrap_or_else(|problem| panic!("{} of {package}: {problem}", vector.name));
            test(&key, vector, &sig);
            count += 1;
        }
    }
    count
}

#[test]
fn every_vector_carries_the_claims_it_was_made_with() {
    let count = for_each_signature(|_, vector, sig| assert_eq!(sig.claims(), &vector.claims(), "{}", vector.name));
    assert_eq!(count, 24);
}

#[test]
fn every_vector_is_valid_from_its_time_to_its_last_second() {
    for_each_signature(|key, vector, sig| {
        for now in [vector.time, vector.time + vector.expire] {
            assert_eq!(sig.check(vector.sdkappid, &vector.identifier, now, &[key]), Ok(()), "{}", vector.name);
        }
    });
}

#[test]
fn every_vector_is_expired_one_second_later_and_a_key_of_the_app_still_tells_it_from_a_guess() {
    for_each_signature(|key, vector, sig| {
        let at = vector.time + vector.expire;
        for (key, is_signed) in [(key, true), ("another key, made up", false)] {
            let problem = sig.check(vector.sdkappid, &vector.identifier, at + 1, &[key]).unwrap_err();
            assert_eq!(problem, SigProblem::Expired { at, now: at + 1, is_signed }, "{}", vector.name);
            assert_eq!(problem.may_be_guess(), !is_signed);
        }
    });
}

#[test]
fn a_signature_made_here_is_the_one_the_other_packages_make() {
    let Vectors { key, vectors } = vectors();
    for vector in &vectors {
        let ours: Value = serde_json::from_slice(&unpack(&make(&key, &vector.claims()).unwrap())).unwrap();
        assert_eq!(ours["TLS.sig"], vector.tls_sig, "{}", vector.name);
    }
}

#[test]
fn a_document_made_here_has_the_fields_the_other_packages_write() {
    let Vectors { key, vectors } = vectors();
    for vector in &vectors {
        let ours: Value = serde_json::from_slice(&unpack(&make(&key, &vector.claims()).unwrap())).unwrap();
        for (package, text) in &vector.usersig {
            let theirs: Value = serde_json::from_slice(&unpack(text)).unwrap();
            assert_eq!(ours, theirs, "{} of {package}", vector.name);
        }
    }
}
