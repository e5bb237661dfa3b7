//! What `undo` may be asked for, and its limits; what it does of each element is told in the files beside.

mod groups;
mod lists;
mod marks;
mod members;

use super::super::testing::*;
use super::super::{MemberOperation, PinOperation};
use crate::{
    AccountState, Conversation, ConversationGroupId, Counted, Edition, Event, GroupData, GroupName, HistoryChange,
    Refusal, Revision, TimeMs, Timestamp, Via,
};

const WORK: ConversationGroupId = ConversationGroupId(1);
const HOME: ConversationGroupId = ConversationGroupId(2);

fn name(text: &str) -> GroupName {
    GroupName::stored(text)
}

/// A world with the groups "Work", "Home" and "Chess", made by changes 1 to 3.
fn three_groups() -> World {
    let mut world = World::new();
    for name in ["Work", "Home", "Chess"] {
        world.create(name, &[]).unwrap();
    }
    world
}

/// The names of the groups in the account's order.
fn order(world: &World) -> Vec<&str> {
    world.state.ordered_conversation_groups().into_iter().map(|(_, group)| group.name.as_str()).collect()
}

/// The pinned conversations in the account's order.
fn pins(world: &World) -> Vec<Conversation> {
    world.state.ordered_pins().into_iter().map(|(conversation, _)| conversation.clone()).collect()
}

/// What is arranged, without counters, numbers and times of changes.
fn arranged(state: &AccountState) -> String {
    let kept: Vec<_> = state.records.iter().map(|(who, record)| (who, &record.arrangement)).collect();
    let pins: Vec<_> = state.ordered_pins().into_iter().map(|(who, pin)| (who, pin.pinned_at)).collect();
    format!("{:?} {kept:?} {pins:?}", state.ordered_conversation_groups())
}

/// Undoes a change, which is refused with this sentence and changes nothing.
fn is_refused(world: &mut World, revision: u32, sentence: &str) {
    let before = world.state.clone();
    let refused = world.undo(revision).unwrap_err();
    assert_eq!(refused.to_string(), format!("change {revision} cannot be undone: {sentence}"));
    assert_eq!(world.state, before);
}

/// A change of this one event.
fn history_of(event: Event) -> HistoryChange {
    let (at, events) = (TimeMs(1), vec![event]);
    HistoryChange { revision: Revision(1), at, caller: None, via: Via::Call, command: "top".into(), events }
}

#[test]
fn an_account_that_is_not_imported_is_refused_before_anything_else() {
    let mut world = World::new();
    (world.state.head.imported, world.policy.history_days) = (false, 0);
    assert_eq!(world.undo(1), Err(Refusal::AccountNotImported(world.account.clone())));
}

#[test]
fn an_app_that_keeps_no_changes_has_none_to_undo() {
    let mut world = three_groups();
    world.policy.history_days = 0;
    assert_eq!(world.undo(3), Err(Refusal::HistoryOff));
}

#[test]
fn a_change_that_is_not_kept_is_refused_with_those_that_may_be() {
    let mut world = three_groups();
    assert_eq!(world.undo(4), Err(Refusal::RevisionNotKept { revision: Revision(4), kept: None }));
    world.state.head.history_from = 2;
    let kept = Some((Revision(2), Revision(3)));
    assert_eq!(world.undo(4), Err(Refusal::RevisionNotKept { revision: Revision(4), kept }));
}

#[test]
fn what_happened_to_the_account_itself_has_no_opposite() {
    for event in [Event::AccountImported, Event::ProfileChanged, Event::AccountRestored, Event::Forgotten] {
        let mut world = World::new();
        let name = event.name();
        world.history.push(history_of(event));
        is_refused(&mut world, 1, &format!("{name} has no opposite"));
    }
}

#[test]
fn the_standard_edition_undoes_no_groups_and_no_bits() {
    let mut world = World::new();
    world.create("Work", &[]).unwrap();
    world.set_marks(one("bob"), 1).unwrap();
    world.policy.edition = Edition::Standard;
    assert_eq!([1, 2].map(|revision| world.undo(revision)), [Err(Refusal::EditionLacks), Err(Refusal::EditionLacks)]);
}

#[test]
fn the_standard_edition_undoes_custom_marks_and_pins() {
    let mut world = World::new();
    world.policy.edition = Edition::Standard;
    world.set_custom_marks(&[one("bob")], "vip").unwrap();
    world.pin(&[one("bob")]).unwrap();
    for revision in [2, 1] {
        world.undo(revision).unwrap();
    }
    assert!(world.state.records.is_empty() && world.state.pins.is_empty());
}

#[test]
fn a_change_without_an_opposite_is_refused_as_such_in_the_standard_edition_too() {
    let mut world = World::new();
    world.policy.edition = Edition::Standard;
    let mut change = history_of(Event::GroupCreated { id: WORK, name: name("Work") });
    change.events.push(Event::Forgotten);
    world.history.push(change);
    is_refused(&mut world, 1, "Forgotten has no opposite");
}

#[test]
fn undoing_twice_changes_nothing_the_second_time() {
    let mut world = World::new();
    world.create("Work", &[one("bob")]).unwrap();
    world.undo(1).unwrap();
    let before = world.state.clone();
    assert_eq!(world.undo(1), Ok(vec![]));
    assert_eq!(world.state, before);
}

#[test]
fn an_undo_is_undone_as_any_change_and_ends_a_repeat() {
    let mut world = three_groups();
    world.rename("Work", "Office").unwrap();
    let before = arranged(&world.state);
    world.undo(4).unwrap();
    assert_eq!(world.state.head.repeat, None);
    world.undo(5).unwrap();
    assert_eq!(arranged(&world.state), before);
}

#[test]
fn no_register_is_asked_and_no_length_is_looked_at() {
    let mut world = World::new();
    world.create("a long name", &[one("bob")]).unwrap();
    world.set_group_data("a long name", "red").unwrap();
    world.set_custom_marks(&[one("bob")], "vip").unwrap();
    let before = arranged(&world.state);
    world.set_custom_marks(&[one("bob")], "").unwrap();
    world.delete("a long name").unwrap();
    world.unknown(one("bob"));
    let limits = &mut world.policy.limits;
    (limits.name_bytes_max, limits.custom_mark_bytes_max, limits.group_data_bytes_max) = (1, 1, 1);
    for revision in [5, 4] {
        world.undo(revision).unwrap();
    }
    assert_eq!(arranged(&world.state), before);
}

#[test]
fn a_group_too_many_does_not_come_back() {
    let mut world = World::new();
    world.policy.limits.conversation_groups_max = 1;
    world.create("Work", &[]).unwrap();
    world.delete("Work").unwrap();
    world.create("Home", &[]).unwrap();
    assert_eq!(world.undo(2), Err(Refusal::ConversationGroupsFull { max: 1 }));
}

#[test]
fn a_grouped_or_marked_conversation_too_many_does_not_come_back() {
    let mut world = World::new();
    (world.policy.limits.grouped_conversations_max, world.policy.limits.marked_conversations_max) = (1, 1);
    world.create("Work", &[one("bob")]).unwrap();
    world.update("Work", &[(MemberOperation::Remove, one("bob"))]).unwrap();
    world.create("Work", &[one("amy")]).unwrap();
    assert_eq!(world.undo(2), Err(Refusal::ConversationsFull { counted: Counted::Grouped, max: 1 }));
    world.set_custom_marks(&[one("bob")], "vip").unwrap();
    world.set_custom_marks(&[one("bob")], "").unwrap();
    world.set_custom_marks(&[one("amy")], "vip").unwrap();
    assert_eq!(world.undo(5), Err(Refusal::ConversationsFull { counted: Counted::Marked, max: 1 }));
}

#[test]
fn a_pin_too_many_does_not_come_back() {
    let mut world = World::new();
    world.policy.limits.pins_max = 1;
    world.pin(&[one("bob")]).unwrap();
    world.pins(PinOperation::Unpin, &[one("bob")]).unwrap();
    world.pin(&[one("amy")]).unwrap();
    assert_eq!(world.undo(2), Err(Refusal::PinsFull { max: 1 }));
}

#[test]
fn an_account_that_is_over_a_shrunken_limit_can_undo_what_adds_nothing() {
    let mut world = three_groups();
    world.rename("Work", "Office").unwrap();
    world.policy.limits.conversation_groups_max = 1;
    world.undo(4).unwrap();
    world.undo(3).unwrap();
    assert_eq!(order(&world), ["Work", "Home"]);
    assert_eq!(world.undo(6), Err(Refusal::ConversationGroupsFull { max: 1 }));
}
