//! `delete`: takes a conversation out of the list of recent ones
//! (<https://www.tencentcloud.com/document/product/1047/43088>).

use serde::{Deserialize, Serialize};

use super::ContactItem;
use crate::lenient::{self, Lenient};

/// The body of the call. `ClearRamble` of the documented one is not looked at: there are no messages to clear.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Fields", into = "Fields")]
pub struct Request {
    /// `From_Account`: whose list it is.
    pub from_account: Lenient<String>,
    /// The conversation, whose fields stand beside `From_Account`. With `Type` 2 two clients put the id of the chat
    /// group into `To_Account`.
    pub conversation: ContactItem,
}

/// The fields as they are sent, with one for each spelling; of several the one that stands first here wins.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Fields {
    #[serde(rename = "From_Account", skip_serializing_if = "Lenient::is_absent")]
    from_account: Lenient<String>,
    #[serde(rename = "Type", skip_serializing_if = "Lenient::is_absent")]
    kind: Lenient<i64>,
    #[serde(rename = "type", skip_serializing)]
    kind_lower_case: Lenient<i64>,
    #[serde(rename = "To_Account", skip_serializing_if = "Lenient::is_absent")]
    to_account: Lenient<String>,
    #[serde(rename = "ToGroupId", skip_serializing)]
    to_group_id: Lenient<String>,
    #[serde(rename = "ToGroupid", skip_serializing_if = "Lenient::is_absent")]
    to_group_id_lower_case: Lenient<String>,
    #[serde(rename = "GroupId", skip_serializing)]
    group_id: Lenient<String>,
}

impl From<Fields> for Request {
    fn from(fields: Fields) -> Self {
        let (kind_sent_as, kind) = lenient::first([("Type", fields.kind), ("type", fields.kind_lower_case)]);
        let (to_group_id_sent_as, to_group_id) = lenient::first_id([
            ("ToGroupId", fields.to_group_id),
            ("ToGroupid", fields.to_group_id_lower_case),
            ("GroupId", fields.group_id),
        ]);
        let to_group_id_sent_as = to_group_id_sent_as.or("ToGroupid").into();
        let to_account = fields.to_account;
        Self {
            from_account: fields.from_account,
            conversation: ContactItem { kind, to_account, to_group_id, kind_sent_as, to_group_id_sent_as },
        }
    }
}

impl From<Request> for Fields {
    fn from(Request { from_account, conversation }: Request) -> Self {
        let ContactItem { kind, to_account, to_group_id, .. } = conversation;
        Self { from_account, kind, to_account, to_group_id_lower_case: to_group_id, ..Self::default() }
    }
}

/// The answer: the envelope alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Response {}
