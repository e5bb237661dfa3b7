//! The difference between two states of an account, as a backend stores it.

use crate::{Conversation, ConversationGroup, ConversationGroupId, Head, OrdMap, Pin, Profile, RecentEntry, Record};

/// What a rule did to an account, as a backend stores it. `None` in a pair means "removed".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StateDiff {
    /// The head from now on. `None`: the account is deleted with all that was kept for it.
    pub head: Option<Head>,
    /// The profile, if it changed.
    pub profile: Option<Profile>,
    /// Conversation groups created, renamed, given other data or deleted.
    pub conversation_groups: Vec<(ConversationGroupId, Option<ConversationGroup>)>,
    /// Records written or removed, in the order they changed.
    pub records: Vec<(Conversation, Option<Record>)>,
    /// Pins added or removed.
    pub pins: Vec<(Conversation, Option<Pin>)>,
    /// Entries of recent conversations removed, each with the time that the rule saw.
    pub removed_entries: Vec<RecentEntry>,
}

/// What was removed of a map, and what was written.
pub(crate) fn difference<K: Ord + Clone, V: Clone + PartialEq>(
    before: &OrdMap<K, V>,
    after: &OrdMap<K, V>,
) -> Vec<(K, Option<V>)> {
    if std::ptr::eq(before, after) {
        return Vec::new();
    }
    let removed = before.keys().filter(|key| !after.contains_key(*key)).map(|key| (key.clone(), None));
    let written = after.iter().filter(|(key, value)| before.get(*key) != Some(*value));
    removed.chain(written.map(|(key, value)| (key.clone(), Some(value.clone())))).collect()
}
