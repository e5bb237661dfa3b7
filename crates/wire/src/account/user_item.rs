//! An account in a list.

use serde::{Deserialize, Serialize};

use crate::lenient::{Item, Lenient};

/// An account by its id, an element of `CheckItem` and `DeleteItem`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UserItem {
    /// `UserID`.
    #[serde(rename = "UserID", skip_serializing_if = "Lenient::is_absent")]
    pub user_id: Lenient<String>,
}

impl Item for UserItem {}

impl From<&str> for UserItem {
    fn from(user_id: &str) -> Self {
        Self { user_id: user_id.into() }
    }
}
