//! The filters of `find_conversations`: all that are given hold together.

use crate::{Conversation, ConversationGroupId, CustomMark, GroupName, Record, Refusal, StandardMarks};

use super::FoundConversation;

/// Which conversations are looked for; the default is all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// `Type`.
    pub kind: Option<ConversationKind>,
    /// `GroupName` or `InNoGroup`.
    pub group: Option<GroupFilter>,
    /// `AnyMark`: at least one of these marks, of which there must be one.
    pub any_mark: Option<StandardMarks>,
    /// `NoMark`: neither standard nor custom mark; false for at least one.
    pub no_mark: Option<bool>,
    /// `CustomMark`: exactly this one.
    pub custom_mark: Option<CustomMark>,
    /// `Pinned`: has a pin; false for has none.
    pub pinned: Option<bool>,
    /// `Recent`: has an entry that is shown; false for has none.
    pub recent: Option<bool>,
}

/// One-to-one, or in a chat group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConversationKind {
    /// `Type` 1.
    OneToOne,
    /// `Type` 2.
    ChatGroup,
}

/// A filter by conversation groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupFilter {
    /// In the conversation group of this name.
    Named(GroupName),
    /// In none; false for in at least one.
    InNone(bool),
}

impl GroupFilter {
    /// The filter of these two fields, of which one may be given.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] for both.
    pub fn new(name: Option<GroupName>, in_none: Option<bool>) -> Result<Option<Self>, Refusal> {
        match (name, in_none) {
            (Some(_), Some(_)) => {
                Err(Refusal::Malformed("Filter has GroupName and InNoGroup; one of them is allowed".into()))
            }
            (Some(name), None) => Ok(Some(Self::Named(name))),
            (None, in_none) => Ok(in_none.map(Self::InNone)),
        }
    }
}

impl Filter {
    /// Whether a conversation is looked for; `named` is the conversation group of the filter's name.
    pub(super) fn takes(&self, found: &FoundConversation<'_>, named: Option<ConversationGroupId>) -> bool {
        self.kind.is_none_or(|kind| kind == kind_of(found.conversation))
            && self.group.as_ref().is_none_or(|group| group.takes(found.record, named))
            && self.takes_marks(found.record)
            && self.pinned.is_none_or(|pinned| pinned == found.pinned)
            && self.recent.is_none_or(|recent| recent == found.recent)
    }

    fn takes_marks(&self, record: Option<&Record>) -> bool {
        let standard = record.map_or(StandardMarks(0), |record| record.arrangement.standard);
        let custom = record.and_then(|record| record.arrangement.custom.as_ref());
        let is_marked = record.is_some_and(|record| record.arrangement.is_marked());
        self.any_mark.is_none_or(|marks| standard.0 & marks.0 != 0)
            && self.no_mark.is_none_or(|no_mark| no_mark != is_marked)
            && self.custom_mark.as_ref().is_none_or(|mark| custom == Some(mark))
    }
}

impl GroupFilter {
    fn takes(&self, record: Option<&Record>, named: Option<ConversationGroupId>) -> bool {
        match self {
            Self::Named(_) => named.is_some_and(|id| record.is_some_and(|record| record.arrangement.is_in(id))),
            Self::InNone(in_none) => *in_none != record.is_some_and(|record| record.arrangement.is_grouped()),
        }
    }
}

fn kind_of(conversation: &Conversation) -> ConversationKind {
    match conversation {
        Conversation::OneToOne(_) => ConversationKind::OneToOne,
        Conversation::ChatGroup(_) => ConversationKind::ChatGroup,
    }
}
