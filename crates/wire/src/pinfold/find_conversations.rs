//! `find_conversations`: the conversations of an account to which a filter applies, page by page.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::lenient::Item;
use crate::recent_contact::{GroupItem, Record};
use crate::{Lenient, List};

/// The body of the call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Request {
    /// `From_Account`: whose conversations they are.
    #[serde(rename = "From_Account", skip_serializing_if = "Lenient::is_absent")]
    pub from_account: Lenient<String>,
    /// What all of them have; absent: every conversation.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub filter: Lenient<Filter>,
    /// `changed` or `recent`; absent: `changed`.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub sort: Lenient<String>,
    /// Whether the order is the other way round.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub descending: Lenient<bool>,
    /// Most conversations on the page.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub limit: Lenient<i64>,
    /// `""` or absent for the first page, then `Cursor` of the page before.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub cursor: Lenient<String>,
}

/// What a conversation must have; all that is given holds together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Filter {
    /// `Type`: 1 one-to-one, 2 chat group.
    #[serde(rename = "Type", skip_serializing_if = "Lenient::is_absent")]
    pub kind: Lenient<i64>,
    /// The conversation group it is in.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub group_name: Lenient<String>,
    /// Whether it is in no conversation group.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub in_no_group: Lenient<bool>,
    /// Bits, 0 to 63, of which it has one at least.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub any_mark: List<i64>,
    /// Whether it has neither standard marks nor a custom mark.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub no_mark: Lenient<bool>,
    /// Its custom mark.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub custom_mark: Lenient<String>,
    /// Whether it is pinned.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub pinned: Lenient<bool>,
    /// Whether it has a message that `get_list` would show.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub recent: Lenient<bool>,
}

impl Item for Filter {}

/// The answer: one page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Response {
    /// The conversations, in the order that was asked for.
    pub conversation_item: Vec<FoundConversation>,
    /// The conversation groups that those are in, ascending by number.
    pub group_item: Vec<GroupItem>,
    /// 1 on the last page, else 0.
    pub complete_flag: u32,
    /// The cursor of the next page; `""` on the last.
    pub cursor: String,
}

/// A conversation of the page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct FoundConversation {
    /// Its record. Where it has none the `StandardMark` is `""` and `Timestamp` 0.
    #[serde(flatten)]
    pub record: Record,
    /// 1 if it is pinned, else 0.
    pub top_flag: u32,
    /// As in `get_list`; not written where it has neither a message nor a pin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub msg_time: Option<u32>,
}

/// `Cursor` with these bytes.
pub fn cursor_text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The bytes of a `Cursor`; `None` where [`cursor_text`] did not write it.
pub fn cursor_bytes(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}
