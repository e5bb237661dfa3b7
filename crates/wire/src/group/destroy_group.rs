//! `destroy_group`: marks a chat group as destroyed.

use serde::{Deserialize, Serialize};

use crate::Lenient;

/// The body of the call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Request {
    /// The chat group.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub group_id: Lenient<String>,
}

/// The answer: the envelope alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Response {}
