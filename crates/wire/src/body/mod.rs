//! Reading the body of a request: one JSON object (docs/protocol.md, section 1).

mod comments;
mod error;
mod scan;
mod surrogates;

pub use error::BodyError;

use serde::de::DeserializeOwned;

/// Deepest nesting of objects and arrays in a body. The deepest documented request has 6.
pub const NESTING_MAX: usize = 64;

/// Reads a request. Fields of a wrong type are no error here (see [`crate::lenient`]).
///
/// Besides plain JSON it takes `//` comments, a byte order mark, and half a surrogate pair as U+FFFD. A key that comes
/// twice in one object is refused wherever it stands: two readers could take different ones.
pub fn read<R: DeserializeOwned>(body: &[u8]) -> Result<R, BodyError> {
    let text = str::from_utf8(body).map_err(|error| BodyError::NotUtf8 { byte: error.valid_up_to() })?;
    let json = surrogates::replace_halves(comments::blank(text.strip_prefix('\u{feff}').unwrap_or(text)));
    if json.trim_ascii().is_empty() {
        return Err(BodyError::Empty);
    }
    scan::check(&json)?;
    serde_json::from_str(&json).map_err(|error| BodyError::not_json(&error))
}
