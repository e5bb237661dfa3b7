//! `get_changes`: what happened to an account, the newest change first, page by page.

use serde::{Deserialize, Serialize};

use super::change::Change;
use crate::Lenient;

/// The body of the call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Request {
    /// `From_Account`: whose history it is.
    #[serde(rename = "From_Account", skip_serializing_if = "Lenient::is_absent")]
    pub from_account: Lenient<String>,
    /// Only changes with a smaller revision; 0 or absent for the first page, then `Before` of the page before.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub before: Lenient<i64>,
    /// Most changes on the page, 1 to 100; absent: 50.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub limit: Lenient<i64>,
}

/// The answer: one page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Response {
    /// The changes.
    pub change: Vec<Change>,
    /// 1 on the last page, else 0.
    pub complete_flag: u32,
    /// `Before` of the next page; 0 on the last.
    pub before: u32,
}
