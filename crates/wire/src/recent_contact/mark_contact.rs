//! `mark_contact`: sets and clears the marks of conversations.

use serde::{Deserialize, Serialize};

use super::{ContactItem, ConversationEcho};
use crate::{Lenient, List, lenient::Item};

/// The body of the call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Request {
    /// `From_Account`: whose arrangement it is.
    #[serde(rename = "From_Account", skip_serializing_if = "Lenient::is_absent")]
    pub from_account: Lenient<String>,
    /// 1 to 100 conversations with what to change.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub mark_item: List<MarkItem>,
}

/// The new marks of one conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct MarkItem {
    /// 1 standard marks, 2 the custom mark, 3 what is present of both.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub opt_type: Lenient<i64>,
    /// The conversation.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub contact_item: Lenient<ContactItem>,
    /// Bits to clear, 0 to 63; done before setting.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub clear_mark: List<i64>,
    /// Bits to set, 0 to 63.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub set_mark: List<i64>,
    /// The custom mark, at most 256 bytes; `""` clears it.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub custom_mark: Lenient<String>,
}

impl Item for MarkItem {}

/// The answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Response {
    /// What became of each conversation, in the order of the request.
    pub result_item: Vec<MarkResult>,
}

/// What became of one conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct MarkResult {
    /// As in the request; 1 where that could not be read.
    pub opt_type: u32,
    /// The conversation.
    pub contact_item: ConversationEcho,
    /// 0, or the code of a refusal.
    pub result_code: u32,
    /// `""`, or the refusal as a sentence.
    pub result_info: String,
}
