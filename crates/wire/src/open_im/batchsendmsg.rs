//! `batchsendmsg`: sends a message from one account to up to 500 others
//! (<https://www.tencentcloud.com/document/product/1047/34920>). Its `ActionStatus` is `SomeError` where a part of them
//! is not imported.

use serde::{Deserialize, Serialize};

use crate::lenient::Elements;

/// The body of the call. `To_Account` is an array of accounts, and `MsgTimeStamp` is not looked at.
pub type Request = super::Message<Elements<String>>;

/// The answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Response {
    /// `MsgSeq`, `MsgRandom` and the time with `_` between them; at most 50 bytes.
    pub msg_key: String,
    /// The accounts the message was not sent to; `[]` where there is none.
    pub error_list: Vec<ReceiverError>,
}

/// An account the message was not sent to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ReceiverError {
    /// `To_Account`.
    #[serde(rename = "To_Account")]
    pub to_account: String,
    /// 70107.
    pub error_code: u32,
}
