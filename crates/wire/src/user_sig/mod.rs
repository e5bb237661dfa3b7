//! `UserSig`: the signed text by which a caller proves who they are.
//!
//! It is a JSON object with an HMAC-SHA256 in it, packed by zlib and a URL-safe base64 (docs/protocol.md, section 3).
//! Checking has two steps, so that a server can keep the result of both: [`UserSig::decode`] reads the text and trusts
//! nothing in it, [`UserSig::check`] compares it with the call and the keys of the app. A server that keeps the [`Claims`] of
//! a signature that was found good repeats [`Claims::check`] on every later use.

mod check;
mod decode;
mod make;
mod problem;
mod text;

pub use make::make;
pub use problem::{SigProblem, Unreadable};

use base64::{Engine as _, engine::general_purpose::STANDARD};

/// Most bytes of a signature as it stands in the URL, 8 KiB. A document that may not pass [`JSON_BYTES_MAX`] fits well.
pub const TEXT_BYTES_MAX: usize = 8 * 1024;

/// Most bytes of the JSON inside a signature, 4 KiB. Inflating stops there: a small text can hold megabytes.
pub const JSON_BYTES_MAX: usize = 4 * 1024;

/// The only `TLS.ver` there is for signatures made by HMAC.
const VERSION: &str = "2.0";

/// What a signature says: this account of this app, from `time` on for `expire` seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// The app, `TLS.sdkappid`.
    pub sdkappid: u32,
    /// The account, `TLS.identifier`. Control characters are refused: a line feed would make the signed text ambiguous.
    pub identifier: String,
    /// When it was made, unix seconds, `TLS.time`. It may lie in the future.
    pub time: u64,
    /// How long it is valid, seconds, `TLS.expire`.
    pub expire: u64,
    /// Data of the app's own as standard base64, `TLS.userbuf`. It is signed as this text; pinfold does not use it.
    pub userbuf: Option<String>,
}

impl Claims {
    /// The last unix second at which the signature is valid. Sums that do not fit mean "for ever", `u64::MAX`.
    pub fn valid_until(&self) -> u64 {
        self.time.saturating_add(self.expire)
    }

    /// Refuses texts that must not stand in a signature, read or made.
    fn refuse_bad_text(&self) -> Result<(), Unreadable> {
        if self.identifier.contains(char::is_control) {
            return Err(Unreadable::Field { name: "TLS.identifier", wants: "a string without control characters" });
        }
        match &self.userbuf {
            Some(userbuf) if STANDARD.decode(userbuf).is_err() => {
                Err(Unreadable::Field { name: "TLS.userbuf", wants: "a string of standard base64" })
            }
            Some(_) | None => Ok(()),
        }
    }
}

/// A signature that could be read. Nothing in it is proven before [`UserSig::check`].
#[derive(Clone)]
pub struct UserSig {
    claims: Claims,
    tls_sig: [u8; check::SIG_BYTES],
}

impl UserSig {
    /// What the signature says, proven or not.
    pub fn claims(&self) -> &Claims {
        &self.claims
    }

    /// What the signature says, for a caller that wants to keep it after [`UserSig::check`].
    pub fn into_claims(self) -> Claims {
        self.claims
    }
}

/// Shows the claims only: a reader of the log could use a signature in it.
impl std::fmt::Debug for UserSig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserSig").field("claims", &self.claims).finish_non_exhaustive()
    }
}
