//! What can be wrong with a signature, in sentences for the developer of the caller.
//!
//! No sentence and no field holds a key or a signature. Identifiers are shown, cut off: one who mixes up the parameters
//! of the URL sends a signature as identifier.

use std::time::{Duration, UNIX_EPOCH};

use super::{JSON_BYTES_MAX, TEXT_BYTES_MAX};
use crate::Code;

/// A text that cannot be read as a signature, or claims of which none may be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// There is no text. The only one that is answered with 70002.
    #[error("usersig is missing or empty")]
    Empty,
    /// More than [`TEXT_BYTES_MAX`] bytes of text.
    #[error("usersig is longer than {TEXT_BYTES_MAX} bytes")]
    TooLong,
    /// Not the base64 of signatures, or not padded.
    #[error(
        "usersig is not base64 with \"*\", \"-\", \"_\" in the places of \"+\", \"/\", \"=\"; \
         it may have been cut off or escaped twice"
    )]
    NotBase64,
    /// Not exactly one zlib stream.
    #[error("usersig does not hold one whole zlib stream; it may have been cut off")]
    NotZlib,
    /// More than [`JSON_BYTES_MAX`] bytes of JSON.
    #[error("usersig inflates to more than {JSON_BYTES_MAX} bytes")]
    InflatesTooFar,
    /// Not a JSON object, or one with a known key twice.
    #[error("usersig does not hold one JSON object in UTF-8 with each key once")]
    NotJson,
    /// A field is not there, or null.
    #[error("{name} is missing in usersig")]
    Missing {
        /// The key in the JSON, such as `TLS.time`.
        name: &'static str,
    },
    /// A field has a wrong type or a value that is not allowed.
    #[error("{name} in usersig must be {wants}")]
    Field {
        /// The key in the JSON, such as `TLS.time`.
        name: &'static str,
        /// What is allowed, to follow the words "must be".
        wants: &'static str,
    },
}

impl Unreadable {
    /// How a call with it is refused: 70002 where there is no text, 70003 otherwise.
    pub fn code(&self) -> Code {
        match self {
            Unreadable::Empty => Code::SigMissing,
            Unreadable::TooLong
            | Unreadable::NotBase64
            | Unreadable::NotZlib
            | Unreadable::InflatesTooFar
            | Unreadable::NotJson
            | Unreadable::Missing { .. }
            | Unreadable::Field { .. } => Code::SigUnreadable,
        }
    }
}

/// Why a signature does not allow a call (docs/protocol.md, section 3), in the order in which it is found.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SigProblem {
    /// It cannot be read.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// It is for another app than the one in the URL.
    #[error("the signature is of app {signed}, the call is to app {asked}")]
    OtherApp {
        /// `TLS.sdkappid` of the signature.
        signed: u32,
        /// `sdkappid` of the URL.
        asked: u32,
    },
    /// It is for another account than the one in the URL.
    #[error("the signature is of identifier {signed:?}, the call is of identifier {asked:?}")]
    OtherIdentifier {
        /// `TLS.identifier` of the signature, cut off after 32 characters.
        signed: String,
        /// `identifier` of the URL, cut off likewise.
        asked: String,
    },
    /// Its time is over.
    #[error("the signature expired at {at}{}, it is {now} now; make a new one", date(*at))]
    Expired {
        /// The last unix second at which it was valid.
        at: u64,
        /// The unix second of the check.
        now: u64,
        /// Whether a key of the app gives this signature: it was valid once.
        is_signed: bool,
    },
    /// No key of the app gives this signature.
    #[error(
        "the signature was made with a key that app {sdkappid} does not have, or its fields were changed afterwards"
    )]
    OtherKey {
        /// The app whose keys were tried.
        sdkappid: u32,
    },
}

/// Most characters of an identifier that a refusal repeats. A legal one has at most 32 bytes.
const SHOWN_CHARS_MAX: usize = 32;

impl SigProblem {
    /// How a call with it is refused.
    pub fn code(&self) -> Code {
        match self {
            SigProblem::Unreadable(unreadable) => unreadable.code(),
            SigProblem::OtherApp { .. } => Code::SigOfOtherApp,
            SigProblem::OtherIdentifier { .. } => Code::SigOfOtherIdentifier,
            SigProblem::Expired { .. } => Code::SigExpired,
            SigProblem::OtherKey { .. } => Code::SigOfOtherKey,
        }
    }

    /// Whether the call may be a guess at a signature. An expired signature of the app's own is not, nor is none at all.
    pub fn may_be_guess(&self) -> bool {
        match self {
            SigProblem::Unreadable(Unreadable::Empty) => false,
            SigProblem::Expired { is_signed, .. } => !is_signed,
            SigProblem::Unreadable(_)
            | SigProblem::OtherApp { .. }
            | SigProblem::OtherIdentifier { .. }
            | SigProblem::OtherKey { .. } => true,
        }
    }

    pub(super) fn other_identifier(signed: &str, asked: &str) -> SigProblem {
        SigProblem::OtherIdentifier { signed: shown(signed), asked: shown(asked) }
    }
}

/// The identifier, or its beginning and a sign that it goes on.
fn shown(identifier: &str) -> String {
    match identifier.char_indices().nth(SHOWN_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &identifier[..end]),
        None => identifier.to_owned(),
    }
}

/// A unix second as ` (Wed, 15 Nov 2023 22:13:20 GMT)`, and nothing for years of more than four digits.
fn date(unix_s: u64) -> String {
    const YEAR_10000: u64 = 253_402_300_800;
    if unix_s >= YEAR_10000 {
        return String::new();
    }
    format!(" ({})", httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(unix_s)))
}

#[cfg(test)]
mod tests {
    use super::date;

    #[test]
    fn the_time_of_expiry_is_shown_as_a_date() {
        assert_eq!(date(951_782_400), " (Tue, 29 Feb 2000 00:00:00 GMT)");
        assert_eq!(date(253_402_300_799), " (Fri, 31 Dec 9999 23:59:59 GMT)");
    }

    #[test]
    fn a_year_of_five_digits_is_not_shown() {
        assert_eq!((date(253_402_300_800), date(u64::MAX)), (String::new(), String::new()));
    }
}
