//! Everything kept for one account.

use crate::{
    Arrangement, ChangeNumber, Conversation, ConversationGroup, ConversationGroupId, OrdMap, Record, StateDiff,
    Timestamp,
};

/// Everything kept for one account, or the part of its records that a call names.
///
/// An account nothing was ever kept for is the default state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountState {
    /// Counters and flags.
    pub head: Head,
    /// Nick name and picture, as the app imported them.
    pub profile: Profile,
    /// The conversation groups by number, which is the order they were created in.
    pub conversation_groups: OrdMap<ConversationGroupId, ConversationGroup>,
    /// What is kept about each conversation.
    pub records: OrdMap<Conversation, Record>,
    /// The pinned conversations.
    pub pins: OrdMap<Conversation, Pin>,
}

/// The small part of an account that almost every change touches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// Whether the account was imported (and not deleted since).
    pub imported: bool,
    /// The last change number given out; 0 for none.
    pub last_change: ChangeNumber,
    /// The last conversation group number given out; 0 for none.
    pub last_conversation_group_id: u32,
    /// Records that are in at least one conversation group.
    pub grouped: u32,
    /// Records with a standard or custom mark.
    pub marked: u32,
    /// The time of the last change of a record.
    pub newest: Timestamp,
    /// The account's latest change, if it was one that may be repeated.
    pub repeat: Option<Repeat>,
    /// Committed changes of the account, of whatever kind; 0 for none.
    pub revision: u32,
    /// The time of the last of them, in milliseconds since 1970; never earlier than that of the one before, but where a
    /// clock was more than a day ahead.
    pub newest_ms: u64,
    /// The first change of the unbroken run that is kept up to the last one; 0 if the last change was not kept.
    pub history_from: u32,
    /// The account's order of its conversation groups; empty where they ascend, else each once.
    pub group_order: Vec<ConversationGroupId>,
    /// The account's order of its pins, each named by the change that pinned it; empty where they ascend, else each once.
    pub pin_order: Vec<ChangeNumber>,
}

impl Head {
    /// The time of the last change, in milliseconds, for a head from before it was kept: that of the last change of a
    /// record.
    pub fn newest_ms_of(newest: Timestamp) -> u64 {
        u64::from(newest.0) * 1000
    }
}

/// SHA-256 over URL and body of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint(pub [u8; 32]);

/// A rename or deletion, kept to answer the same bytes the same way again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeat {
    /// The request.
    pub fingerprint: Fingerprint,
    /// What it was answered.
    pub answer: RepeatedAnswer,
}

/// Which of the two calls that do not bear repeating it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RepeatedAnswer {
    /// The conversation group got a new name (the one in the repeated request).
    Renamed(ConversationGroupId),
    /// The conversation group was deleted.
    Deleted(ConversationGroupId),
}

/// A pinned conversation; pins are in the order of their change numbers where the account made none of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pin {
    /// The change that pinned it; no other record or pin has this number.
    pub change: ChangeNumber,
    /// When it was pinned.
    pub pinned_at: Timestamp,
}

/// What an app says about an account when it imports it. Kept, never shown by these commands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// Nick name, possibly empty.
    pub nick: String,
    /// Address of the picture, possibly empty.
    pub face_url: String,
}

impl AccountState {
    /// What is kept about a conversation; an empty arrangement if nothing is.
    pub fn arrangement(&self, conversation: &Conversation) -> &Arrangement {
        self.records.get(conversation).map_or(Arrangement::EMPTY, |record| &record.arrangement)
    }

    /// Whether nothing at all is kept.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Makes the state what it is after the changes were committed.
    pub fn apply(&mut self, changes: &StateDiff) {
        let Some(head) = &changes.head else {
            *self = Self::default();
            return;
        };
        self.head = head.clone();
        if let Some(profile) = &changes.profile {
            self.profile = profile.clone();
        }
        put(&mut self.conversation_groups, &changes.conversation_groups);
        put(&mut self.records, &changes.records);
        put(&mut self.pins, &changes.pins);
    }
}

/// Writes changes into a map; `None` removes.
pub(crate) fn put<K: Ord + Clone, V: Clone>(map: &mut OrdMap<K, V>, changes: &[(K, Option<V>)]) {
    for (key, value) in changes {
        match value {
            Some(value) => map.insert(key.clone(), value.clone()),
            None => map.remove(key),
        };
    }
}
