//! `get_group_info`: the registrations of up to 50 chat groups.

use serde::{Deserialize, Serialize};

use crate::{Lenient, List};

/// The body of the call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Request {
    /// 1 to 50 ids.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub group_id_list: List<String>,
}

/// The answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Response {
    /// One element an id, in the order of the request.
    pub group_info: Vec<GroupInfo>,
}

/// The registration of one chat group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct GroupInfo {
    /// The chat group.
    pub group_id: String,
    /// 0, or the code of a refusal; then the fields below are empty or 0.
    pub error_code: u32,
    /// `""`, or the refusal as a sentence.
    pub error_info: String,
    /// `Type`, such as `Public`.
    #[serde(rename = "Type")]
    pub kind: String,
    /// The name to show.
    pub name: String,
    /// `Owner_Account`; `""` without an owner.
    #[serde(rename = "Owner_Account")]
    pub owner_account: String,
    /// When it was registered, unix seconds.
    pub create_time: u32,
}
