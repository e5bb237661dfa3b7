//! `import_group_msg`: takes over messages that were sent in a chat group elsewhere or before
//! (<https://www.tencentcloud.com/document/product/1047/34968>).

use serde::{Deserialize, Serialize};

use crate::lenient::Item;
use crate::open_im::Element;
use crate::{Lenient, List};

/// The body of the call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Request {
    /// The chat group.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub group_id: Lenient<String>,
    /// 1 renews the time of the conversation; absent or another number: it stays.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub recent_contact_flag: Lenient<i64>,
    /// 1 to 7 messages.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub msg_list: List<ImportedMessage>,
    /// The topic of a community.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub topic_id: Lenient<String>,
}

/// A message to take over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ImportedMessage {
    /// `From_Account`: the sender.
    #[serde(rename = "From_Account", skip_serializing_if = "Lenient::is_absent")]
    pub from_account: Lenient<String>,
    /// When it was sent, unix seconds.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub send_time: Lenient<i64>,
    /// 32 random bits, by which the hosted service drops a message that comes twice.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub random: Lenient<i64>,
    /// What the message says, at least one element.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub msg_body: List<Element>,
}

impl Item for ImportedMessage {
    /// A call has 7; an eighth refuses it.
    const KEPT_MAX: usize = 8;
}

/// The answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Response {
    /// What became of each message, in the order of the request.
    pub import_msg_result: Vec<ImportResult>,
}

/// What became of one message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ImportResult {
    /// As in `send_group_msg`; 0 where it was refused.
    pub msg_seq: u32,
    /// Its time, unix seconds; 0 where it was refused.
    pub msg_time: u32,
    /// 0, or 10004 where the time is not valid.
    pub result: u32,
}
