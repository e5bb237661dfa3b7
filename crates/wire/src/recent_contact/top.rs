//! `top`: pins and unpins conversations.

use serde::{Deserialize, Serialize};

use super::ContactItem;
use crate::{Lenient, List};

/// The body of the call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Request {
    /// `From_Account`: whose arrangement it is.
    #[serde(rename = "From_Account", skip_serializing_if = "Lenient::is_absent")]
    pub from_account: Lenient<String>,
    /// 1 pins, 2 unpins.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub operation_type: Lenient<i64>,
    /// 1 to 100 conversations.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub recent_contact_item: List<ContactItem>,
}

/// The answer: the envelope alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Response {}
