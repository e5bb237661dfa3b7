//! The parts that an account is stored in: the only walk over a [`StateDiff`] and the only assembler of an account.
//!
//! A backend and the dump keep only the encoding of a part. The match on [`Part`] has no wildcard arm, so a new part
//! does not compile until each of them encodes it.

use std::collections::BTreeMap;

use pinfold_core::{
    AccountState, Conversation, ConversationGroup, ConversationGroupId, Head, Pin, Profile, Record, StateDiff,
};

use crate::StoreError;

/// A part of an account as it is to be stored. `None` in the place of a value: the part is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part<'a> {
    Head(&'a Head),
    Profile(&'a Profile),
    ConversationGroup(ConversationGroupId, Option<&'a ConversationGroup>),
    Pin(&'a Conversation, Option<&'a Pin>),
    Record(&'a Conversation, Option<&'a Record>),
}

/// The parts that a commit writes or removes, the head first. None for a deletion, which has no head: it
/// removes everything that is stored. Entries that it removes are no parts of the account: a backend takes
/// [`StateDiff::removed_entries`] itself, beside these.
pub(crate) fn of_changes(changes: &StateDiff) -> impl Iterator<Item = Part<'_>> {
    let StateDiff { head, profile, conversation_groups, records, pins, .. } = changes;
    let conversation_groups =
        conversation_groups.iter().map(|(id, group)| Part::ConversationGroup(*id, group.as_ref()));
    let pins = pins.iter().map(|(conversation, pin)| Part::Pin(conversation, pin.as_ref()));
    let records = records.iter().map(|(conversation, record)| Part::Record(conversation, record.as_ref()));
    let head = head.iter().map(Part::Head);
    head.chain(profile.iter().map(Part::Profile)).chain(conversation_groups).chain(pins).chain(records)
}

/// All parts of an account, in the same order, each with its value.
pub(crate) fn of_state(state: &AccountState) -> impl Iterator<Item = Part<'_>> {
    let AccountState { head, profile, conversation_groups, records, pins } = state;
    let conversation_groups = conversation_groups.iter().map(|(id, group)| Part::ConversationGroup(*id, Some(group)));
    let pins = pins.iter().map(|(conversation, pin)| Part::Pin(conversation, Some(pin)));
    let records = records.iter().map(|(conversation, record)| Part::Record(conversation, Some(record)));
    [Part::Head(head), Part::Profile(profile)].into_iter().chain(conversation_groups).chain(pins).chain(records)
}

/// A part of an account as it was decoded.
#[derive(Debug)]
pub(crate) enum StoredPart {
    Head(Head),
    Profile(Profile),
    ConversationGroup(ConversationGroupId, ConversationGroup),
    Pin(Conversation, Pin),
    Record(Conversation, Record),
}

/// Assembles an account from its parts, in any order.
#[derive(Debug, Default)]
pub(crate) struct Assembler {
    head: Option<Head>,
    profile: Profile,
    conversation_groups: BTreeMap<ConversationGroupId, ConversationGroup>,
    pins: BTreeMap<Conversation, Pin>,
    records: BTreeMap<Conversation, Record>,
}

impl Assembler {
    /// Adds a part. False if it replaces one of the same key; head and profile have none.
    pub(crate) fn put(&mut self, part: StoredPart) -> bool {
        match part {
            StoredPart::Head(head) => self.head = Some(head),
            StoredPart::Profile(profile) => self.profile = profile,
            StoredPart::ConversationGroup(id, group) => return self.conversation_groups.insert(id, group).is_none(),
            StoredPart::Pin(conversation, pin) => return self.pins.insert(conversation, pin).is_none(),
            StoredPart::Record(conversation, record) => return self.records.insert(conversation, record).is_none(),
        }
        true
    }

    /// Adds a record unless its conversation has one, which is newer.
    pub(crate) fn put_older_record(&mut self, conversation: Conversation, record: Record) {
        self.records.entry(conversation).or_insert(record);
    }

    /// The account; the default one if there was no part.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] for parts without a head.
    pub(crate) fn finish(self) -> Result<AccountState, StoreError> {
        let has_head = self.head.is_some();
        let state = AccountState {
            head: self.head.unwrap_or_default(),
            profile: self.profile,
            conversation_groups: self.conversation_groups.into_iter().collect(),
            records: self.records.into_iter().collect(),
            pins: self.pins.into_iter().collect(),
        };
        if has_head || state.is_empty() {
            Ok(state)
        } else {
            Err(StoreError::Damaged("an account has rows but no head".into()))
        }
    }
}

#[cfg(test)]
mod tests {
    use pinfold_core::{AccountId, Arrangement, ChangeNumber, GroupName, StandardMarks, Timestamp};

    use super::*;

    fn conversation(id: &str) -> Conversation {
        Conversation::OneToOne(AccountId::parse(id).unwrap())
    }

    fn record(change: u32) -> Record {
        let arrangement = Arrangement { standard: StandardMarks(1), ..Arrangement::default() };
        Record { arrangement, change: ChangeNumber(change), changed_at: Timestamp(7) }
    }

    /// An account with each part.
    fn rich() -> AccountState {
        AccountState {
            head: Head { imported: true, ..Head::default() },
            profile: Profile { nick: "Alice".into(), face_url: String::new() },
            conversation_groups: [(ConversationGroupId(1), GroupName::stored("Work").into())].into(),
            records: [(conversation("bob"), record(1))].into(),
            pins: [(conversation("carol"), Pin { change: ChangeNumber(2), pinned_at: Timestamp(7) })].into(),
        }
    }

    fn stored(part: Part<'_>) -> StoredPart {
        match part {
            Part::Head(head) => StoredPart::Head(head.clone()),
            Part::Profile(profile) => StoredPart::Profile(profile.clone()),
            Part::ConversationGroup(id, group) => StoredPart::ConversationGroup(id, group.unwrap().clone()),
            Part::Pin(conversation, pin) => StoredPart::Pin(conversation.clone(), *pin.unwrap()),
            Part::Record(conversation, record) => StoredPart::Record(conversation.clone(), record.unwrap().clone()),
        }
    }

    #[test]
    fn an_account_is_assembled_from_its_parts_in_any_order() {
        let state = rich();
        let mut parts: Vec<_> = of_state(&state).map(stored).collect();
        parts.reverse();
        let mut account = Assembler::default();
        assert!(parts.into_iter().all(|part| account.put(part)));
        assert_eq!(account.finish().unwrap(), state);
    }

    #[test]
    fn the_parts_of_a_state_are_those_of_a_commit_of_the_whole_state() {
        let state = rich();
        assert!(of_state(&state).eq(of_changes(&StateDiff::whole(&state))));
    }

    #[test]
    fn a_removed_part_is_named_without_a_value() {
        let bob = conversation("bob");
        let changes = StateDiff { records: vec![(bob.clone(), None)], ..StateDiff::default() };
        assert_eq!(of_changes(&changes).collect::<Vec<_>>(), [Part::Record(&bob, None)]);
    }

    #[test]
    fn parts_without_a_head_are_damage() {
        let mut account = Assembler::default();
        account.put(StoredPart::Record(conversation("bob"), record(1)));
        assert_eq!(account.finish().unwrap_err().to_string(), "damaged data: an account has rows but no head");
    }

    #[test]
    fn no_parts_are_the_account_that_nothing_is_kept_for() {
        assert!(Assembler::default().finish().unwrap().is_empty());
    }

    #[test]
    fn a_part_that_comes_twice_is_reported() {
        let mut account = Assembler::default();
        assert!(account.put(StoredPart::Record(conversation("bob"), record(1))));
        assert!(!account.put(StoredPart::Record(conversation("bob"), record(2))));
    }

    #[test]
    fn an_older_record_does_not_replace_a_newer_one() {
        let mut account = Assembler::default();
        account.put(StoredPart::Head(Head::default()));
        account.put(StoredPart::Record(conversation("bob"), record(2)));
        account.put_older_record(conversation("bob"), record(1));
        assert_eq!(account.finish().unwrap().records[&conversation("bob")], record(2));
    }
}
