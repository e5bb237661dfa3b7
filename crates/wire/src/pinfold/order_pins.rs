//! `order_pins`: puts pinned conversations first, in the order in which they are named.

use serde::{Deserialize, Serialize};

use crate::recent_contact::{ContactItem, ConversationEcho};
use crate::{Lenient, List};

/// The body of the call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Request {
    /// `From_Account`: whose arrangement it is.
    #[serde(rename = "From_Account", skip_serializing_if = "Lenient::is_absent")]
    pub from_account: Lenient<String>,
    /// Those that come first, each of them pinned; the others follow as they were.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub recent_contact_item: List<ContactItem>,
}

/// The answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Response {
    /// Every pinned conversation, in the new order.
    pub recent_contact_item: Vec<ConversationEcho>,
}
