//! Signatures: read, compared with a call, remembered, and made again.
//!
//! The first byte says what the rest is: `j` the JSON of a signature, to be packed; `z` its zlib stream, to be encoded;
//! anything else the text as it stands in the URL. So inputs get past the packing, which libFuzzer can hardly guess.

use std::io::Write as _;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::alphabet::Alphabet;
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use pinfold_core::AppId;
use pinfold_server::config::Secret;
use pinfold_server::fuzzing::Remembered;
use pinfold_wire::user_sig::{Claims, SigProblem, Unreadable, UserSig, make};

/// The app that is called.
pub const APP: u32 = 1_400_000_001;
/// Its key, made up: the one of `user_sig_vectors.json`.
pub const KEY: &str = "pinfold-made-up-key-0001-0123456789abcdef0123456789abcdef01234567";
/// When it is called, in unix seconds: the time of those signatures.
pub const NOW: u64 = 1_700_000_000;
/// A key that nothing was signed with.
const OTHER_KEY: &str = "another-made-up-key-with-which-nothing-was-signed";

/// The target; true if the signature allowed a call.
pub fn user_sig(data: &[u8]) -> bool {
    let text = match data.split_first() {
        Some((b'j', json)) => base64(&zlib(json)),
        Some((b'z', zlib)) => base64(zlib),
        Some((_, text)) => String::from_utf8_lossy(text).into_owned(),
        None => String::new(),
    };
    let decoded = UserSig::decode(&text);
    let (caller, plain) = match &decoded {
        Ok(signature) => {
            let caller = signature.claims().identifier.clone();
            let plain = signature.check(APP, &caller, NOW, &[KEY]);
            (caller, plain)
        }
        Err(unreadable) => (String::new(), Err(SigProblem::Unreadable(unreadable.clone()))),
    };
    remembered_as_read(&text, &caller, &plain);
    if let Ok(signature) = decoded {
        nobody_else_is_allowed(&signature);
        made_again(signature.claims());
    }
    plain.is_ok()
}

/// A server that remembers signatures answers as one that reads each anew, the first time and the next.
fn remembered_as_read(text: &str, caller: &str, plain: &Result<(), SigProblem>) {
    static REMEMBERED: LazyLock<Remembered> = LazyLock::new(Remembered::new);
    static KEYS: LazyLock<Vec<Secret>> = LazyLock::new(|| vec![Secret::new(KEY).expect("it is long enough")]);
    for _ in 0..2 {
        assert_eq!(REMEMBERED.check(AppId(APP), &KEYS, caller, text, NOW), *plain);
    }
}

/// What was signed for one is refused for others, whoever signed it.
fn nobody_else_is_allowed(signature: &UserSig) {
    let claims = signature.claims();
    assert!(!claims.identifier.contains(char::is_control), "an identifier with a control character was read");
    assert!(signature.check(claims.sdkappid, &claims.identifier, NOW, &[] as &[&str]).is_err(), "without any key");
    assert!(signature.check(claims.sdkappid, &claims.identifier, NOW, &[OTHER_KEY]).is_err(), "by another key");
    let other_app = signature.check(claims.sdkappid ^ 1, &claims.identifier, NOW, &[KEY]);
    assert!(matches!(other_app, Err(SigProblem::OtherApp { .. })), "{other_app:?}");
    let other = format!("{}x", claims.identifier);
    let other_identifier = signature.check(claims.sdkappid, &other, NOW, &[KEY]);
    assert!(matches!(other_identifier, Err(SigProblem::OtherIdentifier { .. })), "{other_identifier:?}");
}

/// Claims that were read can be signed, and say the same then, until the second they end.
fn made_again(claims: &Claims) {
    let text = match make(KEY, claims) {
        Ok(text) => text,
        // The document that is made may have more characters than the one that was read.
        Err(unreadable) => return assert_eq!(unreadable, Unreadable::InflatesTooFar),
    };
    let made = UserSig::decode(&text).expect("what was made is read");
    assert_eq!(made.claims(), claims);
    let check = |at| made.check(claims.sdkappid, &claims.identifier, at, &[OTHER_KEY, KEY]);
    let end = claims.valid_until();
    assert_eq!(check(end), Ok(()));
    if let Some(late) = end.checked_add(1) {
        let expired = check(late).expect_err("its time is over");
        assert!(matches!(expired, SigProblem::Expired { .. }), "{expired:?}");
        assert!(!expired.to_string().contains(&text), "a signature is repeated");
    }
}

/// A zlib stream of these bytes.
pub fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut stream = ZlibEncoder::new(Vec::new(), Compression::fast());
    stream.write_all(bytes).and_then(|()| stream.finish()).expect("writing to memory cannot fail")
}

/// The base64 of signatures.
pub fn base64(bytes: &[u8]) -> String {
    let alphabet = Alphabet::new("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789*-");
    let engine = GeneralPurpose::new(&alphabet.expect("64 different characters"), NO_PAD);
    let text = engine.encode(bytes);
    let padded = text.len().next_multiple_of(4);
    format!("{text:_<padded$}")
}
