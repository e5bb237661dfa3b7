//! Memberships.

use super::*;

#[test]
fn conversations_that_were_added_are_taken_out_and_those_that_are_out_already_stay_out() {
    let mut world = World::new();
    world.create("Work", &[]).unwrap();
    world.create("Work", &[one("bob"), one("amy")]).unwrap();
    world.update("Work", &[(MemberOperation::Remove, one("bob"))]).unwrap();
    let removed = Event::ConversationsRemoved { id: WORK, name: name("Work"), members: vec![one("amy")] };
    assert_eq!(world.undo(2), Ok(vec![removed]));
}

#[test]
fn conversations_that_were_added_to_a_group_that_is_gone_need_no_undoing() {
    let mut world = World::new();
    world.create("Work", &[]).unwrap();
    world.create("Work", &[one("bob")]).unwrap();
    world.delete("Work").unwrap();
    assert_eq!(world.undo(2), Ok(vec![]));
}

#[test]
fn conversations_that_were_removed_are_put_in_and_those_that_are_in_already_stay_in() {
    let mut world = World::new();
    world.create("Work", &[one("bob"), one("amy")]).unwrap();
    world.update("Work", &[one("bob"), one("amy")].map(|who| (MemberOperation::Remove, who))).unwrap();
    world.update("Work", &[(MemberOperation::Add, one("bob"))]).unwrap();
    let added = Event::ConversationsAdded { id: WORK, name: name("Work"), members: vec![one("amy")] };
    assert_eq!(world.undo(2), Ok(vec![added]));
}

#[test]
fn conversations_are_not_put_back_into_a_group_that_is_gone() {
    let mut world = World::new();
    world.create("Work", &[one("bob")]).unwrap();
    world.update("Work", &[(MemberOperation::Remove, one("bob"))]).unwrap();
    world.delete("Work").unwrap();
    is_refused(&mut world, 2, "conversation group \"Work\" (1) was deleted since");
}

#[test]
fn what_else_was_done_with_a_conversation_stays() {
    let mut world = World::new();
    world.create("Work", &[]).unwrap();
    world.create("Work", &[one("bob")]).unwrap();
    world.create("Home", &[one("bob")]).unwrap();
    world.set_marks(one("bob"), 1).unwrap();
    world.undo(2).unwrap();
    let kept = &world.state.records[&one("bob")].arrangement;
    assert_eq!((kept.standard.0, &kept.conversation_groups[..]), (1, &[HOME][..]));
}

#[test]
fn a_call_that_added_and_removed_is_undone_with_one_change_number_for_each_conversation() {
    let mut world = World::new();
    world.create("Work", &[one("bob")]).unwrap();
    let both = [(MemberOperation::Remove, one("bob")), (MemberOperation::Add, one("amy"))];
    world.update("Work", &both).unwrap();
    let last = world.state.head.last_change.0;
    world.undo(2).unwrap();
    assert_eq!(world.state.head.last_change.0, last + 2);
    assert_eq!(world.state.records.keys().collect::<Vec<_>>(), [&one("bob")]);
}
