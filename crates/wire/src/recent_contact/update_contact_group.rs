//! `update_contact_group`: renames a conversation group, or adds and removes conversations.

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
    /// 1 is the only kind of update; absent means 1.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub update_type: Lenient<i64>,
    /// The update.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub update_group: Lenient<UpdateGroup>,
}

/// The update of one conversation group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct UpdateGroup {
    /// 1 renames, 2 adds and removes conversations.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub update_group_type: Lenient<i64>,
    /// The conversation group, by the name it has now.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub old_group_name: Lenient<String>,
    /// Its new name, for a rename.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub new_group_name: Lenient<String>,
    /// What to add and remove, in order; ignored for a rename.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub contact_update_item: List<ContactUpdateItem>,
}

impl Item for UpdateGroup {}

/// One conversation to add or remove.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ContactUpdateItem {
    /// 1 adds, 2 removes.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub contact_opt_type: Lenient<i64>,
    /// The conversation.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub contact_item: Lenient<ContactItem>,
}

impl Item for ContactUpdateItem {}

/// The answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Response {
    /// Always 1.
    pub update_type: u32,
    /// The conversation group after the update.
    pub update_group_result: UpdateGroupResult,
}

/// A conversation group after its update.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct UpdateGroupResult {
    /// As in the request.
    pub update_group_type: u32,
    /// The name it has now.
    pub group_name: String,
    /// Its number; a rename does not change it.
    pub group_id: u32,
    /// The name in the request.
    pub old_group_name: String,
    /// What became of each conversation, in the order of the request; `[]` for a rename.
    pub contact_result_item: Vec<ContactResult>,
}

/// What became of one conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ContactResult {
    /// As in the request; 1 where that could not be read.
    pub contact_opt_type: u32,
    /// The conversation.
    pub contact_item: ConversationEcho,
    /// 0, or the code of a refusal.
    pub result_code: u32,
    /// `""`, or the refusal as a sentence.
    pub result_info: String,
}
