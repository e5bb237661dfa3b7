//! `send_group_msg`: sends a message into a chat group (<https://www.tencentcloud.com/document/product/1047/34959>).

use serde::{Deserialize, Serialize};

use crate::open_im::{Content, Element};
use crate::{Lenient, List};

/// The body of the call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Request {
    /// The chat group.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub group_id: Lenient<String>,
    /// `From_Account`: the sender; absent: the administrator who signed.
    #[serde(rename = "From_Account", skip_serializing_if = "Lenient::is_absent")]
    pub from_account: Lenient<String>,
    /// 32 random bits, by which the hosted service drops a message that comes twice.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub random: Lenient<i64>,
    /// `High`, `Normal`, `Low`, `Lowest` or another word.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub msg_priority: Lenient<String>,
    /// What the message says, at least one element.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub msg_body: List<Element>,
    /// Over 0: for members that are online only, kept nowhere.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub online_only_flag: Lenient<i64>,
    /// Words such as `NoUnread` and `NoLastMsg`, which leaves the lists of recent conversations as they are.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub send_msg_control: List<String>,
    /// Callbacks that the message must not cause.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub forbid_callback_control: List<String>,
    /// `To_Account`: the members that see the message; absent: all.
    #[serde(rename = "To_Account", skip_serializing_if = "Lenient::is_absent")]
    pub to_account: List<String>,
    /// The members that the message calls by name.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub group_at_info: List<Content>,
    /// The topic of a community.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub topic_id: Lenient<String>,
    /// A text of the app's own that goes with the message.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub cloud_custom_data: Lenient<String>,
    /// How a device that is offline is told.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub offline_push_info: Lenient<Content>,
}

/// The answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Response {
    /// The time of the message, unix seconds.
    pub msg_time: u32,
    /// A number that ascends while the server runs; it is not kept.
    pub msg_seq: u32,
}
