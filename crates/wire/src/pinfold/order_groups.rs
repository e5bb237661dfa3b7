//! `order_groups`: puts conversation groups first, in the order in which they are named.

use serde::{Deserialize, Serialize};

pub use super::list_groups::Response;
use crate::{Lenient, List};

/// The body of the call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Request {
    /// `From_Account`: whose arrangement it is.
    #[serde(rename = "From_Account", skip_serializing_if = "Lenient::is_absent")]
    pub from_account: Lenient<String>,
    /// The names of those that come first; the others follow as they were.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub group_name: List<String>,
}
