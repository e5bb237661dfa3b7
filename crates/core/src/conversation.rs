//! A conversation as an account sees it: with another account, or in a chat group.

use std::fmt;

use crate::{AccountId, ChatGroupId};

/// Whom an account talks with. The same text as account and as chat group names two conversations.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Conversation {
    /// `Type` 1: one-to-one with this account.
    OneToOne(AccountId),
    /// `Type` 2: in this chat group.
    ChatGroup(ChatGroupId),
}

impl fmt::Display for Conversation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OneToOne(account) => write!(f, "one-to-one with \"{account}\""),
            Self::ChatGroup(chat_group) => write!(f, "chat group \"{chat_group}\""),
        }
    }
}
