use super::*;
use crate::{AccountId, AccountState, Arrangement, Draft, PeerStatuses, RecentEntry, decide};

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
    });
    let deleted = edit(&mut state, |draft| {
        draft.arrange(&one("bob"), Arrangement::default());
        draft.remove_conversation_group(WORK);
    });
    let (data, members) = (GroupData::stored("red"), vec![one("bob")]);
    assert_eq!(deleted, [Event::GroupDeleted { id: WORK, name: name("Work"), data, place: 0, members }]);
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
