//! What happened to an account: the story of a set of changes, for change feeds and webhooks.

use crate::{
    AccountState, Arrangement, Conversation, ConversationGroup, ConversationGroupId, GroupData, GroupName, RecentEntry,
    StateDiff, order, state,
};

/// One thing that happened to an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The account was imported, or its profile changed.
    AccountImported,
    /// The account was deleted with all that was kept for it.
    AccountDeleted,
    /// A conversation group came into being.
    ConversationGroupCreated(ConversationGroupId, GroupName),
    /// A conversation group got this name.
    ConversationGroupRenamed(ConversationGroupId, GroupName),
    /// A conversation group was deleted.
    ConversationGroupDeleted(ConversationGroupId),
    /// A conversation group got this data, or lost what it had.
    ConversationGroupDataChanged(ConversationGroupId, Option<GroupData>),
    /// The conversation groups have this order. It does not tell of one that came last or left.
    ConversationGroupsOrdered(Vec<ConversationGroupId>),
    /// A conversation was put into a conversation group.
    ConversationAdded(ConversationGroupId, Conversation),
    /// A conversation was taken out of a conversation group, or the group was deleted.
    ConversationRemoved(ConversationGroupId, Conversation),
    /// Standard or custom marks of a conversation changed.
    MarksChanged(Conversation),
    /// A conversation was pinned.
    Pinned(Conversation),
    /// A conversation was unpinned, or deleted from the list of recent conversations without having an entry there.
    Unpinned(Conversation),
    /// The pinned conversations have this order. It does not tell of one that came last or left.
    PinsOrdered(Vec<Conversation>),
    /// A conversation left the list of recent conversations, and its pin with it.
    ConversationDeleted(RecentEntry),
}

impl Event {
    /// What the changes say happened to the account that was in state `before`. Made on demand, as most
    /// changes have no subscriber.
    pub fn between(before: &AccountState, changes: &StateDiff) -> Vec<Self> {
        if changes.head.is_none() {
            return vec![Self::AccountDeleted];
        }
        let mut events = Vec::new();
        if changes.profile.is_some() || changes.head.as_ref().is_some_and(|head| head.imported != before.head.imported)
        {
            events.push(Self::AccountImported);
        }
        for (id, group) in &changes.conversation_groups {
            regrouped(&mut events, *id, before.conversation_groups.get(id), group.as_ref());
        }
        events.extend(groups_ordered(before, changes));
        for (conversation, record) in &changes.records {
            let after = record.as_ref().map_or(Arrangement::EMPTY, |record| &record.arrangement);
            rearranged(&mut events, conversation, before.arrangement(conversation), after);
        }
        events.extend(changes.pins.iter().filter_map(|(conversation, pin)| match pin {
            Some(_) => Some(Self::Pinned(conversation.clone())),
            None if changes.removed_entries.iter().any(|entry| entry.conversation == *conversation) => None,
            None => Some(Self::Unpinned(conversation.clone())),
        }));
        events.extend(pins_ordered(before, changes));
        events.extend(changes.removed_entries.iter().cloned().map(Self::ConversationDeleted));
        events
    }
}

fn regrouped(
    events: &mut Vec<Event>,
    id: ConversationGroupId,
    before: Option<&ConversationGroup>,
    after: Option<&ConversationGroup>,
) {
    let Some(after) = after else { return events.push(Event::ConversationGroupDeleted(id)) };
    match before {
        None => events.push(Event::ConversationGroupCreated(id, after.name.clone())),
        Some(before) if before.name != after.name => {
            events.push(Event::ConversationGroupRenamed(id, after.name.clone()));
        }
        Some(_) => {}
    }
    if before.and_then(|before| before.data.as_ref()) != after.data.as_ref() {
        events.push(Event::ConversationGroupDataChanged(id, after.data.clone()));
    }
}

fn groups_ordered(before: &AccountState, changes: &StateDiff) -> Option<Event> {
    let kept = &changes.head.as_ref()?.group_order;
    let mut groups = before.conversation_groups.clone();
    state::put(&mut groups, &changes.conversation_groups);
    let order = order::members(kept, groups.keys().copied());
    let is_other = order != order::members(&before.head.group_order, groups.keys().copied());
    is_other.then_some(Event::ConversationGroupsOrdered(order))
}

fn pins_ordered(before: &AccountState, changes: &StateDiff) -> Option<Event> {
    let kept = &changes.head.as_ref()?.pin_order;
    let mut pins = before.pins.clone();
    state::put(&mut pins, &changes.pins);
    let order = order::pins(kept, &pins);
    let is_other = order != order::pins(&before.head.pin_order, &pins);
    is_other.then(|| Event::PinsOrdered(order.into_iter().map(|(conversation, _)| conversation.clone()).collect()))
}

fn rearranged(events: &mut Vec<Event>, conversation: &Conversation, before: &Arrangement, after: &Arrangement) {
    let added = after.conversation_groups.iter().filter(|id| !before.is_in(**id));
    events.extend(added.map(|id| Event::ConversationAdded(*id, conversation.clone())));
    let removed = before.conversation_groups.iter().filter(|id| !after.is_in(**id));
    events.extend(removed.map(|id| Event::ConversationRemoved(*id, conversation.clone())));
    if (before.standard, &before.custom) != (after.standard, &after.custom) {
        events.push(Event::MarksChanged(conversation.clone()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AccountId, Draft, PeerStatuses, StandardMarks, Timestamp, decide};

    const WORK: ConversationGroupId = ConversationGroupId(1);
    const HOME: ConversationGroupId = ConversationGroupId(2);

    fn one(account: &str) -> Conversation {
        Conversation::OneToOne(AccountId::parse(account).unwrap())
    }

    /// Edits an account, and tells what that was.
    fn edit(state: &mut AccountState, edit: impl FnOnce(&mut Draft<'_>)) -> Vec<Event> {
        let rule = |draft: &mut Draft<'_>| {
            edit(draft);
            Ok(())
        };
        let ((), changes) = decide(state, true, &PeerStatuses::default(), Timestamp(1), rule).unwrap();
        let changes = changes.unwrap();
        let events = Event::between(state, &changes);
        state.apply(&changes);
        events
    }

    fn create(draft: &mut Draft<'_>, name: &str) {
        draft.create_conversation_group(&GroupName::stored(name)).unwrap();
    }

    #[test]
    fn events_tell_what_changed_and_nothing_that_stayed() {
        let bob = one("bob");
        let mut state = AccountState::default();
        let mut arrange = |arrangement| edit(&mut state, |draft| draft.arrange(&bob, arrangement));
        let marked = Arrangement { standard: StandardMarks(1), ..Arrangement::default() };
        assert_eq!(arrange(marked.clone()), [Event::MarksChanged(bob.clone())]);
        assert_eq!(arrange(marked.with_conversation_group(WORK)), [Event::ConversationAdded(WORK, bob.clone())]);
        let both = [Event::ConversationRemoved(WORK, bob.clone()), Event::MarksChanged(bob.clone())];
        assert_eq!(arrange(Arrangement::default()), both);
    }

    #[test]
    fn the_data_of_a_group_is_told_apart_from_its_name() {
        let mut state = AccountState::default();
        let created = edit(&mut state, |draft| create(draft, "Work"));
        assert_eq!(created, [Event::ConversationGroupCreated(WORK, GroupName::stored("Work"))]);
        let red = GroupData::stored("red");
        let coloured = edit(&mut state, |draft| draft.set_group_data(WORK, red.clone()));
        assert_eq!(coloured, [Event::ConversationGroupDataChanged(WORK, red)]);
        let (office, both) = (GroupName::stored("Office"), |draft: &mut Draft<'_>| {
            draft.name_conversation_group(WORK, &GroupName::stored("Office"));
            draft.set_group_data(WORK, None);
        });
        let renamed = Event::ConversationGroupRenamed(WORK, office);
        assert_eq!(edit(&mut state, both), [renamed, Event::ConversationGroupDataChanged(WORK, None)]);
    }

    #[test]
    fn an_order_is_told_where_it_changes_and_not_where_groups_come_and_go() {
        let mut state = AccountState::default();
        edit(&mut state, |draft| ["Work", "Home"].into_iter().for_each(|name| create(draft, name)));
        let ordered = edit(&mut state, |draft| draft.order_conversation_groups([HOME]));
        assert_eq!(ordered, [Event::ConversationGroupsOrdered(vec![HOME, WORK])]);
        let created = edit(&mut state, |draft| create(draft, "Chess"));
        assert_eq!(created, [Event::ConversationGroupCreated(ConversationGroupId(3), GroupName::stored("Chess"))]);
        let deleted = edit(&mut state, |draft| draft.remove_conversation_group(HOME));
        assert_eq!(deleted, [Event::ConversationGroupDeleted(HOME)]);
        assert_eq!(state.head.group_order, []);
    }

    #[test]
    fn an_order_of_pins_is_told_where_it_changes_and_not_where_pins_come_and_go() {
        let mut state = AccountState::default();
        edit(&mut state, |draft| ["amy", "bob"].map(one).iter().for_each(|peer| draft.pin(peer).unwrap()));
        let last = state.pins[&one("bob")].change;
        let ordered = edit(&mut state, |draft| draft.order_pins([last]));
        assert_eq!(ordered, [Event::PinsOrdered(vec![one("bob"), one("amy")])]);
        let pinned = edit(&mut state, |draft| draft.pin(&one("carol")).unwrap());
        assert_eq!(pinned, [Event::Pinned(one("carol"))]);
        assert_eq!(edit(&mut state, |draft| draft.unpin(&one("bob"))), [Event::Unpinned(one("bob"))]);
        assert_eq!(state.head.pin_order, []);
    }

    #[test]
    fn a_conversation_that_leaves_the_list_with_its_pin_is_told_once() {
        let mut state = AccountState::default();
        edit(&mut state, |draft| draft.pin(&one("bob")).unwrap());
        let entry = RecentEntry { conversation: one("bob"), at: Timestamp(7) };
        let deleted = edit(&mut state, |draft| {
            draft.unpin(&one("bob"));
            draft.remove_entry(entry.clone());
        });
        assert_eq!(deleted, [Event::ConversationDeleted(entry)]);
    }
}
