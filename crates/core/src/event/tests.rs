use super::*;
use crate::{
    AccountId, AccountState, Arrangement, ConversationGroup, Draft, PeerStatuses, Profile, RecentEntry, decide,
};

const WORK: ConversationGroupId = ConversationGroupId(1);
const HOME: ConversationGroupId = ConversationGroupId(2);
const CHESS: ConversationGroupId = ConversationGroupId(3);
const NOW: Timestamp = Timestamp(9);

fn one(account: &str) -> Conversation {
    Conversation::OneToOne(AccountId::parse(account).unwrap())
}

fn name(text: &str) -> GroupName {
    GroupName::stored(text)
}

/// Edits an account, and tells what that was.
fn edit(state: &mut AccountState, edit: impl FnOnce(&mut Draft<'_>)) -> Vec<Event> {
    let rule = |draft: &mut Draft<'_>| {
        edit(draft);
        Ok(())
    };
    let ((), changes) = decide(state, true, &PeerStatuses::default(), NOW, rule).unwrap();
    let changes = changes.unwrap();
    let events = Event::between(state, &changes);
    state.apply(&changes);
    events
}

fn create(draft: &mut Draft<'_>, text: &str) {
    draft.create_conversation_group(&name(text)).unwrap();
}

/// An account with the groups "Work", "Home" and "Chess".
fn three_groups() -> AccountState {
    let mut state = AccountState::default();
    edit(&mut state, |draft| ["Work", "Home", "Chess"].into_iter().for_each(|name| create(draft, name)));
    state
}

/// An account with these pins.
fn pinned(peers: &[&str]) -> AccountState {
    let mut state = AccountState::default();
    edit(&mut state, |draft| peers.iter().for_each(|peer| draft.pin(&one(peer)).unwrap()));
    state
}

#[test]
fn events_tell_what_changed_and_nothing_that_stayed() {
    let bob = one("bob");
    let mut state = AccountState::default();
    edit(&mut state, |draft| create(draft, "Work"));
    let mut arrange = |arrangement| edit(&mut state, |draft| draft.arrange(&bob, arrangement));
    let marked = |old_standard, standard| Event::MarkChanged {
        conversation: bob.clone(),
        old_standard: StandardMarks(old_standard),
        standard: StandardMarks(standard),
        old_custom: None,
        custom: None,
    };
    let of_one = Arrangement { standard: StandardMarks(1), ..Arrangement::default() };
    assert_eq!(arrange(of_one.clone()), [marked(0, 1)]);
    let added = Event::ConversationsAdded { id: WORK, name: name("Work"), members: vec![bob.clone()] };
    assert_eq!(arrange(of_one.with_conversation_group(WORK)), [added]);
    let removed = Event::ConversationsRemoved { id: WORK, name: name("Work"), members: vec![bob.clone()] };
    assert_eq!(arrange(Arrangement::default()), [removed, marked(1, 0)]);
}

#[test]
fn the_data_of_a_group_is_told_apart_from_its_name() {
    let mut state = AccountState::default();
    let created = edit(&mut state, |draft| create(draft, "Work"));
    assert_eq!(created, [Event::GroupCreated { id: WORK, name: name("Work") }]);
    let red = GroupData::stored("red");
    let coloured = edit(&mut state, |draft| draft.set_group_data(WORK, red.clone()));
    let data = |name, old_data, data| Event::GroupDataChanged { id: WORK, name, old_data, data };
    assert_eq!(coloured, [data(name("Work"), None, red.clone())]);
    let both = edit(&mut state, |draft| {
        draft.name_conversation_group(WORK, &name("Office"));
        draft.set_group_data(WORK, None);
    });
    let renamed = Event::GroupRenamed { id: WORK, old_name: name("Work"), name: name("Office") };
    assert_eq!(both, [renamed, data(name("Office"), red, None)]);
}

#[test]
fn an_order_is_told_where_it_changes_and_not_where_groups_come_and_go() {
    let mut state = AccountState::default();
    edit(&mut state, |draft| ["Work", "Home"].into_iter().for_each(|name| create(draft, name)));
    let ordered = edit(&mut state, |draft| draft.order_conversation_groups([HOME]));
    assert_eq!(ordered, [Event::GroupsOrdered { old: vec![WORK, HOME], new: vec![HOME, WORK] }]);
    let created = edit(&mut state, |draft| create(draft, "Chess"));
    assert_eq!(created, [Event::GroupCreated { id: CHESS, name: name("Chess") }]);
    let deleted = edit(&mut state, |draft| draft.remove_conversation_group(WORK));
    let gone = Event::GroupDeleted { id: WORK, name: name("Work"), data: None, place: 1, members: Vec::new() };
    assert_eq!(deleted, [gone], "it stood second of three");
}

#[test]
fn a_group_that_is_deleted_is_told_with_what_it_held() {
    let mut state = AccountState::default();
    edit(&mut state, |draft| {
        create(draft, "Work");
        draft.set_group_data(WORK, GroupData::stored("red"));
        draft.arrange(&one("bob"), Arrangement::default().with_conversation_group(WORK));
        draft.arrange(&one("amy"), Arrangement { standard: StandardMarks(1), ..Arrangement::default() });
    });
    let deleted = edit(&mut state, |draft| {
        draft.arrange(&one("bob"), Arrangement::default());
        draft.arrange(&one("amy"), Arrangement { standard: StandardMarks(2), ..Arrangement::default() });
        draft.remove_conversation_group(WORK);
    });
    let (data, members) = (GroupData::stored("red"), vec![one("bob")]);
    assert_eq!(deleted[0], Event::GroupDeleted { id: WORK, name: name("Work"), data, place: 0, members });
}

#[test]
fn an_order_of_pins_is_told_where_it_changes_and_not_where_pins_come_and_go() {
    let mut state = AccountState::default();
    edit(&mut state, |draft| ["amy", "bob"].map(one).iter().for_each(|peer| draft.pin(peer).unwrap()));
    let last = state.pins[&one("bob")].change;
    let ordered = edit(&mut state, |draft| draft.order_pins([last]));
    let (old, new) = (vec![one("amy"), one("bob")], vec![one("bob"), one("amy")]);
    assert_eq!(ordered, [Event::PinsOrdered { old, new }]);
    let pinned = edit(&mut state, |draft| draft.pin(&one("carol")).unwrap());
    assert_eq!(pinned, [Event::Pinned { conversation: one("carol"), pinned_at: NOW, place: 2 }]);
    let unpinned = edit(&mut state, |draft| draft.unpin(&one("amy")));
    assert_eq!(unpinned, [Event::Unpinned { conversation: one("amy"), pinned_at: NOW, place: 1 }]);
}

#[test]
fn a_conversation_that_leaves_the_list_with_its_pin_is_told_once() {
    let mut state = AccountState::default();
    edit(&mut state, |draft| draft.pin(&one("bob")).unwrap());
    let deleted = edit(&mut state, |draft| draft.delete_conversation(&one("bob"), Some(Timestamp(7))));
    let gone = Event::ConversationDeleted { conversation: one("bob"), entry: Some(Timestamp(7)), pin: Some((NOW, 0)) };
    assert_eq!(deleted, [gone]);
}

#[test]
fn deleting_a_pinned_conversation_without_an_entry_is_told_apart_from_unpinning_it() {
    let mut state = AccountState::default();
    edit(&mut state, |draft| draft.pin(&one("bob")).unwrap());
    let deleted = edit(&mut state, |draft| draft.delete_conversation(&one("bob"), None));
    assert_eq!(deleted, [Event::ConversationDeleted { conversation: one("bob"), entry: None, pin: Some((NOW, 0)) }]);
}

#[test]
fn an_entry_that_comes_back_is_told() {
    let entry = RecentEntry { conversation: one("bob"), at: Timestamp(7) };
    let restored = edit(&mut AccountState::default(), |draft| draft.restore_entry(entry.clone()));
    assert_eq!(restored, [Event::ConversationRestored { conversation: one("bob"), entry: Timestamp(7) }]);
}

#[test]
fn a_group_that_comes_back_is_told_as_new_and_then_with_its_data() {
    let (id, red) = (WORK, GroupData::stored("red"));
    let group = ConversationGroup { name: name("Work"), data: red.clone() };
    let told = edit(&mut AccountState::default(), |draft| draft.restore_group(WORK, group));
    let data = Event::GroupDataChanged { id, name: name("Work"), old_data: None, data: red };
    assert_eq!(told, [Event::GroupCreated { id, name: name("Work") }, data]);
}

#[test]
fn an_order_of_groups_is_told_whole_beside_those_that_came_and_left() {
    let mut state = three_groups();
    let told = edit(&mut state, |draft| {
        draft.remove_conversation_group(HOME);
        create(draft, "New");
        draft.order_conversation_groups([CHESS]);
    });
    let new = ConversationGroupId(4);
    let deleted = Event::GroupDeleted { id: HOME, name: name("Home"), data: None, place: 1, members: Vec::new() };
    let ordered = Event::GroupsOrdered { old: vec![WORK, HOME, CHESS], new: vec![CHESS, WORK, new] };
    assert_eq!(told, [deleted, Event::GroupCreated { id: new, name: name("New") }, ordered]);
}

#[test]
fn members_are_told_group_by_group_first_those_that_came_each_in_the_order_of_the_change() {
    let (mut state, none) = (three_groups(), Arrangement::EMPTY);
    edit(&mut state, |draft| draft.arrange(&one("zoe"), none.with_conversation_group(CHESS)));
    let told = edit(&mut state, |draft| {
        let both = none.with_conversation_group(HOME).with_conversation_group(WORK);
        draft.arrange(&one("zoe"), both);
        draft.arrange(&one("amy"), none.with_conversation_group(WORK));
    });
    let added = |id, text, members| Event::ConversationsAdded { id, name: name(text), members };
    let (to_work, to_home) = (vec![one("zoe"), one("amy")], vec![one("zoe")]);
    let removed = Event::ConversationsRemoved { id: CHESS, name: name("Chess"), members: vec![one("zoe")] };
    assert_eq!(told, [added(WORK, "Work", to_work), added(HOME, "Home", to_home), removed]);
}

#[test]
fn marks_are_told_for_each_conversation_in_the_order_of_the_change() {
    let told = edit(&mut AccountState::default(), |draft| {
        for peer in ["zoe", "amy"] {
            draft.arrange(&one(peer), Arrangement { custom: CustomMark::stored("vip"), ..Arrangement::default() });
        }
    });
    let marked = |peer| Event::MarkChanged {
        conversation: one(peer),
        old_standard: StandardMarks(0),
        standard: StandardMarks(0),
        old_custom: None,
        custom: CustomMark::stored("vip"),
    };
    assert_eq!(told, [marked("zoe"), marked("amy")]);
}

#[test]
fn a_pin_that_comes_back_between_others_is_told_by_its_place_alone() {
    let mut state = pinned(&["amy", "carol"]);
    let told = edit(&mut state, |draft| {
        let bob = draft.restore_pin(&one("bob"), Timestamp(5)).unwrap();
        draft.order_pins([draft.pins()[&one("amy")].change, bob]);
    });
    assert_eq!(told, [Event::Pinned { conversation: one("bob"), pinned_at: Timestamp(5), place: 1 }]);
}

#[test]
fn an_order_of_pins_is_told_whole_beside_those_that_came_and_left() {
    let mut state = pinned(&["amy", "bob", "carol"]);
    let told = edit(&mut state, |draft| {
        draft.unpin(&one("bob"));
        draft.pin(&one("dave")).unwrap();
        let first = ["carol", "dave"].map(|peer| draft.pins()[&one(peer)].change);
        draft.order_pins(first);
    });
    let told_so = [
        Event::Unpinned { conversation: one("bob"), pinned_at: NOW, place: 1 },
        Event::Pinned { conversation: one("dave"), pinned_at: NOW, place: 1 },
        Event::PinsOrdered {
            old: ["amy", "bob", "carol"].map(one).to_vec(),
            new: ["carol", "dave", "amy"].map(one).to_vec(),
        },
    ];
    assert_eq!(told, told_so);
}

#[test]
fn deleting_a_conversation_that_has_neither_entry_nor_pin_is_not_told() {
    let told = edit(&mut pinned(&["amy"]), |draft| {
        draft.unpin(&one("amy"));
        draft.delete_conversation(&one("bob"), None);
    });
    assert_eq!(told, [Event::Unpinned { conversation: one("amy"), pinned_at: NOW, place: 0 }]);
}

#[test]
fn an_import_is_told_alone_and_a_later_one_by_its_profile() {
    let mut state = AccountState::default();
    let profile = |nick: &str| Profile { nick: nick.to_owned(), face_url: String::new() };
    assert_eq!(edit(&mut state, |draft| draft.import(profile("Al"))), [Event::AccountImported]);
    assert_eq!(edit(&mut state, |draft| draft.import(profile("Bo"))), [Event::ProfileChanged]);
}

#[test]
fn a_change_tells_groups_then_members_then_marks_then_pins() {
    let told = edit(&mut AccountState::default(), |draft| {
        draft.pin(&one("bob")).unwrap();
        let marked = Arrangement { standard: StandardMarks(1), ..Arrangement::default() };
        draft.arrange(&one("bob"), marked.with_conversation_group(WORK));
        create(draft, "Work");
    });
    let names: Vec<_> = told.iter().map(Event::name).collect();
    assert_eq!(names, ["GroupCreated", "ConversationsAdded", "MarkChanged", "Pinned"]);
}
