//! What holds for every state that rules made: for states that come from elsewhere.

use std::collections::BTreeSet;
use std::fmt;

use crate::draft::NUMBER_MAX;
use crate::{AccountState, ChangeNumber, ConversationGroup, RepeatedAnswer};

/// Why no rule can have made a state; a sentence about the first thing found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inconsistency(String);

impl fmt::Display for Inconsistency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Inconsistency {}

impl AccountState {
    /// Whether counters, numbers and references of a whole state fit together. Limits are the configuration's and not
    /// looked at; times are not checked, because a clock that was wrong leaves them in any order.
    ///
    /// # Errors
    /// [`Inconsistency`] for a state that must not be built upon.
    pub fn check(&self) -> Result<(), Inconsistency> {
        self.check_head()?;
        self.check_conversation_groups()?;
        self.check_records()?;
        self.check_changes()?;
        self.check_orders()
    }

    fn check_head(&self) -> Result<(), Inconsistency> {
        let head = &self.head;
        at_most("last_change", head.last_change.0, NUMBER_MAX)?;
        at_most("last_conversation_group_id", head.last_conversation_group_id, NUMBER_MAX)?;
        at_most("revision", head.revision, NUMBER_MAX)?;
        at_most("history_from", head.history_from, head.revision)?;
        let grouped = self.records.values().filter(|record| record.arrangement.is_grouped()).count();
        let marked = self.records.values().filter(|record| record.arrangement.is_marked()).count();
        for (name, kept, counted) in [("grouped", head.grouped, grouped), ("marked", head.marked, marked)] {
            ensure(kept as usize == counted, || format!("{name} is {kept}, and {counted} records are {name}"))?;
        }
        let Some(repeat) = &head.repeat else { return Ok(()) };
        let (RepeatedAnswer::Renamed(id) | RepeatedAnswer::Deleted(id)) = repeat.answer;
        self.check_number(id.0)
    }

    fn check_number(&self, id: u32) -> Result<(), Inconsistency> {
        let last = self.head.last_conversation_group_id;
        ensure((1..=last).contains(&id), || format!("conversation group {id} is none of 1 to {last}"))
    }

    fn check_conversation_groups(&self) -> Result<(), Inconsistency> {
        let mut names = BTreeSet::new();
        for (id, ConversationGroup { name, .. }) in self.conversation_groups.iter() {
            self.check_number(id.0)?;
            ensure(!name.as_str().is_empty(), || format!("conversation group {} has no name", id.0))?;
            ensure(names.insert(name), || format!("two conversation groups are named {:?}", name.as_str()))?;
        }
        Ok(())
    }

    fn check_records(&self) -> Result<(), Inconsistency> {
        for (conversation, record) in self.records.iter() {
            let conversation_groups = &record.arrangement.conversation_groups;
            ensure(!record.arrangement.is_empty(), || format!("the record of {conversation} keeps nothing"))?;
            ensure(conversation_groups.is_sorted_by(|a, b| a < b), || {
                format!("the conversation groups of {conversation} do not ascend")
            })?;
            let missing = conversation_groups.iter().find(|id| !self.conversation_groups.contains_key(id));
            ensure(missing.is_none(), || {
                format!(
                    "{conversation} is in conversation group {}, which does not exist",
                    missing.map_or(0, |id| id.0)
                )
            })?;
        }
        Ok(())
    }

    /// Each number was given to one change.
    fn check_changes(&self) -> Result<(), Inconsistency> {
        let mut numbers: Vec<_> = self.records.values().map(|record| record.change).collect();
        numbers.extend(self.pins.values().map(|pin| pin.change));
        numbers.sort_unstable();
        let last = self.head.last_change;
        for (place, number) in numbers.iter().enumerate() {
            let given = (ChangeNumber(1)..=last).contains(number);
            ensure(given, || format!("change {} is none of 1 to {}", number.0, last.0))?;
            ensure(numbers.get(place + 1) != Some(number), || format!("two changes have number {}", number.0))?;
        }
        Ok(())
    }

    fn check_orders(&self) -> Result<(), Inconsistency> {
        check_order("group_order", &self.head.group_order, self.conversation_groups.keys().copied().collect())?;
        check_order("pin_order", &self.head.pin_order, self.pins.values().map(|pin| pin.change).collect())
    }
}

/// An order names all members once, and is kept only where they do not ascend.
fn check_order<T: Ord + Copy>(name: &str, order: &[T], mut members: Vec<T>) -> Result<(), Inconsistency> {
    if order.is_empty() {
        return Ok(());
    }
    let mut named = order.to_vec();
    named.sort_unstable();
    members.sort_unstable();
    ensure(named == members, || format!("{name} does not name every one of {} once", members.len()))?;
    ensure(!order.is_sorted(), || format!("{name} is kept although it ascends"))
}

fn at_most(name: &str, number: u32, max: u32) -> Result<(), Inconsistency> {
    ensure(number <= max, || format!("{name} is {number}, at most {max} is allowed"))
}

fn ensure(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), Inconsistency> {
    if holds { Ok(()) } else { Err(Inconsistency(otherwise())) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{World, one};
    use crate::{Arrangement, ConversationGroupId, GroupName};

    fn state() -> AccountState {
        let mut world = World::new();
        world.create("Work", &[one("bob"), one("amy")]).unwrap();
        world.pin(&[one("bob")]).unwrap();
        world.now += 5;
        world.set_marks(one("zoe"), 5).unwrap();
        world.rename("Work", "Office").unwrap();
        world.state
    }

    fn problem(break_it: impl FnOnce(&mut AccountState)) -> String {
        let mut state = state();
        break_it(&mut state);
        state.check().unwrap_err().to_string()
    }

    #[test]
    fn what_rules_made_is_consistent_and_so_is_nothing() {
        assert_eq!(state().check(), Ok(()));
        assert_eq!(AccountState::default().check(), Ok(()));
    }

    #[test]
    fn counters_must_be_those_of_the_records() {
        assert_eq!(problem(|state| state.head.grouped = 3), "grouped is 3, and 2 records are grouped");
        assert_eq!(problem(|state| state.head.marked = 0), "marked is 0, and 1 records are marked");
    }

    #[test]
    fn numbers_must_have_been_given_out_and_fit_31_bits() {
        let last = state().head.last_change.0;
        assert_eq!(
            problem(|state| state.head.last_change.0 -= 1),
            format!("change {last} is none of 1 to {}", last - 1)
        );
        assert!(problem(|state| state.head.revision = 1 << 31).starts_with("revision is 2147483648, at most"));
        let from = problem(|state| (state.head.revision, state.head.history_from) = (4, 5));
        assert_eq!(from, "history_from is 5, at most 4 is allowed");
        assert!(problem(|state| state.head.last_change.0 = 1 << 31).starts_with("last_change is 2147483648, at most"));
        assert_eq!(
            problem(|state| state.head.last_conversation_group_id = 0),
            "conversation group 1 is none of 1 to 0"
        );
        let twice = |state: &mut AccountState| {
            state.pins.get_mut(&one("bob")).unwrap().change = state.records[&one("zoe")].change;
        };
        assert_eq!(problem(twice), format!("two changes have number {last}"));
    }

    #[test]
    fn records_must_keep_something_and_their_groups_must_exist_once() {
        let office = ConversationGroupId(1);
        let of = |state: &mut AccountState, conversation_groups: Vec<ConversationGroupId>| {
            let bob = state.records.get_mut(&one("bob")).unwrap();
            bob.arrangement.conversation_groups = conversation_groups;
        };
        let missing = "one-to-one with \"bob\" is in conversation group 2, which does not exist";
        assert_eq!(problem(|state| of(state, vec![office, ConversationGroupId(2)])), missing);
        let ascend = "the conversation groups of one-to-one with \"bob\" do not ascend";
        assert_eq!(problem(|state| of(state, vec![office, office])), ascend);
        let nothing = problem(|state| {
            state.records.get_mut(&one("zoe")).unwrap().arrangement = Arrangement::default();
            state.head.marked = 0;
        });
        assert_eq!(nothing, "the record of one-to-one with \"zoe\" keeps nothing");
    }

    #[test]
    fn names_must_differ() {
        let same = problem(|state| {
            state.head.last_conversation_group_id = 2;
            state.conversation_groups.insert(ConversationGroupId(2), GroupName::stored("Office").into());
        });
        assert_eq!(same, "two conversation groups are named \"Office\"");
    }

    #[test]
    fn orders_must_name_every_group_and_pin_once_and_not_ascend() {
        let groups = |order: &[u32]| {
            problem(|state| {
                state.head.last_conversation_group_id = 2;
                state.conversation_groups.insert(ConversationGroupId(2), GroupName::stored("Home").into());
                state.head.group_order = order.iter().copied().map(ConversationGroupId).collect();
            })
        };
        for order in [&[2][..], &[2, 1, 1], &[3, 1]] {
            assert_eq!(groups(order), "group_order does not name every one of 2 once");
        }
        assert_eq!(groups(&[1, 2]), "group_order is kept although it ascends");
        let pins = problem(|state| state.head.pin_order = vec![ChangeNumber(1)]);
        assert_eq!(pins, "pin_order does not name every one of 1 once");
    }

    #[test]
    fn what_rules_made_while_the_clock_was_wrong_is_consistent() {
        let mut world = World::new();
        let right = std::mem::replace(&mut world.now, NUMBER_MAX);
        world.create("Work", &[one("bob"), one("amy")]).unwrap();
        world.now = right;
        world.set_marks(one("amy"), 5).unwrap();
        assert!(world.state.records[&one("amy")].changed_at < world.state.records[&one("bob")].changed_at);
        assert_eq!(world.state.check(), Ok(()));
    }
}
