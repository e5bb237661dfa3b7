//! `get_contact_group`: all records of an account, page by page, and its conversation groups.

use serde::{Deserialize, Serialize};

use super::{GroupItem, Record};
use crate::Lenient;

/// The body of the call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Request {
    /// `From_Account`: whose arrangement it is.
    #[serde(rename = "From_Account", skip_serializing_if = "Lenient::is_absent")]
    pub from_account: Lenient<String>,
    /// A cursor: 0 or absent for the first page, then `NextStartIndex` of the page before.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub start_index: Lenient<i64>,
}

/// The answer: one page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Response {
    /// Up to 100 records, the one that changed longest ago first.
    pub contact_item: Vec<Record>,
    /// All conversation groups of the account, ascending by number.
    pub group_item: Vec<GroupItem>,
    /// 1 on the last page, else 0.
    pub complete_flag: u32,
    /// The cursor of the next page; 0 on the last.
    pub next_start_index: u32,
    /// The largest `Timestamp` on the page, unix seconds; 0 for an empty page.
    pub complete_time: u32,
}
