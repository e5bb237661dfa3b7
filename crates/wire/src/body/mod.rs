//! Reading the body of a request: one JSON object (docs/protocol.md, section 1).

mod comments;
mod error;
mod plain;
mod scan;
mod surrogates;
#[cfg(test)]
mod tests;

pub use error::BodyError;

use serde::de::DeserializeOwned;

use crate::lenient;

/// Deepest nesting of objects and arrays in a body. The deepest documented request has 6.
pub const NESTING_MAX: usize = 64;

/// Reads a request. A field of a wrong type is not an error here (see [`crate::lenient`]).
///
/// Besides plain JSON it takes `//` comments, a byte order mark, and half a surrogate pair as U+FFFD. A key that comes
/// twice in one object is refused wherever it stands: two readers could take different ones.
pub fn read<R: DeserializeOwned>(body: &[u8]) -> Result<R, BodyError> {
    read_bounded(body, usize::MAX)
}

/// The same; of each array the first `elements_max` elements are kept, the others are only counted
/// ([`Elements`](crate::lenient::Elements)).
pub fn read_bounded<R: DeserializeOwned>(body: &[u8], elements_max: usize) -> Result<R, BodyError> {
    let text = str::from_utf8(body).map_err(|error| BodyError::NotUtf8 { byte: error.valid_up_to() })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // An error is told by the way below, so that it does not depend on whether a body is plain.
    if plain::is_plain(text)
        && let Ok(request) = lenient::keeping(elements_max, || serde_json::from_str(text))
    {
        return Ok(request);
    }
    read_any(text, elements_max)
}

/// Reads what may be anything.
fn read_any<R: DeserializeOwned>(text: &str, elements_max: usize) -> Result<R, BodyError> {
    let json = surrogates::replace_halves(comments::blank(text));
    if json.trim_ascii().is_empty() {
        return Err(BodyError::Empty);
    }
    scan::check(&json)?;
    let read = lenient::keeping(elements_max, || serde_json::from_str(&json));
    read.map_err(|error| BodyError::not_json(&error))
}
