//! A client that pages while others change things ends with what is there.

use std::collections::BTreeMap;

use pinfold_core::AccountState;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::account::Answer;
use crate::calls::{Call, changing_call, policy};
use crate::model::Model;
use crate::real;

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// The client may still hold records that were removed meanwhile; nothing else may differ.
    #[test]
    fn a_client_that_pages_under_change_has_every_record_as_it_is_at_the_end(
        policy in policy(), before in vec(changing_call(), 0..20), between in vec(vec(changing_call(), 0..4), 0..12)
    ) {
        let (mut world, mut state) = (Model::new(policy), AccountState::default());
        play(&mut world, &mut state, &[Call::Import { nick: 0 }]);
        play(&mut world, &mut state, &before);
        let (mut client, mut cursor) = (BTreeMap::new(), 0);
        let mut between = between.iter();
        // Each page but the last moves the cursor on; 200 is more than all changes there can be.
        for _ in 0..200 {
            let page = real::run(&world, &state, &Call::Page { cursor }).unwrap().answer;
            let Answer::Page(records, next, _) = page else { panic!("a page is a page") };
            client.extend(records.into_iter().map(|kept| (kept.peer, kept)));
            let Some(next) = next else { break };
            prop_assert!(next > cursor, "the cursor stands still");
            cursor = next;
            between.next().into_iter().for_each(|calls| play(&mut world, &mut state, calls));
        }
        for kept in real::account(&state).kept {
            prop_assert_eq!(client.get(&kept.peer), Some(&kept));
        }
    }
}

/// Only the rules play; of the model the world is used.
fn play(world: &mut Model, state: &mut AccountState, calls: &[Call]) {
    for call in calls {
        let outcome = real::run(world, state, call);
        if let Ok(changes) = outcome.map(|outcome| outcome.changes) {
            changes.iter().for_each(|changes| state.apply(changes));
        }
        if let Call::Register { .. } | Call::Clock { .. } = call {
            world.call(call).unwrap();
        }
    }
}
