//! Callbacks of the hosted service, which tell an app's backend what happened: the URL's names, the body, and the
//! signature (<https://www.tencentcloud.com/document/product/1047/34354>).

mod sign;

use serde::{Deserialize, Serialize};

use crate::lenient::{self, Lenient};

pub use sign::{REQUEST_TIME_OFF_S_MAX, SignProblem, check_sign, sign};

/// The path that takes callbacks.
pub const PATH: &str = "/v4/callback";

/// A callback that means something here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// <https://www.tencentcloud.com/document/product/1047/34365>
    OneToOneMessageSent,
    /// <https://www.tencentcloud.com/document/product/1047/34375>
    GroupMessageSent,
    /// <https://www.tencentcloud.com/document/product/1047/34369>
    ChatGroupCreated,
    /// <https://www.tencentcloud.com/document/product/1047/34377>
    ChatGroupDestroyed,
}

impl Event {
    /// The event that a `CallbackCommand` stands for; `None` for every other one.
    pub fn from_command(command: &str) -> Option<Self> {
        match command {
            "C2C.CallbackAfterSendMsg" => Some(Self::OneToOneMessageSent),
            "Group.CallbackAfterSendMsg" => Some(Self::GroupMessageSent),
            "Group.CallbackAfterCreateGroup" => Some(Self::ChatGroupCreated),
            "Group.CallbackAfterGroupDestroyed" => Some(Self::ChatGroupDestroyed),
            _ => None,
        }
    }
}

/// The fields of the four bodies that are looked at. Which of them come depends on the event.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "Fields")]
pub struct Body {
    /// The event; the URL names it too.
    pub callback_command: Lenient<String>,
    /// `From_Account`: the sender.
    pub from_account: Lenient<String>,
    /// `To_Account`: the receiver of a one-to-one message.
    pub to_account: Lenient<String>,
    /// The chat group.
    pub group_id: Lenient<String>,
    /// `MsgTime` or `MsgTimeStamp`: when the message was sent, unix seconds.
    pub msg_time: Lenient<i64>,
    /// Over 0: it was for devices that were online only.
    pub online_only_flag: Lenient<i64>,
    /// 0 if it was sent.
    pub send_msg_result: Lenient<i64>,
    /// `Type`: the kind of the chat group.
    pub kind: Lenient<String>,
    /// The name of the chat group.
    pub name: Lenient<String>,
    /// `Owner_Account`: the owner of the chat group.
    pub owner_account: Lenient<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Fields {
    callback_command: Lenient<String>,
    #[serde(rename = "From_Account")]
    from_account: Lenient<String>,
    #[serde(rename = "To_Account")]
    to_account: Lenient<String>,
    group_id: Lenient<String>,
    msg_time: Lenient<i64>,
    msg_time_stamp: Lenient<i64>,
    online_only_flag: Lenient<i64>,
    send_msg_result: Lenient<i64>,
    #[serde(rename = "Type")]
    kind: Lenient<String>,
    name: Lenient<String>,
    #[serde(rename = "Owner_Account")]
    owner_account: Lenient<String>,
}

impl From<Fields> for Body {
    fn from(fields: Fields) -> Self {
        let (_, msg_time) = lenient::first([("MsgTime", fields.msg_time), ("MsgTimeStamp", fields.msg_time_stamp)]);
        Self {
            callback_command: fields.callback_command,
            from_account: fields.from_account,
            to_account: fields.to_account,
            group_id: fields.group_id,
            msg_time,
            online_only_flag: fields.online_only_flag,
            send_msg_result: fields.send_msg_result,
            kind: fields.kind,
            name: fields.name,
            owner_account: fields.owner_account,
        }
    }
}

/// The answer, after the envelope of the account service: nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Answer {}
