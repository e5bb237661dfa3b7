//! Standard bits and custom texts.

use super::*;
use crate::StandardMarks;

#[test]
fn each_bit_that_a_change_set_or_cleared_is_put_back_and_no_other() {
    let mut world = World::new();
    world.set_marks(one("bob"), 0b0011).unwrap();
    world.change_marks(one("bob"), 0b0001, 0b0100).unwrap();
    world.change_marks(one("bob"), 0b0010, 0b1000).unwrap();
    world.undo(2).unwrap();
    assert_eq!(world.state.records[&one("bob")].arrangement.standard, StandardMarks(0b1001));
}

#[test]
fn a_bit_that_is_as_before_stays_while_another_is_put_back() {
    let mut world = World::new();
    world.set_marks(one("bob"), 0b11).unwrap();
    world.change_marks(one("bob"), 0b01, 0).unwrap();
    let changed = Event::MarkChanged {
        conversation: one("bob"),
        old_standard: StandardMarks(0b10),
        standard: StandardMarks(0),
        old_custom: None,
        custom: None,
    };
    assert_eq!(world.undo(1), Ok(vec![changed]));
    assert_eq!(world.undo(1), Ok(vec![]));
}

#[test]
fn a_custom_mark_is_put_back_unless_it_is_a_third_one() {
    let mut world = World::new();
    world.set_custom_marks(&[one("bob")], "vip").unwrap();
    world.set_custom_marks(&[one("bob")], "late").unwrap();
    world.undo(2).unwrap();
    let custom = |world: &World| world.state.arrangement(&one("bob")).custom.clone().unwrap().as_str().to_owned();
    assert_eq!(custom(&world), "vip");
    assert_eq!(world.undo(2), Ok(vec![]));
    world.set_custom_marks(&[one("bob")], "new").unwrap();
    is_refused(&mut world, 2, "the custom mark of one-to-one with \"bob\" was changed since");
}

#[test]
fn a_custom_mark_that_a_change_left_alone_may_be_any_by_now() {
    let mut world = World::new();
    world.set_marks(one("bob"), 1).unwrap();
    world.set_custom_marks(&[one("bob")], "vip").unwrap();
    world.undo(1).unwrap();
    assert_eq!(world.state.arrangement(&one("bob")).standard, StandardMarks(0));
}

#[test]
fn a_call_is_undone_whole_or_not_at_all() {
    let mut world = World::new();
    world.set_custom_marks(&[one("amy"), one("bob")], "vip").unwrap();
    world.set_custom_marks(&[one("bob")], "late").unwrap();
    is_refused(&mut world, 1, "the custom mark of one-to-one with \"bob\" was changed since");
}
