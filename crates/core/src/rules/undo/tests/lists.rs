//! Pins, their order, and entries of recent conversations.

use super::*;

#[test]
fn pins_that_were_set_are_removed_and_those_that_are_gone_already_stay_gone() {
    let mut world = World::new();
    world.pin(&[one("bob"), one("amy")]).unwrap();
    world.pins(PinOperation::Unpin, &[one("bob")]).unwrap();
    let unpinned = Event::Unpinned { conversation: one("amy"), pinned_at: Timestamp(world.now), place: 0 };
    assert_eq!(world.undo(1), Ok(vec![unpinned]));
}

#[test]
fn pins_come_back_at_their_places_with_their_times() {
    let mut world = World::new();
    world.pin(&["amy", "bob", "carol", "dave"].map(one)).unwrap();
    world.order_pins(&[one("dave"), one("bob")]).unwrap();
    let before = arranged(&world.state);
    world.now += 100;
    world.pins(PinOperation::Unpin, &["carol", "dave", "amy"].map(one)).unwrap();
    world.undo(3).unwrap();
    assert_eq!(arranged(&world.state), before);
}

#[test]
fn pins_come_back_by_their_places_in_whatever_order_the_events_stand() {
    let mut world = World::new();
    world.pin(&["amy", "bob", "carol"].map(one)).unwrap();
    world.pins(PinOperation::Unpin, &["amy", "bob", "carol"].map(one)).unwrap();
    world.history[1].events.reverse();
    world.undo(2).unwrap();
    assert_eq!(pins(&world), ["amy", "bob", "carol"].map(one));
}

#[test]
fn a_pin_comes_back_before_those_that_came_since_and_last_where_its_place_is_beyond_the_end() {
    let mut world = World::new();
    world.pin(&["amy", "bob"].map(one)).unwrap();
    world.pins(PinOperation::Unpin, &[one("bob")]).unwrap();
    world.pin(&[one("carol")]).unwrap();
    world.undo(2).unwrap();
    assert_eq!(pins(&world), ["amy", "bob", "carol"].map(one));
    world.pins(PinOperation::Unpin, &[one("carol")]).unwrap();
    world.pins(PinOperation::Unpin, &[one("amy")]).unwrap();
    world.undo(5).unwrap();
    assert_eq!(pins(&world), ["bob", "carol"].map(one));
}

#[test]
fn a_conversation_that_was_pinned_anew_keeps_its_pin() {
    let mut world = World::new();
    world.pin(&[one("bob")]).unwrap();
    world.pins(PinOperation::Unpin, &[one("bob")]).unwrap();
    world.now += 100;
    world.pin(&[one("bob")]).unwrap();
    assert_eq!(world.undo(2), Ok(vec![]));
    assert_eq!(world.state.pins[&one("bob")].pinned_at, Timestamp(world.now));
}

#[test]
fn a_deleted_conversation_comes_back_with_its_pin_and_its_entry() {
    let mut world = World::new();
    world.pin(&[one("amy"), one("bob")]).unwrap();
    world.delete_conversation(one("amy"), Some(7)).unwrap();
    let conversation = one("amy");
    let told = [
        Event::Pinned { conversation: conversation.clone(), pinned_at: Timestamp(world.now), place: 0 },
        Event::ConversationRestored { conversation, entry: Timestamp(7) },
    ];
    world.now += 100;
    assert_eq!(world.undo(2), Ok(told.to_vec()));
    assert_eq!(pins(&world), [one("amy"), one("bob")]);
}

#[test]
fn an_entry_that_is_as_late_or_later_by_now_stays_and_is_no_change() {
    let mut world = World::new();
    world.delete_conversation(one("bob"), Some(7)).unwrap();
    assert_eq!(world.undo_with(1, &[(one("bob"), 7)]), Ok(vec![]));
    assert_eq!(world.undo_with(1, &[(one("bob"), 8)]), Ok(vec![]));
    let restored = Event::ConversationRestored { conversation: one("bob"), entry: Timestamp(7) };
    assert_eq!(world.undo_with(1, &[(one("bob"), 6)]), Ok(vec![restored]));
}

#[test]
fn an_entry_that_came_back_goes_again_unless_there_was_a_message_since() {
    let mut world = World::new();
    world.delete_conversation(one("bob"), Some(7)).unwrap();
    world.undo(1).unwrap();
    assert_eq!(world.undo(2), Ok(vec![]), "no entry");
    assert_eq!(world.undo_with(2, &[(one("bob"), 8)]), Ok(vec![]));
    let deleted = Event::ConversationDeleted { conversation: one("bob"), entry: Some(Timestamp(7)), pin: None };
    assert_eq!(world.undo_with(2, &[(one("bob"), 7)]), Ok(vec![deleted]));
}

#[test]
fn undoing_the_undo_of_a_deletion_is_that_deletion() {
    let mut world = World::new();
    world.pin(&[one("amy"), one("bob")]).unwrap();
    world.delete_conversation(one("amy"), Some(7)).unwrap();
    world.undo(2).unwrap();
    let deleted = world.undo_with(3, &[(one("amy"), 7)]).unwrap();
    assert_eq!(deleted, world.history[1].events);
}

#[test]
fn an_order_of_pins_is_put_back_without_those_that_are_gone_and_with_new_ones_last() {
    let mut world = World::new();
    world.pin(&["amy", "bob", "carol"].map(one)).unwrap();
    world.order_pins(&["carol", "bob"].map(one)).unwrap();
    world.pins(PinOperation::Unpin, &[one("bob")]).unwrap();
    world.pin(&[one("dave")]).unwrap();
    world.order_pins(&[one("dave")]).unwrap();
    world.undo(2).unwrap();
    assert_eq!(pins(&world), ["amy", "carol", "dave"].map(one));
    assert_eq!(world.undo(2), Ok(vec![]));
}

#[test]
fn a_third_order_of_pins_is_not_undone() {
    let mut world = World::new();
    world.pin(&["amy", "bob", "carol"].map(one)).unwrap();
    world.order_pins(&[one("carol")]).unwrap();
    world.order_pins(&[one("bob")]).unwrap();
    is_refused(&mut world, 2, "the order of pins was changed since");
}
