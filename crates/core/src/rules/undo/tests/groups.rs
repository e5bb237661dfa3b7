//! A group's existence, name, data; the order of groups.

use super::*;

#[test]
fn a_group_that_was_created_is_deleted_with_the_conversations_that_came_with_it() {
    let mut world = World::new();
    world.create("Work", &[one("bob"), one("amy")]).unwrap();
    let members = vec![one("bob"), one("amy")];
    let deleted = Event::GroupDeleted { id: WORK, name: name("Work"), data: None, place: 0, members };
    assert_eq!(world.undo(1), Ok(vec![deleted]));
    assert!(world.state.records.is_empty());
}

#[test]
fn a_creation_is_undone_where_fewer_conversations_are_inside_by_now() {
    let mut world = World::new();
    world.create("Work", &[one("bob"), one("amy")]).unwrap();
    world.update("Work", &[(MemberOperation::Remove, one("bob"))]).unwrap();
    world.undo(1).unwrap();
    assert!(world.state.conversation_groups.is_empty() && world.state.records.is_empty());
}

#[test]
fn a_creation_is_not_undone_where_the_group_holds_another_conversation() {
    let mut world = World::new();
    world.create("Work", &[one("amy")]).unwrap();
    world.update("Work", &[(MemberOperation::Add, one("bob"))]).unwrap();
    let sentence = "conversation group \"Work\" (1) holds one-to-one with \"bob\", which that change did not put in";
    is_refused(&mut world, 1, sentence);
}

#[test]
fn a_creation_is_not_undone_where_the_group_has_another_name_or_data_by_now() {
    let mut world = World::new();
    world.create("Work", &[]).unwrap();
    world.set_group_data("Work", "red").unwrap();
    is_refused(&mut world, 1, "the data of conversation group \"Work\" (1) was changed since");
    world.rename("Work", "Office").unwrap();
    is_refused(&mut world, 1, "conversation group \"Work\" (1) was renamed to \"Office\" since");
}

#[test]
fn a_group_that_is_gone_already_needs_no_undoing() {
    let mut world = World::new();
    world.create("Work", &[one("bob")]).unwrap();
    world.delete("Work").unwrap();
    assert_eq!(world.undo(1), Ok(vec![]));
}

#[test]
fn a_deleted_group_comes_back_with_number_name_data_place_and_conversations() {
    let mut world = three_groups();
    world.set_group_data("Home", "red").unwrap();
    world.update("Home", &[(MemberOperation::Add, one("zoe")), (MemberOperation::Add, one("amy"))]).unwrap();
    world.set_marks(one("amy"), 1).unwrap();
    let before = arranged(&world.state);
    world.delete("Home").unwrap();
    let id = HOME;
    let told = [
        Event::GroupCreated { id, name: name("Home") },
        Event::GroupDataChanged { id, name: name("Home"), old_data: None, data: GroupData::stored("red") },
        Event::ConversationsAdded { id, name: name("Home"), members: vec![one("zoe"), one("amy")] },
    ];
    assert_eq!(world.undo(7).unwrap()[..2], told[..2]);
    assert_eq!(world.history[7].events.last(), Some(&told[2]));
    assert_eq!(arranged(&world.state), before);
}

#[test]
fn a_deleted_group_comes_back_at_its_place_among_those_that_have_an_order_of_their_own() {
    let mut world = three_groups();
    world.order_groups(&["Chess", "Home", "Work"]).unwrap();
    world.delete("Home").unwrap();
    world.create("New", &[]).unwrap();
    world.undo(5).unwrap();
    assert_eq!(order(&world), ["Chess", "Home", "Work", "New"]);
}

#[test]
fn a_deleted_group_comes_back_last_where_its_place_is_beyond_the_end() {
    let mut world = three_groups();
    world.delete("Chess").unwrap();
    world.request += 1;
    world.delete("Work").unwrap();
    world.undo(4).unwrap();
    assert_eq!(order(&world), ["Home", "Chess"]);
}

#[test]
fn a_deleted_group_that_came_back_already_is_compared_by_name_and_data() {
    let mut world = three_groups();
    world.delete("Home").unwrap();
    world.undo(4).unwrap();
    assert_eq!(world.undo(4), Ok(vec![]));
    world.set_group_data("Home", "red").unwrap();
    is_refused(&mut world, 4, "the data of conversation group \"Home\" (2) was changed since");
    world.rename("Home", "House").unwrap();
    is_refused(&mut world, 4, "conversation group \"Home\" (2) was renamed to \"House\" since");
}

#[test]
fn of_a_deleted_group_that_came_back_each_conversation_stands_for_itself() {
    let mut world = World::new();
    world.create("Work", &[one("bob"), one("amy")]).unwrap();
    world.delete("Work").unwrap();
    world.undo(2).unwrap();
    world.update("Work", &[(MemberOperation::Remove, one("bob"))]).unwrap();
    let added = Event::ConversationsAdded { id: WORK, name: name("Work"), members: vec![one("bob")] };
    assert_eq!(world.undo(2), Ok(vec![added]));
}

#[test]
fn a_deleted_group_does_not_come_back_while_another_has_its_name() {
    let mut world = World::new();
    world.create("Work", &[]).unwrap();
    world.delete("Work").unwrap();
    world.create("Work", &[]).unwrap();
    is_refused(&mut world, 2, "the name \"Work\" is that of conversation group 2 now");
    world.rename("Work", "Office").unwrap();
    world.undo(2).unwrap();
    assert_eq!(order(&world), ["Work", "Office"]);
}

#[test]
fn a_name_is_put_back_unless_it_is_a_third_one() {
    let mut world = three_groups();
    world.rename("Work", "Office").unwrap();
    let renamed = Event::GroupRenamed { id: WORK, old_name: name("Office"), name: name("Work") };
    assert_eq!(world.undo(4), Ok(vec![renamed]));
    assert_eq!(world.undo(4), Ok(vec![]));
    world.rename("Work", "Desk").unwrap();
    is_refused(&mut world, 4, "conversation group \"Office\" (1) was renamed to \"Desk\" since");
}

#[test]
fn a_name_is_not_put_back_while_another_group_has_it() {
    let mut world = three_groups();
    world.rename("Work", "Office").unwrap();
    world.create("Work", &[]).unwrap();
    is_refused(&mut world, 4, "the name \"Work\" is that of conversation group 4 now");
}

#[test]
fn name_and_data_of_a_group_that_is_gone_are_not_put_back() {
    let mut world = three_groups();
    world.rename("Work", "Office").unwrap();
    world.set_group_data("Office", "red").unwrap();
    world.delete("Office").unwrap();
    is_refused(&mut world, 4, "conversation group \"Office\" (1) was deleted since");
    is_refused(&mut world, 5, "conversation group \"Office\" (1) was deleted since");
}

#[test]
fn data_is_put_back_unless_it_is_a_third_one() {
    let mut world = three_groups();
    world.set_group_data("Work", "red").unwrap();
    world.set_group_data("Work", "blue").unwrap();
    world.undo(5).unwrap();
    assert_eq!(world.state.conversation_groups[&WORK].data, GroupData::stored("red"));
    assert_eq!(world.undo(5), Ok(vec![]));
    world.set_group_data("Work", "").unwrap();
    is_refused(&mut world, 5, "the data of conversation group \"Work\" (1) was changed since");
}

#[test]
fn the_data_that_a_group_came_back_with_goes_with_it() {
    let mut world = three_groups();
    world.set_group_data("Home", "red").unwrap();
    world.delete("Home").unwrap();
    let deleted = arranged(&world.state);
    world.undo(5).unwrap();
    world.undo(6).unwrap();
    assert_eq!(arranged(&world.state), deleted);
    assert_eq!(world.undo(6), Ok(vec![]), "and is not looked for when it is gone");
}

#[test]
fn an_order_of_groups_is_put_back_without_those_that_are_gone_and_with_new_ones_last() {
    let mut world = three_groups();
    world.order_groups(&["Chess", "Home", "Work"]).unwrap();
    world.delete("Home").unwrap();
    world.create("New", &[]).unwrap();
    world.order_groups(&["New"]).unwrap();
    assert_eq!(order(&world), ["New", "Chess", "Work"]);
    world.undo(4).unwrap();
    assert_eq!(order(&world), ["Work", "Chess", "New"]);
    assert_eq!(world.undo(4), Ok(vec![]));
}

#[test]
fn an_order_that_stands_as_before_stays_with_the_groups_that_came_since() {
    let mut world = three_groups();
    world.order_groups(&["Chess"]).unwrap();
    world.create("New", &[]).unwrap();
    world.order_groups(&["New", "Work", "Home", "Chess"]).unwrap();
    assert_eq!(world.undo(4), Ok(vec![]));
    assert_eq!(order(&world), ["New", "Work", "Home", "Chess"]);
}

#[test]
fn a_third_order_of_groups_is_not_undone() {
    let mut world = three_groups();
    world.order_groups(&["Chess"]).unwrap();
    world.order_groups(&["Home"]).unwrap();
    is_refused(&mut world, 4, "the order of conversation groups was changed since");
}

#[test]
fn a_number_that_a_history_from_elsewhere_brings_back_is_not_given_again() {
    let mut world = World::new();
    let id = ConversationGroupId(9);
    world.history.push(history_of(Event::GroupDeleted {
        id,
        name: name("Work"),
        data: None,
        place: 0,
        members: vec![one("bob")],
    }));
    world.undo(1).unwrap();
    assert_eq!(world.create("Home", &[]).unwrap().id, ConversationGroupId(10));
    assert_eq!(world.state.check(), Ok(()));
}

#[test]
fn a_history_from_elsewhere_that_takes_out_of_a_group_what_it_made_leaves_nothing_in_it() {
    let mut world = World::new();
    world.create("Work", &[]).unwrap();
    let members = vec![one("bob")];
    let removed = Event::ConversationsRemoved { id: WORK, name: name("Work"), members };
    world.history[0].events.insert(0, removed);
    world.undo(1).unwrap();
    assert_eq!(world.state.check(), Ok(()));
}
