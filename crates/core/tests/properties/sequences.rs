//! Sequences of calls, one after the other, on the rules and on the model.

use std::collections::BTreeSet;

use pinfold_core::{AccountState, Event};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::account::{Kept, is_grouped, is_marked};
use crate::calls::{Call, any_call, conversation, policy};
use crate::model::Model;
use crate::real::{self, View};
use crate::real_lists;

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_called_the_rules_answer_and_keep_what_the_model_does(
        policy in policy(), calls in vec(any_call(), 1..60)
    ) {
        let (mut model, mut state) = (Model::new(policy), AccountState::default());
        for call in std::iter::once(Call::Import { nick: 0 }).chain(calls) {
            step(&mut model, &mut state, &call)?;
        }
    }
}

fn step(model: &mut Model, state: &mut AccountState, call: &Call) -> Result<(), TestCaseError> {
    let outcome = real::run(model, state, call);
    from_a_part(model, state, call, &outcome)?;
    let (before, entries, existed) = (state.clone(), real_lists::entries(model), model.exists);
    let expected = model.call(call);
    prop_assert_eq!(outcome.as_ref().map(|outcome| &outcome.answer), expected.as_ref(), "{:?}", call);
    if let Ok(real::Outcome { changes, view, .. }) = outcome {
        if let Some(changes) = &changes {
            state.apply(changes);
            let is_of_existence = changes.head.is_none() || !existed;
            prop_assert!(is_of_existence || *state != before, "changes that change nothing: {:?}", changes);
            let deleted = if let Call::DeleteConversation { peer } = call { Some(conversation(*peer)) } else { None };
            let removed = entries.into_iter().filter(|entry| Some(&entry.conversation) == deleted.as_ref());
            prop_assert_eq!(&changes.removed_entries, &removed.collect::<Vec<_>>());
        }
        prop_assert_eq!(model.exists, changes.map_or(existed, |changes| changes.head.is_some()));
        if let Some(view) = view {
            prop_assert_eq!(view, View::of_state(state), "the draft showed something else");
        }
    }
    prop_assert_eq!(&real::account(state), &model.account, "after {:?}", call);
    invariants(model, &before, state, matches!(call, Call::DeleteAccount))
}

/// The same call on only the records it names must come to the same, and tell the same.
fn from_a_part(
    model: &Model,
    state: &AccountState,
    call: &Call,
    whole: &Result<real::Outcome, &'static str>,
) -> Result<(), TestCaseError> {
    let Some(named) = call.names() else { return Ok(()) };
    let named: Vec<_> = named.into_iter().map(conversation).collect();
    let mut part = state.clone();
    part.records = named.iter().filter_map(|who| Some((who.clone(), state.records.get(who)?.clone()))).collect();
    let told = |state: &AccountState, outcome: &real::Outcome| {
        let changes = outcome.changes.clone();
        let events = changes.as_ref().map(|changes| Event::between(state, changes));
        (outcome.answer.clone(), changes, events)
    };
    let of_part = real::run(model, &part, call).map(|outcome| told(&part, &outcome));
    let of_whole = whole.as_ref().map(|outcome| told(state, outcome));
    prop_assert_eq!(of_part, of_whole.map_err(|kind| *kind), "{:?} on a part", call);
    Ok(())
}

pub(crate) fn invariants(
    model: &Model,
    before: &AccountState,
    after: &AccountState,
    deleted: bool,
) -> Result<(), TestCaseError> {
    let (limits, head) = (&model.policy.limits, &after.head);
    let kept = real::account(after).kept;
    let grouped = kept.iter().filter(|kept| is_grouped(kept)).count();
    let marked = kept.iter().filter(|kept| is_marked(kept)).count();
    prop_assert_eq!(after.check(), Ok(()));
    prop_assert_eq!((head.grouped as usize, head.marked as usize), (grouped, marked), "the counters");
    prop_assert!(grouped <= limits.grouped_conversations_max && marked <= limits.marked_conversations_max);
    prop_assert!(after.conversation_groups.len() <= limits.conversation_groups_max);
    prop_assert!(after.pins.len() <= limits.pins_max);
    if !deleted {
        prop_assert!(head.last_change >= before.head.last_change);
        prop_assert!(head.newest >= before.head.newest || before.head.newest.0 > model.now + 86_400);
        prop_assert!(head.revision == before.head.revision || head.revision == before.head.revision + 1);
        prop_assert!(head.last_conversation_group_id >= before.head.last_conversation_group_id);
    }
    prop_assert!(kept.windows(2).all(|pair| pair[0].change < pair[1].change));
    let numbers = kept.iter().map(|kept| kept.change).chain(after.pins.values().map(|pin| pin.change.0));
    let numbers: Vec<_> = numbers.collect();
    prop_assert_eq!(numbers.iter().collect::<BTreeSet<_>>().len(), numbers.len(), "a number was given twice");
    prop_assert!(numbers.iter().all(|number| (1..=head.last_change.0).contains(number)));
    let groups_exist =
        |kept: &Kept| kept.groups.iter().all(|id| after.conversation_groups.keys().any(|other| other.0 == *id));
    prop_assert!(kept.iter().all(groups_exist), "a record refers to a group that is gone");
    Ok(())
}
