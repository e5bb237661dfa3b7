//! `importmsg`: takes over a message that was sent elsewhere or before
//! (<https://www.tencentcloud.com/document/product/1047/35014>).

use serde::{Deserialize, Serialize};

use super::Element;
use crate::{Lenient, List};

/// The body of the call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Request {
    /// 1 or 5 for a message of now, 2 for one of the history. The list of recent conversations takes both alike.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub sync_from_old_system: Lenient<i64>,
    /// `From_Account`: the sender.
    #[serde(rename = "From_Account", skip_serializing_if = "Lenient::is_absent")]
    pub from_account: Lenient<String>,
    /// `To_Account`: the receiver.
    #[serde(rename = "To_Account", skip_serializing_if = "Lenient::is_absent")]
    pub to_account: Lenient<String>,
    /// The app's number of the message, 32 bits.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub msg_seq: Lenient<i64>,
    /// 32 random bits, by which the hosted service drops a message that comes twice.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub msg_random: Lenient<i64>,
    /// When it was sent, unix seconds.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub msg_time_stamp: Lenient<i64>,
    /// What the message says, at least one element.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub msg_body: List<Element>,
    /// A text of the app's own that goes with the message.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub cloud_custom_data: Lenient<String>,
}

/// The answer: the envelope alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Response {}
