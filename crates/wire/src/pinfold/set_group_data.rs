//! `set_group_data`: keeps a text of the app's own with a conversation group.

use serde::{Deserialize, Serialize};

/// The answer: the one conversation group.
pub use super::list_groups::Response;
use crate::Lenient;

/// The body of the call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Request {
    /// `From_Account`: whose arrangement it is.
    #[serde(rename = "From_Account", skip_serializing_if = "Lenient::is_absent")]
    pub from_account: Lenient<String>,
    /// The conversation group.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub group_name: Lenient<String>,
    /// The text, at most 1024 bytes by default; `""` clears it.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub data: Lenient<String>,
}
