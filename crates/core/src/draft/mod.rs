//! A draft: the state of an account while a rule works on it, and the difference it ends in.

mod recents;
mod restoring;

use std::borrow::Cow;
use std::collections::HashMap;

use crate::state_diff::difference;
use crate::{
    AccountState, AppPolicy, Arrangement, ChangeNumber, Conversation, ConversationGroup, ConversationGroupId,
    GroupData, GroupName, Head, OrdMap, PeerStatuses, Pin, Profile, RecentEntry, Record, Refusal, Repeat, StateDiff,
    TimeMs, Timestamp, order,
};

/// The largest number that fits the protocol's 31 bits.
pub(crate) const NUMBER_MAX: u32 = i32::MAX as u32;

/// How far the time of an account's last change may lie ahead of the clock and still be believed, in seconds: a day.
const AHEAD_SECONDS_MAX: u32 = 24 * 60 * 60;

/// The state of an account while a rule works on it.
///
/// Reads see what the rule wrote before. Nothing is counted as a change that leaves things as they
/// were: numbers and times are given out at the end, in the order of the last edit.
#[derive(Debug)]
pub struct Draft<'a> {
    base: &'a AccountState,
    exists: bool,
    must_exist: bool,
    peers: &'a PeerStatuses,
    now: Timestamp,
    now_ms: TimeMs,
    head: Head,
    profile: Cow<'a, Profile>,
    conversation_groups: Cow<'a, OrdMap<ConversationGroupId, ConversationGroup>>,
    pins: Cow<'a, OrdMap<Conversation, Pin>>,
    removed_entries: Vec<RecentEntry>,
    restored_entries: Vec<RecentEntry>,
    unlisted: Vec<Conversation>,
    edits: HashMap<Conversation, Edit<'a>>,
    edits_made: usize,
    repeat: Option<Repeat>,
    deleted: bool,
}

#[derive(Debug)]
struct Edit<'a> {
    order: usize,
    before: &'a Arrangement,
    arrangement: Arrangement,
}

/// Runs a rule on a state and on what the registers say: its answer, and what it changed (`None` if nothing). Who keeps
/// a history records the change in the difference, see [`StateDiff::record`].
/// `exists` says whether the store has anything of the account, be it a head that says nothing.
///
/// # Errors
/// The rule's refusal; then nothing is changed.
pub fn decide<T>(
    state: &AccountState,
    exists: bool,
    peers: &PeerStatuses,
    now: impl Into<TimeMs>,
    rule: impl FnOnce(&mut Draft<'_>) -> Result<T, Refusal>,
) -> Result<(T, Option<StateDiff>), Refusal> {
    let mut draft = Draft::new(state, exists, peers, now.into());
    let answer = rule(&mut draft)?;
    Ok((answer, draft.finish()?))
}

impl<'a> Draft<'a> {
    fn new(base: &'a AccountState, exists: bool, peers: &'a PeerStatuses, now_ms: TimeMs) -> Self {
        let now = now_ms.seconds();
        let believed_max = TimeMs(now_ms.0.saturating_add(u64::from(AHEAD_SECONDS_MAX) * 1000));
        Self {
            base,
            exists,
            must_exist: false,
            peers,
            now: time_of_change(now, base.head.newest, Timestamp(now.0.saturating_add(AHEAD_SECONDS_MAX))),
            now_ms: time_of_change(now_ms, TimeMs(base.head.newest_ms), believed_max),
            head: base.head.clone(),
            profile: Cow::Borrowed(&base.profile),
            conversation_groups: Cow::Borrowed(&base.conversation_groups),
            pins: Cow::Borrowed(&base.pins),
            removed_entries: Vec::new(),
            restored_entries: Vec::new(),
            unlisted: Vec::new(),
            edits: HashMap::new(),
            edits_made: 0,
            repeat: None,
            deleted: false,
        }
    }

    /// The state before the rule began.
    pub fn base(&self) -> &'a AccountState {
        self.base
    }

    /// Whether the store has anything of the account.
    pub fn exists(&self) -> bool {
        self.exists
    }

    /// Has the account exist when the rule ends, which alone is no change of it: entries of recent conversations belong
    /// to an account that exists.
    pub fn ensure_exists(&mut self) {
        self.must_exist = true;
    }

    /// Refuses a conversation with an account or chat group that the app does not know.
    ///
    /// # Errors
    /// [`Refusal::PeerNotImported`], [`Refusal::ChatGroupUnknown`].
    pub fn check_peer(&self, policy: &AppPolicy, conversation: &Conversation) -> Result<(), Refusal> {
        self.peers.check(policy, conversation)
    }

    /// Counters and flags as they are now.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// The conversation groups as they are now.
    pub fn conversation_groups(&self) -> &OrdMap<ConversationGroupId, ConversationGroup> {
        &self.conversation_groups
    }

    /// The conversation groups as they are now, in the account's order.
    pub fn ordered_conversation_groups(&self) -> Vec<(ConversationGroupId, &ConversationGroup)> {
        order::conversation_groups(&self.head.group_order, &self.conversation_groups)
    }

    /// Number of the conversation group of this name.
    pub fn conversation_group_named(&self, name: &GroupName) -> Option<ConversationGroupId> {
        self.conversation_groups.iter().find(|(_, group)| group.name == *name).map(|(id, _)| *id)
    }

    /// What is kept about a conversation now.
    pub fn arrangement(&self, conversation: &Conversation) -> &Arrangement {
        match self.edits.get(conversation) {
            Some(edit) => &edit.arrangement,
            None => self.base.arrangement(conversation),
        }
    }

    /// Replaces what is kept about a conversation, and keeps the counters exact.
    pub fn arrange(&mut self, conversation: &Conversation, arrangement: Arrangement) {
        let known = self.edits.get_mut(conversation);
        let base = known.as_ref().map_or_else(|| self.base.arrangement(conversation), |edit| edit.before);
        let before = known.as_ref().map_or(base, |edit| &edit.arrangement);
        if *before == arrangement {
            return;
        }
        self.head.grouped = recount(self.head.grouped, before.is_grouped(), arrangement.is_grouped());
        self.head.marked = recount(self.head.marked, before.is_marked(), arrangement.is_marked());
        self.edits_made += 1;
        let edit = Edit { order: self.edits_made, before: base, arrangement };
        match known {
            Some(known) => *known = edit,
            None => drop(self.edits.insert(conversation.clone(), edit)),
        }
    }

    /// Makes a conversation group with the next number.
    ///
    /// # Errors
    /// [`Refusal::NumbersUsedUp`] after 2³¹ − 1 of them.
    pub fn create_conversation_group(&mut self, name: &GroupName) -> Result<ConversationGroupId, Refusal> {
        self.head.last_conversation_group_id = next(self.head.last_conversation_group_id)?;
        let id = ConversationGroupId(self.head.last_conversation_group_id);
        self.conversation_groups.to_mut().insert(id, name.clone().into());
        Ok(id)
    }

    /// Gives a conversation group a name.
    pub fn name_conversation_group(&mut self, id: ConversationGroupId, name: &GroupName) {
        if let Some(group) = self.conversation_groups.to_mut().get_mut(&id) {
            group.name = name.clone();
        }
    }

    /// Gives a conversation group data, or takes it away.
    pub fn set_group_data(&mut self, id: ConversationGroupId, data: Option<GroupData>) {
        if let Some(group) = self.conversation_groups.to_mut().get_mut(&id) {
            group.data = data;
        }
    }

    /// Puts these conversation groups first, in this order; the others follow as they were.
    pub fn order_conversation_groups(&mut self, first: impl IntoIterator<Item = ConversationGroupId>) {
        let members = order::members(&self.head.group_order, self.conversation_groups.keys().copied());
        self.head.group_order = order::kept(order::these_first(first, members));
    }

    /// Removes a conversation group; the conversations in it are the caller's to rearrange.
    pub fn remove_conversation_group(&mut self, id: ConversationGroupId) {
        self.conversation_groups.to_mut().remove(&id);
    }

    /// The pinned conversations as they are now.
    pub fn pins(&self) -> &OrdMap<Conversation, Pin> {
        &self.pins
    }

    /// The pinned conversations as they are now, in the account's order.
    pub fn ordered_pins(&self) -> Vec<(&Conversation, Pin)> {
        order::pins(&self.head.pin_order, &self.pins)
    }

    /// Puts these pins first, in this order; the others follow as they were.
    pub fn order_pins(&mut self, first: impl IntoIterator<Item = ChangeNumber>) {
        let members = order::members(&self.head.pin_order, self.pins.values().map(|pin| pin.change));
        self.head.pin_order = order::kept(order::these_first(first, members));
    }

    /// Pins a conversation, after those that are pinned.
    ///
    /// # Errors
    /// [`Refusal::NumbersUsedUp`] after 2³¹ − 1 changes.
    pub fn pin(&mut self, conversation: &Conversation) -> Result<(), Refusal> {
        let pin = Pin { change: self.next_change()?, pinned_at: self.now };
        self.pins.to_mut().insert(conversation.clone(), pin);
        Ok(())
    }

    /// Unpins a conversation.
    pub fn unpin(&mut self, conversation: &Conversation) {
        self.pins.to_mut().remove(conversation);
    }

    /// Marks the account as imported, with this profile.
    pub fn import(&mut self, profile: Profile) {
        self.head.imported = true;
        self.profile = Cow::Owned(profile);
    }

    /// Deletes the account with all that is kept for it.
    pub fn delete(&mut self) {
        self.deleted = true;
    }

    /// Makes this change one that is answered the same way when it comes again.
    pub fn may_be_repeated(&mut self, repeat: Repeat) {
        self.repeat = Some(repeat);
    }

    fn next_change(&mut self) -> Result<ChangeNumber, Refusal> {
        self.head.last_change = ChangeNumber(next(self.head.last_change.0)?);
        Ok(self.head.last_change)
    }

    fn finish(mut self) -> Result<Option<StateDiff>, Refusal> {
        if self.deleted {
            return Ok(Some(StateDiff::default()));
        }
        let mut diff = StateDiff {
            head: None,
            profile: (*self.profile != self.base.profile).then(|| self.profile.clone().into_owned()),
            conversation_groups: difference(&self.base.conversation_groups, &self.conversation_groups),
            records: self.number_edits()?,
            pins: difference(&self.base.pins, &self.pins),
            removed_entries: std::mem::take(&mut self.removed_entries),
            restored_entries: std::mem::take(&mut self.restored_entries),
            unlisted: std::mem::take(&mut self.unlisted),
            change: None,
            unsent: false,
        };
        self.follow_members();
        if self.arranges(&diff) {
            self.head.repeat = self.repeat.take();
        } else if diff.profile.is_none() && self.head.imported == self.base.head.imported {
            return Ok(self.first_head());
        }
        self.head.revision = next(self.head.revision)?;
        self.head.newest_ms = self.now_ms.0;
        self.head.history_from = 0;
        diff.head = Some(self.head);
        Ok(Some(diff))
    }

    /// Whether something is not as it was, besides the import of the account.
    fn arranges(&self, diff: &StateDiff) -> bool {
        let (head, before) = (&self.head, &self.base.head);
        let is_ordered = (&head.group_order, &head.pin_order) != (&before.group_order, &before.pin_order);
        let is_edited = !(diff.conversation_groups.is_empty() && diff.records.is_empty() && diff.pins.is_empty());
        let has_entries = !(diff.removed_entries.is_empty() && diff.restored_entries.is_empty());
        is_ordered || is_edited || has_entries
    }

    /// What makes an account exist that must and does not: no change, but a place for what is kept beside accounts.
    fn first_head(&self) -> Option<StateDiff> {
        let is_missing = self.must_exist && !self.exists;
        is_missing.then(|| StateDiff { head: Some(self.base.head.clone()), ..StateDiff::default() })
    }

    /// Has the orders name what there is: what is gone leaves them, and what is new comes last.
    fn follow_members(&mut self) {
        if !self.head.group_order.is_empty() {
            self.order_conversation_groups([]);
        }
        if !self.head.pin_order.is_empty() {
            self.order_pins([]);
        }
    }

    /// Gives each conversation that is not as it was a change number and the time.
    fn number_edits(&mut self) -> Result<Vec<(Conversation, Option<Record>)>, Refusal> {
        let mut edits: Vec<_> = std::mem::take(&mut self.edits).into_iter().collect();
        edits.retain(|(_, edit)| *edit.before != edit.arrangement);
        edits.sort_unstable_by_key(|(_, edit)| edit.order);
        edits.into_iter().map(|(conversation, edit)| Ok((conversation, self.number(edit.arrangement)?))).collect()
    }

    fn number(&mut self, arrangement: Arrangement) -> Result<Option<Record>, Refusal> {
        let change = self.next_change()?;
        self.head.newest = self.now;
        Ok((!arrangement.is_empty()).then_some(Record { arrangement, change, changed_at: self.now }))
    }
}

/// The time that a change gets: it never runs backwards within an account, whatever the clock does. Only what lies far
/// ahead of the clock was given by a clock that was wrong; keeping to it would give every later change that one time.
fn time_of_change<T: Ord>(now: T, newest: T, believed_max: T) -> T {
    if newest <= believed_max { now.max(newest) } else { now }
}

fn next(number: u32) -> Result<u32, Refusal> {
    if number < NUMBER_MAX { Ok(number + 1) } else { Err(Refusal::NumbersUsedUp) }
}

fn recount(count: u32, before: bool, after: bool) -> u32 {
    count + u32::from(after) - u32::from(before)
}
