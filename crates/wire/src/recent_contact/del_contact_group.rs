//! `del_contact_group`: deletes a conversation group. The marks of its conversations stay.

use serde::{Deserialize, Serialize};

use super::GroupItem;
use crate::{Lenient, List};

/// The body of the call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Request {
    /// `From_Account`: whose arrangement it is.
    #[serde(rename = "From_Account", skip_serializing_if = "Lenient::is_absent")]
    pub from_account: Lenient<String>,
    /// The conversation group; exactly one name.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub group_name: List<String>,
}

/// The answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Response {
    /// The conversation group that was deleted.
    pub group_item: Vec<GroupItem>,
}
