//! The difference between two states of an account, as a backend stores it.

use std::sync::Arc;

use crate::{
    AccountState, Conversation, ConversationGroup, ConversationGroupId, Head, HistoryChange, OrdMap, Origin, Pin,
    Profile, RecentEntry, Record, WebhookCommands,
};

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
    /// Entries of recent conversations that come back; of this time and the one that is kept the later stays.
    pub restored_entries: Vec<RecentEntry>,
    /// Conversations that left the list of recent conversations, with their entry or their pin: what tells this from an
    /// unpinned one.
    pub unlisted: Vec<Conversation>,
    /// What is told of the change; kept with it where the head's [`history_from`](Head::history_from) is not 0.
    pub change: Option<Arc<HistoryChange>>,
    /// Whether the change waits to be sent to the app's backend. Only with a change that is kept.
    pub unsent: bool,
}

impl StateDiff {
    /// Adds the change for the history (`keep`) and for those who listen (`tell`), and notes in the head whether it is
    /// kept. `before` is the state that the difference was made of. Without this call a change is not kept.
    pub fn record(&mut self, before: &AccountState, origin: &Origin, keep: bool, tell: bool) {
        let Some(head) = self.head.as_mut().filter(|head| head.revision != before.head.revision) else { return };
        head.history_from = match (keep, before.head.history_from) {
            (false, _) => 0,
            (true, 0) => head.revision,
            (true, from) => from,
        };
        if keep || tell {
            self.change = HistoryChange::of(before, self, origin).map(Arc::new);
        }
    }

    /// Notes that the change is to be sent if these commands tell it and it is kept. After [`StateDiff::record`].
    pub fn send(&mut self, commands: WebhookCommands) {
        let is_kept = self.head.as_ref().is_some_and(|head| head.history_from > 0);
        self.unsent = is_kept && self.change.as_ref().is_some_and(|change| commands.tell_any(&change.events));
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Conversation, Draft, PeerStatuses, Refusal, Timestamp, Via, WebhookCommand, decide};

    fn origin() -> Origin {
        Origin { caller: None, via: Via::Call, command: "top".into() }
    }

    /// Pins a conversation, and tells what is recorded.
    fn recorded(before: &AccountState, keep: bool, tell: bool) -> StateDiff {
        let bob = Conversation::OneToOne(crate::AccountId::parse("bob").unwrap());
        let pin = |draft: &mut Draft<'_>| -> Result<(), Refusal> { draft.pin(&bob) };
        let (_, diff) = decide(before, true, &PeerStatuses::default(), Timestamp(1), pin).unwrap();
        let mut diff = diff.unwrap();
        diff.record(before, &origin(), keep, tell);
        diff
    }

    fn with_head(revision: u32, history_from: u32) -> AccountState {
        AccountState { head: Head { revision, history_from, ..Head::default() }, ..AccountState::default() }
    }

    #[test]
    fn the_head_says_where_the_unbroken_run_of_kept_changes_begins() {
        let from = |before, keep| recorded(&before, keep, true).head.unwrap().history_from;
        assert_eq!(from(with_head(4, 0), true), 5, "the first that is kept");
        assert_eq!(from(with_head(4, 3), true), 3, "one more");
        assert_eq!(from(with_head(4, 3), false), 0, "a change that is not kept ends the run");
    }

    #[test]
    fn a_change_is_made_only_to_be_kept_or_told() {
        let made = |keep, tell| recorded(&with_head(4, 0), keep, tell).change.map(|change| change.revision.0);
        assert_eq!([made(true, false), made(false, true), made(false, false)], [Some(5), Some(5), None]);
    }

    #[test]
    fn a_change_is_sent_if_it_is_kept_and_wanted() {
        let (top, mark) = (WebhookCommand::ContactTop, WebhookCommand::ContactMark);
        let is_sent = |keep, tell, command| {
            let mut diff = recorded(&with_head(4, 0), keep, tell);
            diff.send([command].into_iter().collect());
            diff.unsent
        };
        assert_eq!([is_sent(true, false, top), is_sent(true, true, mark)], [true, false]);
        assert_eq!([is_sent(false, true, top), is_sent(false, false, top)], [false, false]);
    }

    #[test]
    fn an_account_that_begins_to_exist_and_one_that_is_deleted_have_no_change_to_record() {
        let before = with_head(4, 3);
        let begun = StateDiff { head: Some(before.head.clone()), ..StateDiff::default() };
        for diff in [begun, StateDiff::default()] {
            let mut recorded = diff.clone();
            recorded.record(&before, &origin(), false, true);
            assert_eq!(recorded, diff);
        }
    }
}
