//! A chat group to register, and its id once it is.

use serde::{Deserialize, Serialize};

use crate::Lenient;

/// A chat group to register: the body of `create_group` and `import_group`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct NewChatGroup {
    /// `Type`: `Public`, `Private`, `ChatRoom`, `AVChatRoom`, `Community` or a newer name of one.
    #[serde(rename = "Type", skip_serializing_if = "Lenient::is_absent")]
    pub kind: Lenient<String>,
    /// The name to show.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub name: Lenient<String>,
    /// `Owner_Account`: the owner, if it has one.
    #[serde(rename = "Owner_Account", skip_serializing_if = "Lenient::is_absent")]
    pub owner_account: Lenient<String>,
    /// The id the app wants; absent: one is assigned.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub group_id: Lenient<String>,
    /// Unix seconds; `import_group` only.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub create_time: Lenient<i64>,
}

/// The answer of `create_group` and `import_group`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct RegisteredChatGroup {
    /// The id, chosen or assigned.
    pub group_id: String,
}
