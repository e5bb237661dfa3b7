//! A message that is sent, and what messages of every kind consist of.

use serde::{Deserialize, Serialize};

use crate::lenient::{Item, Shape};
use crate::{Lenient, List};

/// A message to send: the body of `sendmsg` (`To` is a text) and of `batchsendmsg` (`To` is an array of them).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default, bound(deserialize = "To: Shape + Default"))]
pub struct Message<To> {
    /// 1 also keeps the message for the sender, 2 does not; absent: 1.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub sync_other_machine: Lenient<i64>,
    /// `From_Account`: the sender; absent: the administrator who signed.
    #[serde(rename = "From_Account", skip_serializing_if = "Lenient::is_absent")]
    pub from_account: Lenient<String>,
    /// `To_Account`: who receives it.
    #[serde(rename = "To_Account", skip_serializing_if = "Lenient::is_absent")]
    pub to_account: Lenient<To>,
    /// Over 0: for devices that are online only, kept nowhere.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub online_only_flag: Lenient<i64>,
    /// How long the message is kept for a device that is offline, in seconds; 0 as [`Self::online_only_flag`].
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub msg_life_time: Lenient<i64>,
    /// The app's number of the message, 32 bits.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub msg_seq: Lenient<i64>,
    /// 32 random bits, by which the hosted service drops a message that comes twice.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub msg_random: Lenient<i64>,
    /// When it was sent, unix seconds; on older pages of `sendmsg` only.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub msg_time_stamp: Lenient<i64>,
    /// Callbacks that the message must not cause.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub forbid_callback_control: List<String>,
    /// Words such as `NoUnread` and `NoLastMsg`, which leaves the list of recent conversations as it is.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub send_msg_control: List<String>,
    /// What the message says, at least one element.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub msg_body: List<Element>,
    /// A text of the app's own that goes with the message.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub cloud_custom_data: Lenient<String>,
    /// 1: the message may have extensions.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub support_message_extension: Lenient<i64>,
    /// 1: the sender wants to know when it is read.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub is_need_read_receipt: Lenient<i64>,
    /// How a device that is offline is told.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub offline_push_info: Lenient<Content>,
}

/// A part of a message, an element of `MsgBody`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Element {
    /// `TIMTextElem`, `TIMCustomElem`, `TIMImageElem` or another word; the list grows.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub msg_type: Lenient<String>,
    /// Its fields depend on the type.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub msg_content: Lenient<Content>,
}

impl Item for Element {}

/// An object that must be one, and in which nothing is looked at or kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {}

impl Item for Content {}
