//! The register of chat groups: which exist, not who is in them.

use std::str::FromStr;

use crate::{AccountId, Timestamp};

/// A chat group as the register keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatGroup {
    /// Its kind.
    pub kind: ChatGroupKind,
    /// Its name, as the app gave it.
    pub name: String,
    /// Its owner, if the app named one.
    pub owner: Option<AccountId>,
    /// When it was registered.
    pub created_at: Timestamp,
    /// Whether it was destroyed: remembered, so that its conversations answer "disbanded".
    pub destroyed: bool,
}

/// Place of a chat group among those of its app, in the order they were registered first; from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChatGroupSeq(pub u32);

/// The kinds of chat groups, old names and new ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChatGroupKind {
    /// `Private`, the older name of `Work`.
    Private,
    /// `Work`.
    Work,
    /// `Public`.
    Public,
    /// `ChatRoom`, the older name of `Meeting`.
    ChatRoom,
    /// `Meeting`.
    Meeting,
    /// `AVChatRoom`.
    AvChatRoom,
    /// `Community`.
    Community,
}

impl ChatGroupKind {
    /// Every kind.
    pub const ALL: [Self; 7] =
        [Self::Private, Self::Work, Self::Public, Self::ChatRoom, Self::Meeting, Self::AvChatRoom, Self::Community];

    /// The word of the protocol.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Private => "Private",
            Self::Work => "Work",
            Self::Public => "Public",
            Self::ChatRoom => "ChatRoom",
            Self::Meeting => "Meeting",
            Self::AvChatRoom => "AVChatRoom",
            Self::Community => "Community",
        }
    }

    /// Every kind that means the same, by its older and its newer name.
    pub fn synonyms(self) -> &'static [Self] {
        match self {
            Self::Private | Self::Work => &[Self::Private, Self::Work],
            Self::ChatRoom | Self::Meeting => &[Self::ChatRoom, Self::Meeting],
            Self::Public => &[Self::Public],
            Self::AvChatRoom => &[Self::AvChatRoom],
            Self::Community => &[Self::Community],
        }
    }
}

impl FromStr for ChatGroupKind {
    /// Completes a sentence that begins with the field's name, and says what is allowed.
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or_else(|| {
            let words: Vec<_> = Self::ALL.iter().map(|kind| kind.as_str()).collect();
            let text: String = text.chars().take(32).collect();
            format!("\"{text}\" is not a kind of chat group; the kinds are {}", words.join(", "))
        })
    }
}
