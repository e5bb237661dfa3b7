//! `list_groups`: the conversation groups of an account, in its own order.

use serde::{Deserialize, Serialize};

use crate::Lenient;

/// The body of the call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Request {
    /// `From_Account`: whose arrangement it is.
    #[serde(rename = "From_Account", skip_serializing_if = "Lenient::is_absent")]
    pub from_account: Lenient<String>,
}

/// The answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Response {
    /// The conversation groups.
    pub group_item: Vec<ListedGroup>,
}

/// A conversation group, and what is known of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ListedGroup {
    /// Its name.
    pub group_name: String,
    /// Its number within the account, from 1 on.
    pub group_id: u32,
    /// How many conversations it has.
    pub count: u32,
    /// A text of the app's own; `""` where there is none.
    pub data: String,
}
