//! The errors of a body as a whole, as sentences for the developer of the caller.

use super::NESTING_MAX;

/// A body that cannot be read; all are answered with 60003. Nothing of the body is repeated but a key, cut off.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// Nothing, or only spaces and comments.
    #[error("the body is empty; it must be one JSON object")]
    Empty,
    /// Bytes that are not UTF-8.
    #[error("the body is not UTF-8: byte {byte} begins no character")]
    NotUtf8 {
        /// Offset of the first such byte, from 0.
        byte: usize,
    },
    /// A syntax error, or a number that no 64-bit float can hold.
    #[error("the body is not JSON: {what} at line {line} column {column}")]
    NotJson {
        /// What the parser found.
        what: String,
        /// Line, from 1.
        line: usize,
        /// Column in bytes, from 1.
        column: usize,
    },
    /// JSON, but another value than an object.
    #[error("the body must be one JSON object, not {found}")]
    NotAnObject {
        /// What it is, with its article.
        found: &'static str,
    },
    /// Something after the object.
    #[error("the body must be one JSON object; more follows it at line {line} column {column}")]
    MoreFollows {
        /// Line, from 1.
        line: usize,
        /// Column in bytes, from 1.
        column: usize,
    },
    /// A key twice in one object.
    #[error("the key {key:?} comes twice in one object, the second time at line {line} column {column}")]
    DuplicateKey {
        /// The key, cut off after 32 characters.
        key: String,
        /// Line, from 1.
        line: usize,
        /// Column in bytes, from 1.
        column: usize,
    },
    /// More than [`NESTING_MAX`] objects and arrays in each other.
    #[error("the body is nested deeper than {NESTING_MAX} levels at line {line} column {column}")]
    TooDeep {
        /// Line, from 1.
        line: usize,
        /// Column in bytes, from 1.
        column: usize,
    },
}

impl BodyError {
    pub(super) fn not_json(error: &serde_json::Error) -> BodyError {
        let (line, column) = (error.line(), error.column());
        // A data error could quote the body, and none can come: every request takes every object.
        let what = if error.is_data() { "unexpected value".to_owned() } else { without_position(error) };
        BodyError::NotJson { what, line, column }
    }
}

fn without_position(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or_default().to_owned()
}
