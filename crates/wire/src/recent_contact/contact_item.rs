//! A conversation on the wire: as callers name it, and as answers repeat it.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::lenient::{self, Item, Lenient, SentAs};

/// A conversation in a request, `ContactItem`. `Type` decides which of the two ids counts; the other is ignored. A
/// request without `Type` names the conversation by the one id it gives.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Spellings")]
pub struct ContactItem {
    /// `Type` or `type`: 1 one-to-one, 2 chat group.
    #[serde(rename = "Type", skip_serializing_if = "Lenient::is_absent")]
    pub kind: Lenient<i64>,
    /// `To_Account`: the other account of a one-to-one conversation.
    #[serde(rename = "To_Account", skip_serializing_if = "Lenient::is_absent")]
    pub to_account: Lenient<String>,
    /// `ToGroupId`, `ToGroupid` or `GroupId`: the chat group.
    #[serde(rename = "ToGroupId", skip_serializing_if = "Lenient::is_absent")]
    pub to_group_id: Lenient<String>,
    /// Which name `Type` had.
    #[serde(skip)]
    pub kind_sent_as: SentAs,
    /// Which name the id of the chat group had.
    #[serde(skip)]
    pub to_group_id_sent_as: SentAs,
}

impl Item for ContactItem {}

impl ContactItem {
    /// The one-to-one conversation with an account.
    pub fn one_to_one(account: &str) -> Self {
        Self { kind: 1.into(), to_account: account.into(), ..Self::default() }
    }

    /// The conversation in a chat group.
    pub fn chat_group(id: &str) -> Self {
        Self { kind: 2.into(), to_group_id: id.into(), ..Self::default() }
    }
}

/// The same with a field for each spelling; of several the one that stands first here wins.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Spellings {
    #[serde(rename = "Type")]
    kind: Lenient<i64>,
    #[serde(rename = "type")]
    kind_lower_case: Lenient<i64>,
    #[serde(rename = "To_Account")]
    to_account: Lenient<String>,
    #[serde(rename = "ToGroupId")]
    to_group_id: Lenient<String>,
    #[serde(rename = "ToGroupid")]
    to_group_id_lower_case: Lenient<String>,
    #[serde(rename = "GroupId")]
    group_id: Lenient<String>,
}

impl From<Spellings> for ContactItem {
    fn from(spellings: Spellings) -> Self {
        let (kind_sent_as, kind) = lenient::first([("Type", spellings.kind), ("type", spellings.kind_lower_case)]);
        let (to_group_id_sent_as, to_group_id) = lenient::first_id([
            ("ToGroupId", spellings.to_group_id),
            ("ToGroupid", spellings.to_group_id_lower_case),
            ("GroupId", spellings.group_id),
        ]);
        Self { kind, to_account: spellings.to_account, to_group_id, kind_sent_as, to_group_id_sent_as }
    }
}

/// A conversation in an answer: `{"Type":1,"To_Account":"bob"}` or `{"Type":2,"ToGroupId":"…"}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationEcho {
    /// `Type`: 1 one-to-one, 2 chat group.
    #[serde(rename = "Type")]
    pub kind: u32,
    /// `To_Account`, with `Type` 1 only.
    #[serde(rename = "To_Account", default, skip_serializing_if = "Option::is_none")]
    pub to_account: Option<SmolStr>,
    /// `ToGroupId`, with `Type` 2 only.
    #[serde(rename = "ToGroupId", default, skip_serializing_if = "Option::is_none")]
    pub to_group_id: Option<SmolStr>,
}

impl ConversationEcho {
    /// The one-to-one conversation with an account.
    pub fn one_to_one(account: impl Into<SmolStr>) -> Self {
        Self { kind: 1, to_account: Some(account.into()), to_group_id: None }
    }

    /// The conversation in a chat group.
    pub fn chat_group(id: impl Into<SmolStr>) -> Self {
        Self { kind: 2, to_account: None, to_group_id: Some(id.into()) }
    }

    /// What answers show for a conversation that could not be read: `{"Type":1,"To_Account":""}`.
    pub fn unreadable() -> Self {
        Self::one_to_one("")
    }
}

/// What became of one conversation of a call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ItemResult {
    /// The conversation.
    pub contact_item: ConversationEcho,
    /// 0, or the code of a refusal.
    pub result_code: u32,
    /// `""`, or the refusal as a sentence.
    pub result_info: String,
}
