//! A conversation group in an answer.

use serde::{Deserialize, Serialize};

/// A conversation group by name and number, `GroupItem`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct GroupItem {
    /// Its name, 1 to 32 bytes by default.
    pub group_name: String,
    /// Its number within the account, from 1 on.
    pub group_id: u32,
}
