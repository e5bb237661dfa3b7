//! `search_contact_group`: the records of some conversations.

use serde::{Deserialize, Serialize};

use super::{ContactItem, GroupItem, Record};
use crate::{Lenient, List};

/// The body of the call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Request {
    /// `From_Account`: whose arrangement it is.
    #[serde(rename = "From_Account", skip_serializing_if = "Lenient::is_absent")]
    pub from_account: Lenient<String>,
    /// 1 to 300 conversations.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub contact_item: List<ContactItem>,
}

/// The answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Response {
    /// The records there are, in the order of the request.
    pub contact_result_item: Vec<Record>,
    /// The conversation groups those records refer to, ascending by number.
    pub group_item: Vec<GroupItem>,
}
