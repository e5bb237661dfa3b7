//! What a change is made of, where it keeps the change from being undone.

use std::fmt;

use crate::{Conversation, ConversationGroupId, GroupName};

/// A part of a change that is neither as the change left it nor as it was before. `Display` is a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Element {
    /// The conversation group does not exist any more.
    GroupGone {
        /// Its number.
        id: ConversationGroupId,
        /// The name that the change tells.
        name: GroupName,
    },
    /// The conversation group has a third name.
    GroupRenamed {
        /// Its number.
        id: ConversationGroupId,
        /// The name that the change tells.
        name: GroupName,
        /// The name it has.
        now: GroupName,
    },
    /// The conversation group has other data.
    GroupData {
        /// Its number.
        id: ConversationGroupId,
        /// The name that the change tells.
        name: GroupName,
    },
    /// The conversation group, which would be deleted, holds a conversation that the change did not put in.
    GroupHolds {
        /// Its number.
        id: ConversationGroupId,
        /// The name that the change tells.
        name: GroupName,
        /// The first such conversation.
        conversation: Conversation,
    },
    /// Another conversation group has the name that would come back.
    NameTaken {
        /// The number of the other group.
        by: ConversationGroupId,
        /// The name.
        name: GroupName,
    },
    /// The conversation has a third custom mark.
    CustomMark(Conversation),
    /// The conversation groups stand in a third order.
    GroupOrder,
    /// The pins stand in a third order.
    PinOrder,
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::GroupGone { id, name } => {
                write!(f, "conversation group \"{name}\" ({}) was deleted since", id.0)
            }
            Self::GroupRenamed { id, name, now } => {
                write!(f, "conversation group \"{name}\" ({}) was renamed to \"{now}\" since", id.0)
            }
            Self::GroupData { id, name } => {
                write!(f, "the data of conversation group \"{name}\" ({}) was changed since", id.0)
            }
            Self::GroupHolds { id, name, conversation } => {
                let id = id.0;
                write!(f, "conversation group \"{name}\" ({id}) holds {conversation}, which that change did not put in")
            }
            Self::NameTaken { by, name } => {
                write!(f, "the name \"{name}\" is that of conversation group {} now", by.0)
            }
            Self::CustomMark(conversation) => write!(f, "the custom mark of {conversation} was changed since"),
            Self::GroupOrder => f.write_str("the order of conversation groups was changed since"),
            Self::PinOrder => f.write_str("the order of pins was changed since"),
        }
    }
}
