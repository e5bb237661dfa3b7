//! What happened to an account, each with what was before and what is since (docs/protocol.md, section 8).

mod between;
mod groups;
mod pins;
#[cfg(test)]
mod tests;

use crate::{Conversation, ConversationGroupId, CustomMark, GroupData, GroupName, StandardMarks, Timestamp};

/// One thing that happened to an account. A place is counted from 0, in the account's own order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A conversation group came into being, or came back. It is empty, has no data, and stands last; what is otherwise
    /// is told by the events that follow.
    GroupCreated {
        /// Its number.
        id: ConversationGroupId,
        /// Its name.
        name: GroupName,
    },
    /// A conversation group got another name.
    GroupRenamed {
        /// Its number.
        id: ConversationGroupId,
        /// The name before.
        old_name: GroupName,
        /// The name since.
        name: GroupName,
    },
    /// A conversation group was deleted.
    GroupDeleted {
        /// Its number.
        id: ConversationGroupId,
        /// The name it had.
        name: GroupName,
        /// The data it had.
        data: Option<GroupData>,
        /// Where it stood.
        place: u32,
        /// The conversations that were in it.
        members: Vec<Conversation>,
    },
    /// A conversation group got other data, or lost it.
    GroupDataChanged {
        /// Its number.
        id: ConversationGroupId,
        /// Its name since.
        name: GroupName,
        /// The data before.
        old_data: Option<GroupData>,
        /// The data since.
        data: Option<GroupData>,
    },
    /// The conversation groups were put into another order. Not told of groups that left, or came last.
    GroupsOrdered {
        /// All groups in the order before.
        old: Vec<ConversationGroupId>,
        /// All groups in the order since.
        new: Vec<ConversationGroupId>,
    },
    /// Conversations were put into a conversation group.
    ConversationsAdded {
        /// The group's number.
        id: ConversationGroupId,
        /// The group's name.
        name: GroupName,
        /// The conversations.
        members: Vec<Conversation>,
    },
    /// Conversations were taken out of a conversation group that is still there.
    ConversationsRemoved {
        /// The group's number.
        id: ConversationGroupId,
        /// The group's name.
        name: GroupName,
        /// The conversations.
        members: Vec<Conversation>,
    },
    /// Standard or custom marks of a conversation changed.
    MarkChanged {
        /// Which conversation.
        conversation: Conversation,
        /// The standard marks before.
        old_standard: StandardMarks,
        /// The standard marks since.
        standard: StandardMarks,
        /// The custom mark before.
        old_custom: Option<CustomMark>,
        /// The custom mark since.
        custom: Option<CustomMark>,
    },
    /// A conversation was pinned.
    Pinned {
        /// Which conversation.
        conversation: Conversation,
        /// Since when it counts as pinned.
        pinned_at: Timestamp,
        /// Where it stands after the change.
        place: u32,
    },
    /// A conversation was unpinned.
    Unpinned {
        /// Which conversation.
        conversation: Conversation,
        /// Since when it was pinned.
        pinned_at: Timestamp,
        /// Where it stood before the change.
        place: u32,
    },
    /// The pins were put into another order. Not told of pins that came or left.
    PinsOrdered {
        /// All pinned conversations in the order before.
        old: Vec<Conversation>,
        /// All pinned conversations in the order since.
        new: Vec<Conversation>,
    },
    /// A conversation left the list of recent conversations, with its entry or its pin or both.
    ConversationDeleted {
        /// Which conversation.
        conversation: Conversation,
        /// The time of its last message, if it had an entry.
        entry: Option<Timestamp>,
        /// Since when it was pinned and where it stood before the change, if it was.
        pin: Option<(Timestamp, u32)>,
    },
    /// An entry came back to the list of recent conversations.
    ConversationRestored {
        /// Which conversation.
        conversation: Conversation,
        /// The time of its last message.
        entry: Timestamp,
    },
    /// The account was imported.
    AccountImported,
    /// The account was imported again with another profile.
    ProfileChanged,
    /// The account was put back from a backup.
    AccountRestored,
    /// Something that this change told was erased.
    Forgotten,
}

impl Event {
    /// Its name in answers.
    pub fn name(&self) -> &'static str {
        match self {
            Self::GroupCreated { .. } => "GroupCreated",
            Self::GroupRenamed { .. } => "GroupRenamed",
            Self::GroupDeleted { .. } => "GroupDeleted",
            Self::GroupDataChanged { .. } => "GroupDataChanged",
            Self::GroupsOrdered { .. } => "GroupsOrdered",
            Self::ConversationsAdded { .. } => "ConversationsAdded",
            Self::ConversationsRemoved { .. } => "ConversationsRemoved",
            Self::MarkChanged { .. } => "MarkChanged",
            Self::Pinned { .. } => "Pinned",
            Self::Unpinned { .. } => "Unpinned",
            Self::PinsOrdered { .. } => "PinsOrdered",
            Self::ConversationDeleted { .. } => "ConversationDeleted",
            Self::ConversationRestored { .. } => "ConversationRestored",
            Self::AccountImported => "AccountImported",
            Self::ProfileChanged => "ProfileChanged",
            Self::AccountRestored => "AccountRestored",
            Self::Forgotten => "Forgotten",
        }
    }

    /// About the bytes of its texts and lists.
    pub(crate) fn weight(&self) -> usize {
        let conversations = |list: &[Conversation]| list.iter().map(conversation_weight).sum::<usize>();
        let data = |data: &Option<GroupData>| data.as_ref().map_or(0, |data| data.as_str().len());
        let mark = |mark: &Option<CustomMark>| mark.as_ref().map_or(0, |mark| mark.as_str().len());
        let texts = match self {
            Self::GroupCreated { name, .. } => name.as_str().len(),
            Self::GroupRenamed { old_name, name, .. } => old_name.as_str().len() + name.as_str().len(),
            Self::GroupDeleted { name, data: had, members, .. } => {
                name.as_str().len() + data(had) + conversations(members)
            }
            Self::GroupDataChanged { name, old_data, data: new_data, .. } => {
                name.as_str().len() + data(old_data) + data(new_data)
            }
            Self::GroupsOrdered { old, new } => size_of_val(&**old) + size_of_val(&**new),
            Self::ConversationsAdded { name, members, .. } | Self::ConversationsRemoved { name, members, .. } => {
                name.as_str().len() + conversations(members)
            }
            Self::MarkChanged { conversation, old_custom, custom, .. } => {
                conversation_weight(conversation) + mark(old_custom) + mark(custom)
            }
            Self::PinsOrdered { old, new } => conversations(old) + conversations(new),
            Self::Pinned { conversation, .. }
            | Self::Unpinned { conversation, .. }
            | Self::ConversationDeleted { conversation, .. }
            | Self::ConversationRestored { conversation, .. } => conversation_weight(conversation),
            Self::AccountImported | Self::ProfileChanged | Self::AccountRestored | Self::Forgotten => 0,
        };
        size_of::<Self>() + texts
    }
}

fn conversation_weight(conversation: &Conversation) -> usize {
    let id = match conversation {
        Conversation::OneToOne(account) => account.as_str(),
        Conversation::ChatGroup(chat_group) => chat_group.as_str(),
    };
    size_of::<Conversation>() + id.len()
}
