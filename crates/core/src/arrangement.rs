//! What an account keeps about one conversation.

use crate::{ConversationGroupId, CustomMark, StandardMarks};

/// Unix time in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub u32);

/// Position of a change within its account: 1 for the first, each later one larger.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChangeNumber(pub u32);

/// Marks and conversation groups of one conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arrangement {
    /// The 64 standard marks.
    pub standard: StandardMarks,
    /// The custom mark, if any.
    pub custom: Option<CustomMark>,
    /// The conversation groups it is in, ascending, each once.
    pub conversation_groups: Vec<ConversationGroupId>,
}

/// An arrangement that is not empty, with the number and time of its last change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// What is kept.
    pub arrangement: Arrangement,
    /// Number of its last change.
    pub change: ChangeNumber,
    /// Time of its last change; never runs backwards within an account, but where a clock was more than a day ahead.
    pub changed_at: Timestamp,
}

impl Arrangement {
    /// An arrangement without any mark or group.
    pub const EMPTY: &'static Self =
        &Self { standard: StandardMarks(0), custom: None, conversation_groups: Vec::new() };

    /// Whether nothing is kept: such a record does not exist.
    pub fn is_empty(&self) -> bool {
        !self.is_marked() && !self.is_grouped()
    }

    /// Whether it counts against [`crate::Limits::marked_conversations_max`].
    pub fn is_marked(&self) -> bool {
        !self.standard.is_empty() || self.custom.is_some()
    }

    /// Whether it counts against [`crate::Limits::grouped_conversations_max`].
    pub fn is_grouped(&self) -> bool {
        !self.conversation_groups.is_empty()
    }

    /// Whether the conversation is in this group.
    pub fn is_in(&self, id: ConversationGroupId) -> bool {
        self.conversation_groups.binary_search(&id).is_ok()
    }

    /// The same, in this group too.
    #[must_use]
    pub fn with_conversation_group(&self, id: ConversationGroupId) -> Self {
        let mut with = self.clone();
        if let Err(place) = with.conversation_groups.binary_search(&id) {
            with.conversation_groups.insert(place, id);
        }
        with
    }

    /// The same, not in this group.
    #[must_use]
    pub fn without_conversation_group(&self, id: ConversationGroupId) -> Self {
        let mut without = self.clone();
        without.conversation_groups.retain(|other| *other != id);
        without
    }
}
