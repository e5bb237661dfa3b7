//! The kinds of lines between head and end, in the order in which they stand.

use super::{DumpVersion, Moved};

/// What a line holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Account,
    Entry,
    Change,
    ChatGroup,
    ChatGroupTime,
}

impl Kind {
    pub(super) const ALL: [Self; 5] = [Self::Account, Self::Entry, Self::Change, Self::ChatGroup, Self::ChatGroupTime];

    /// One of them in a sentence.
    fn one(self) -> &'static str {
        match self {
            Self::Account => "an account",
            Self::Entry => "an entry",
            Self::Change => "a change",
            Self::ChatGroup => "a chat group",
            Self::ChatGroupTime => "a time of a chat group",
        }
    }

    /// Many of them in a sentence.
    pub(super) fn many(self) -> &'static str {
        match self {
            Self::Account => "accounts",
            Self::Entry => "entries",
            Self::Change => "changes",
            Self::ChatGroup => "chat groups",
            Self::ChatGroupTime => "times of chat groups",
        }
    }

    /// How many of this kind are counted there.
    pub(super) fn count(self, moved: &Moved) -> u64 {
        match self {
            Self::Account => moved.accounts,
            Self::Entry => moved.entries,
            Self::Change => moved.changes,
            Self::ChatGroup => moved.chat_groups,
            Self::ChatGroupTime => moved.chat_group_times,
        }
    }

    /// Whether such a line may come after one of kind `last`, in a dump of this version.
    pub(super) fn check_place(self, last: Self, version: DumpVersion) -> Result<(), String> {
        let is_known = version == DumpVersion::V2 || matches!(self, Self::Account | Self::ChatGroup);
        if !is_known {
            return Err(format!("{} in a dump of version {}, which has none", self.one(), version.number()));
        }
        if self < last {
            return Err(format!("{} after {}; {} come before {}", self.one(), last.one(), self.many(), last.many()));
        }
        Ok(())
    }
}
