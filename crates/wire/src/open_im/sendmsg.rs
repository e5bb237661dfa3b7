//! `sendmsg`: sends a message from one account to another
//! (<https://www.tencentcloud.com/document/product/1047/34919>).

use serde::{Deserialize, Serialize};

/// The body of the call. `To_Account` is one account.
pub type Request = super::Message<String>;

/// The answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Response {
    /// The time of the message, unix seconds.
    pub msg_time: u32,
    /// `MsgSeq`, `MsgRandom` and `MsgTime` with `_` between them; at most 50 bytes.
    pub msg_key: String,
    /// The message as client SDKs name it.
    pub msg_id: String,
}
