//! A change of an account, as the commands of the history and `watch` tell it (docs/protocol.md, section 8).

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::recent_contact::ConversationEcho;

/// A change that was committed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Change {
    /// 1 for the account's first change, without gaps.
    pub revision: u32,
    /// When it was made, unix milliseconds.
    pub time: u64,
    /// The account that signed the call; `""` where none did.
    pub caller: SmolStr,
    /// Through what it came: `call`, `console`, `cli`, `import` or `undo`.
    pub via: SmolStr,
    /// The command, as the last part of its path.
    pub command: SmolStr,
    /// What happened: groups, members, marks, pins.
    pub event: Vec<Event>,
}

/// One thing that happened to an account, with what was and what is. `""` stands for a text that is not there. Places
/// are counted from 0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "EventType", rename_all_fields = "PascalCase")]
#[expect(missing_docs, reason = "docs/protocol.md describes the fields, which are named as on the wire")]
pub enum Event {
    /// A conversation group came into being, or came back; it stands last.
    GroupCreated { group_id: u32, group_name: String },
    /// A conversation group got another name.
    GroupRenamed { group_id: u32, old_group_name: String, group_name: String },
    /// A conversation group was deleted, with its data, its place before and the conversations in it.
    GroupDeleted { group_id: u32, group_name: String, data: String, place: u32, contact_item: Vec<ConversationEcho> },
    /// A conversation group got other data.
    GroupDataChanged { group_id: u32, group_name: String, old_data: String, data: String },
    /// The order of all conversation groups changed.
    GroupsOrdered { old_group_id: Vec<u32>, group_id: Vec<u32> },
    /// Conversations were put into a conversation group.
    ConversationsAdded { group_id: u32, group_name: String, contact_item: Vec<ConversationEcho> },
    /// Conversations were taken out of a conversation group that is still there.
    ConversationsRemoved { group_id: u32, group_name: String, contact_item: Vec<ConversationEcho> },
    /// The marks of a conversation changed.
    MarkChanged {
        contact_item: ConversationEcho,
        old_standard_mark: SmolStr,
        standard_mark: SmolStr,
        old_custom_mark: SmolStr,
        custom_mark: SmolStr,
    },
    /// A conversation was pinned; its place since.
    Pinned { contact_item: ConversationEcho, pinned_at: u32, place: u32 },
    /// A conversation was unpinned; its place before.
    Unpinned { contact_item: ConversationEcho, pinned_at: u32, place: u32 },
    /// The order of all pins changed.
    PinsOrdered { old_contact_item: Vec<ConversationEcho>, contact_item: Vec<ConversationEcho> },
    /// A conversation left the list of recent conversations: with the time of its last message if it had one, with the
    /// time and place of its pin if it was pinned.
    ConversationDeleted {
        contact_item: ConversationEcho,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        msg_time: Option<u32>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pinned_at: Option<u32>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        place: Option<u32>,
    },
    /// A conversation came back to the list of recent conversations.
    ConversationRestored { contact_item: ConversationEcho, msg_time: u32 },
    /// The account was imported.
    AccountImported,
    /// The account was imported again, with another profile.
    ProfileChanged,
    /// The account was put back from a backup.
    AccountRestored,
    /// Something that this change told was erased.
    Forgotten,
    /// An event that this version does not know; its fields are left out.
    #[serde(other)]
    Unknown,
}
