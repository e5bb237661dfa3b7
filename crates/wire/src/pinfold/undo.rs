//! `undo`: does the opposite of a change that is kept.

use serde::{Deserialize, Serialize};

use super::change::Change;
use crate::Lenient;

/// The body of the call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Request {
    /// `From_Account`: whose arrangement it is.
    #[serde(rename = "From_Account", skip_serializing_if = "Lenient::is_absent")]
    pub from_account: Lenient<String>,
    /// Which change.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub revision: Lenient<i64>,
}

/// The answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Response {
    /// The change that was made; none if there was nothing to do.
    pub change: Vec<Change>,
}
