//! What an account keeps about one conversation, as answers show it.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// A record: an element of `ContactItem` in `get_contact_group`, of `ContactResultItem` in `search_contact_group`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Record {
    /// 1 one-to-one, 2 chat group.
    #[serde(rename = "Type")]
    pub kind: u32,
    /// With `Type` 1 only.
    #[serde(rename = "To_Account", skip_serializing_if = "Option::is_none")]
    pub to_account: Option<SmolStr>,
    /// With `Type` 2 only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_group_id: Option<SmolStr>,
    /// The set bits as `0` and `1`, highest first, bit 0 last; `""` when none is set.
    pub standard_mark: SmolStr,
    /// The app's own text; not written when empty.
    #[serde(skip_serializing_if = "SmolStr::is_empty")]
    pub custom_mark: SmolStr,
    /// The conversation groups it is in, ascending; not written when there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contact_group_id: Vec<u32>,
    /// When the record changed last, unix seconds.
    pub timestamp: u32,
}
