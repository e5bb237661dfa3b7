//! A client that pages through what is found, ascending, while others change things, is shown whatever was there all
//! the time.

use std::collections::{BTreeMap, BTreeSet};

use pinfold_core::rules::{Cursor, Filter, Query, Sort};
use pinfold_core::{AccountId, AccountState};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::account::Hit;
use crate::calls::{Call, changing_call, policy};
use crate::model::Model;
use crate::real;
use crate::real_lists::found;

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn a_client_that_pages_under_change_is_shown_what_is_there_throughout_at_least_once(
        policy in policy(), recent in any::<bool>(), limit in 1..4usize,
        before in vec(changing_call(), 0..30), between in vec(vec(changing_call(), 0..4), 0..12)
    ) {
        let mut world = World { model: Model::new(policy), state: AccountState::default() };
        world.play(&[Call::Import { nick: 0 }]);
        world.play(&before);
        let sort = if recent { Sort::Recent } else { Sort::Changed };
        let (mut shown, mut there) = (BTreeSet::new(), world.all(sort));
        let (mut from, mut between) = (Cursor::first(sort, false), between.iter());
        // A page without changes after it moves on; 200 is more than all changes there can be.
        for _ in 0..200 {
            let (page, next) = world.page(Query { filter: Filter::default(), from: from.clone(), limit });
            shown.extend(page.into_iter().map(|hit| hit.peer));
            let Some(next) = next else { break };
            prop_assert_ne!(&next, &from, "the cursor stands still");
            from = next;
            for call in between.next().into_iter().flatten() {
                world.play(std::slice::from_ref(call));
                world.keep(sort, &mut there);
            }
        }
        let missed: Vec<_> = there.keys().filter(|peer| !shown.contains(*peer)).collect();
        prop_assert!(missed.is_empty(), "{:?} of {:?} were never shown", missed, there);
    }
}

struct World {
    model: Model,
    state: AccountState,
}

impl World {
    fn page(&self, query: Query) -> (Vec<Hit>, Option<Cursor>) {
        found(&self.model, &AccountId::parse("alice").unwrap(), &self.state, &query).unwrap()
    }

    /// Everything there is, by peer, with its time.
    fn all(&self, sort: Sort) -> BTreeMap<usize, Option<u32>> {
        let everything = Query { filter: Filter::default(), from: Cursor::first(sort, false), limit: usize::MAX };
        self.page(everything).0.into_iter().map(|hit| (hit.peer, hit.at)).collect()
    }

    /// Keeps of `there` what still is; by time only what did not become older.
    fn keep(&self, sort: Sort, there: &mut BTreeMap<usize, Option<u32>>) {
        let all = self.all(sort);
        there.retain(|peer, at| match all.get(peer) {
            Some(later) if sort == Sort::Changed || later >= at => {
                *at = *later;
                true
            }
            _ => false,
        });
    }

    /// The rules play; of the model the world is used.
    fn play(&mut self, calls: &[Call]) {
        for call in calls {
            let changes = real::run(&self.model, &self.state, call).map(|outcome| outcome.changes);
            changes.iter().flatten().for_each(|changes| self.state.apply(changes));
            let _ = self.model.call(call);
        }
    }
}
