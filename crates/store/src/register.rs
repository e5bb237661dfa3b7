//! The register of an app's chat groups, as it is listed and counted.

use pinfold_core::{ChatGroup, ChatGroupId, ChatGroupSeq};

/// A chat group as the register of its app lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedChatGroup {
    /// Its place in the register.
    pub seq: ChatGroupSeq,
    /// Its id.
    pub id: ChatGroupId,
    /// What the register has of it.
    pub chat_group: ChatGroup,
}

/// A part of the register of an app.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChatGroupList {
    /// How many chat groups of the app are not destroyed, on this page or not.
    pub live: u64,
    /// Ascending by place, destroyed ones too.
    pub page: Vec<ListedChatGroup>,
}

/// How many chat groups of an app there should be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RegisterCounts {
    /// Those that are not destroyed.
    pub live: u64,
    /// The last serial number given out: all of them, since none is left out.
    pub last_serial: u32,
}
