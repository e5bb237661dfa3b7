//! Signatures: those of other packages, those made to be refused, and random ones.
//!
//! The helpers here pack and unpack by themselves, so that a mistake in the library does not cancel itself out.
#![allow(clippy::unwrap_used, reason = "the helpers are part of tests")]

mod calls;
mod documents;
mod properties;
mod texts;
mod vectors;

use std::io::{Read as _, Write as _};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use flate2::{Compression, read::ZlibDecoder, write::ZlibEncoder};
use pinfold_wire::user_sig::{Claims, SigProblem, UserSig, make};
use serde_json::Value;

const KEY: &str = "a key that is used nowhere";
const APP: u32 = 1_400_000_001;
const TIME: u64 = 1_700_000_000;

/// The claims that most tests sign: alice, from [`TIME`] on for a minute.
fn claims() -> Claims {
    Claims { sdkappid: APP, identifier: "alice".into(), time: TIME, expire: 60, userbuf: None }
}

/// A good signature as its JSON, ready to be spoiled.
fn document() -> Value {
    serde_json::from_slice(&unpack(&make(KEY, &claims()).unwrap())).unwrap()
}

/// Reads a signature and checks it as the call of alice at [`TIME`].
fn check(text: &str) -> Result<(), SigProblem> {
    UserSig::decode(text)?.check(APP, "alice", TIME, &[KEY])
}

fn check_document(document: &Value) -> Result<(), SigProblem> {
    check(&pack(document.to_string().as_bytes()))
}

fn pack(json: &[u8]) -> String {
    armour(&deflate(json))
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::best());
    zlib.write_all(bytes).unwrap();
    zlib.finish().unwrap()
}

fn armour(bytes: &[u8]) -> String {
    STANDARD.encode(bytes).replace('+', "*").replace('/', "-").replace('=', "_")
}

fn disarmour(text: &str) -> Vec<u8> {
    STANDARD.decode(text.replace('*', "+").replace('-', "/").replace('_', "=")).unwrap()
}

fn unpack(text: &str) -> Vec<u8> {
    let mut json = Vec::new();
    ZlibDecoder::new(disarmour(text).as_slice()).read_to_end(&mut json).unwrap();
    json
}
