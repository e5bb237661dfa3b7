//! Making a signature.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;

use super::{Claims, JSON_BYTES_MAX, Unreadable, VERSION, check, text};

/// Signs claims with the secret key of their app, as its text, and packs them for the URL.
///
/// What [`UserSig::decode`](super::UserSig::decode) would not read is not made: an error says which claim is at fault.
/// The identifier may come from a stranger and must not be able to add lines to the signed text.
///
/// ```
/// use pinfold_wire::user_sig::{Claims, UserSig, make};
///
/// let claims = Claims { sdkappid: 1, identifier: "alice".into(), time: 100, expire: 60, userbuf: None };
/// let text = make("a secret key", &claims)?;
/// assert_eq!(UserSig::decode(&text)?.check(1, "alice", 160, &["a secret key"]), Ok(()));
/// # Ok::<(), pinfold_wire::user_sig::Unreadable>(())
/// ```
pub fn make(key: &str, claims: &Claims) -> Result<String, Unreadable> {
    claims.refuse_bad_text()?;
    let json = document(key, claims);
    if json.len() > JSON_BYTES_MAX { Err(Unreadable::InflatesTooFar) } else { Ok(text::pack(json.as_bytes())) }
}

fn document(key: &str, claims: &Claims) -> String {
    let mut document = json!({
        "TLS.ver": VERSION,
        "TLS.identifier": claims.identifier,
        "TLS.sdkappid": claims.sdkappid,
        "TLS.time": claims.time,
        "TLS.expire": claims.expire,
        "TLS.sig": STANDARD.encode(check::sign(key, &check::signed_text(claims))),
    });
    if let Some(userbuf) = &claims.userbuf {
        document["TLS.userbuf"] = json!(userbuf);
    }
    document.to_string()
}
