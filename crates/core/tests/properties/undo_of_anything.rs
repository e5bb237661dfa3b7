//! Histories come from stores and from dumps: whatever a change tells, undoing it leaves an account that rules can work on.

use pinfold_core::rules::{self, Context, Entries};
use pinfold_core::{
    AccountId, AccountState, Conversation, ConversationGroupId, CustomMark, Event, GroupData, GroupName, HistoryChange,
    Revision, StandardMarks, TimeMs, Timestamp, Via, decide,
};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::calls::{CUSTOM, NAMES, PEERS, changing_call, conversation, policy};
use crate::model::Model;
use crate::real::{self, group_name};

fn id() -> impl Strategy<Value = ConversationGroupId> {
    (1..4u32).prop_map(ConversationGroupId)
}

fn name() -> impl Strategy<Value = GroupName> {
    (0..NAMES.len()).prop_map(group_name)
}

fn who() -> impl Strategy<Value = Conversation> {
    (0..PEERS.len()).prop_map(conversation)
}

fn data() -> impl Strategy<Value = Option<GroupData>> {
    (0..CUSTOM.len()).prop_map(|data| GroupData::stored(CUSTOM[data]))
}

fn custom() -> impl Strategy<Value = Option<CustomMark>> {
    (0..CUSTOM.len()).prop_map(|custom| CustomMark::stored(CUSTOM[custom]))
}

fn event() -> impl Strategy<Value = Event> {
    let (ids, peers) = (|| vec(id(), 0..5), || vec(who(), 0..5));
    let at = || (0..5u32).prop_map(Timestamp);
    prop_oneof![
        (id(), name()).prop_map(|(id, name)| Event::GroupCreated { id, name }),
        (id(), name(), name()).prop_map(|(id, old_name, name)| Event::GroupRenamed { id, old_name, name }),
        (id(), name(), data(), 0..9u32, peers()).prop_map(|(id, name, data, place, members)| Event::GroupDeleted {
            id,
            name,
            data,
            place,
            members
        }),
        (id(), name(), data(), data()).prop_map(|(id, name, old_data, data)| Event::GroupDataChanged {
            id,
            name,
            old_data,
            data
        }),
        (ids(), ids()).prop_map(|(old, new)| Event::GroupsOrdered { old, new }),
        (id(), name(), peers()).prop_map(|(id, name, members)| Event::ConversationsAdded { id, name, members }),
        (id(), name(), peers()).prop_map(|(id, name, members)| Event::ConversationsRemoved { id, name, members }),
        (who(), 0..4u64, 0..4u64, custom(), custom()).prop_map(|(conversation, old, new, old_custom, custom)| {
            let (old_standard, standard) = (StandardMarks(old), StandardMarks(new));
            Event::MarkChanged { conversation, old_standard, standard, old_custom, custom }
        }),
        (who(), at(), 0..9u32).prop_map(|(conversation, pinned_at, place)| Event::Pinned {
            conversation,
            pinned_at,
            place
        }),
        (who(), at(), 0..9u32).prop_map(|(conversation, pinned_at, place)| Event::Unpinned {
            conversation,
            pinned_at,
            place
        }),
        (peers(), peers()).prop_map(|(old, new)| Event::PinsOrdered { old, new }),
        (who(), any::<bool>(), at(), 0..9u32).prop_map(|(conversation, pinned, at, place)| {
            Event::ConversationDeleted { conversation, entry: Some(at), pin: pinned.then_some((at, place)) }
        }),
        (who(), at()).prop_map(|(conversation, entry)| Event::ConversationRestored { conversation, entry }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_change_tells_its_undo_leaves_an_account_that_is_consistent(
        policy in policy(), calls in vec(changing_call(), 0..20), events in vec(event(), 1..6)
    ) {
        let (mut world, mut state) = (Model::new(policy), AccountState::default());
        state.head.imported = true;
        world.account.imported = true;
        for call in &calls {
            let Ok(outcome) = real::run(&world, &state, call) else { continue };
            world.call(call).expect("the model takes what the rules take");
            outcome.changes.iter().for_each(|diff| state.apply(diff));
        }
        let (revision, at, command) = (Revision(1), TimeMs(1), "any".into());
        let change = HistoryChange { revision, at, caller: None, via: Via::Call, command, events };
        let account = AccountId::parse("alice").unwrap();
        let ctx = Context { policy: &world.policy, account: &account };
        let (entries, now) = (Entries::from([(conversation(0), Timestamp(2))]), Timestamp(world.now));
        let decided = decide(&state, true, &[].into_iter().collect(), now, |draft| {
            rules::undo(&ctx, draft, revision, Some(&change), &entries)
        });
        if let Ok(((), Some(diff))) = decided {
            let told = Event::between(&state, &diff);
            state.apply(&diff);
            prop_assert_eq!(state.check(), Ok(()), "{:?} told {:?}", change, told);
        }
    }
}
