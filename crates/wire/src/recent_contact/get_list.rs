//! `get_list`: the recent conversations of an account (<https://www.tencentcloud.com/document/product/1047/43087>).

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::Lenient;

/// The body of the call. The cursors of the documented one (`TimeStamp`, `StartIndex`, `TopTimeStamp`,
/// `TopStartIndex`) are not looked at: one page holds everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Request {
    /// `From_Account`: whose list it is.
    #[serde(rename = "From_Account", skip_serializing_if = "Lenient::is_absent")]
    pub from_account: Lenient<String>,
    /// Bits: 4 (16) puts pinned conversations after the others, 5 (32) adds marks and groups. Absent: 63.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub assist_flags: Lenient<i64>,
}

/// The answer: one page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Response {
    /// The conversations, each once.
    pub session_item: Vec<SessionItem>,
    /// Always 1.
    pub complete_flag: u32,
    /// The time now, unix seconds.
    pub time_stamp: u32,
    /// Always 0.
    pub start_index: u32,
    /// The time now, unix seconds.
    pub top_time_stamp: u32,
    /// Always 0.
    pub top_start_index: u32,
}

/// A recent conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct SessionItem {
    /// 1 one-to-one, 2 chat group.
    #[serde(rename = "Type")]
    pub kind: u32,
    /// With `Type` 1 only.
    #[serde(rename = "To_Account", skip_serializing_if = "Option::is_none")]
    pub to_account: Option<SmolStr>,
    /// With `Type` 2 only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_id: Option<SmolStr>,
    /// When its last message was sent, or when it was pinned where there is none; unix seconds.
    pub msg_time: u32,
    /// 1 if it is pinned, else 0.
    pub top_flag: u32,
    /// As in a [`Record`](super::Record); not written when no bit is set.
    #[serde(skip_serializing_if = "SmolStr::is_empty")]
    pub standard_mark: SmolStr,
    /// The app's own text; not written when empty.
    #[serde(skip_serializing_if = "SmolStr::is_empty")]
    pub custom_mark: SmolStr,
    /// The conversation groups it is in, ascending; not written when there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contact_group_id: Vec<u32>,
}
