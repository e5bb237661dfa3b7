//! `get_appid_group_list`: the chat groups of the app, page by page.

use serde::{Deserialize, Serialize};

use crate::Lenient;

/// The body of the call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Request {
    /// Most ids on the page.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub limit: Lenient<i64>,
    /// A cursor: 0 or absent for the first page, then `Next` of the page before.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub next: Lenient<i64>,
    /// Lists and counts only chat groups of this kind, such as `AVChatRoom`.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub group_type: Lenient<String>,
}

/// The answer: one page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Response {
    /// How many chat groups there are in all, or of the kind that was asked for.
    pub total_count: u32,
    /// The ids on this page.
    pub group_id_list: Vec<GroupIdItem>,
    /// The cursor of the next page; 0 on the last.
    pub next: u32,
}

/// One chat group by its id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct GroupIdItem {
    /// The chat group.
    pub group_id: String,
}
