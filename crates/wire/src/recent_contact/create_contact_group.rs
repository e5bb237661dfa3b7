//! `create_contact_group`: makes a conversation group and puts conversations into it.

use serde::{Deserialize, Serialize};

use super::{ContactItem, GroupItem, ItemResult};
use crate::{Lenient, List, lenient::Item};

/// The body of the call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Request {
    /// `From_Account`: whose arrangement it is.
    #[serde(rename = "From_Account", skip_serializing_if = "Lenient::is_absent")]
    pub from_account: Lenient<String>,
    /// The group to make; exactly one.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub group_contact_item: List<GroupContactItem>,
}

/// A conversation group to make.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct GroupContactItem {
    /// The name of the new conversation group.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub group_name: Lenient<String>,
    /// The conversations to put into it; may be absent or empty.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub contact_item: List<ContactItem>,
}

impl Item for GroupContactItem {
    /// A call has one; a second one refuses it.
    const KEPT_MAX: usize = 2;
}

/// The answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Response {
    /// One element: the group that was made or was there already.
    pub group_result_item: Vec<GroupResult>,
}

/// A conversation group and its conversations.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct GroupResult {
    /// The conversation group.
    pub group_item: GroupItem,
    /// What became of each conversation, in the order of the request.
    pub result_item: Vec<ItemResult>,
}
