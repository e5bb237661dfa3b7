//! A whole account as one set of changes: how an account moves from one store to another.

use crate::{AccountState, OrdMap, Profile, StateDiff};

impl StateDiff {
    /// What makes this state of an account that nothing is kept for.
    ///
    /// Records are in the order they changed, as always.
    pub fn whole(state: &AccountState) -> Self {
        let mut records = written(&state.records);
        records.sort_by_key(|(_, record)| record.as_ref().map(|record| record.change));
        Self {
            head: Some(state.head.clone()),
            profile: (state.profile != Profile::default()).then(|| state.profile.clone()),
            conversation_groups: written(&state.conversation_groups),
            records,
            pins: written(&state.pins),
            ..Self::default()
        }
    }
}

fn written<K: Clone, V: Clone>(map: &OrdMap<K, V>) -> Vec<(K, Option<V>)> {
    map.iter().map(|(key, value)| (key.clone(), Some(value.clone()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{World, one};
    use crate::{Head, PeerStatuses, Timestamp, decide};

    fn rebuilt(state: &AccountState) -> AccountState {
        let mut rebuilt = AccountState::default();
        rebuilt.apply(&StateDiff::whole(state));
        rebuilt
    }

    /// An account with something of everything.
    fn rich() -> AccountState {
        let mut world = World::new();
        world.state.profile = Profile { nick: "Alice".into(), face_url: "https://example.com/a.png".into() };
        world.create("Work", &[one("bob"), one("amy")]).unwrap();
        world.create("Home", &[]).unwrap();
        world.pin(&[one("carol")]).unwrap();
        world.now += 5;
        world.set_marks(one("zoe"), 5).unwrap();
        world.set_marks(one("bob"), 1).unwrap();
        world.rename("Home", "House").unwrap();
        world.state
    }

    #[test]
    fn the_changes_of_a_whole_state_make_the_same_state_of_nothing() {
        assert_eq!(rebuilt(&rich()), rich());
        assert!(rich().head.repeat.is_some() && !rich().pins.is_empty() && rich().records.len() == 3);
    }

    #[test]
    fn an_account_that_has_only_a_head_is_rebuilt_and_not_deleted() {
        let imported = AccountState { head: Head { imported: true, ..Head::default() }, ..AccountState::default() };
        assert_eq!(rebuilt(&imported), imported);
        assert!(StateDiff::whole(&AccountState::default()).head.is_some());
    }

    #[test]
    fn records_come_in_the_order_they_changed() {
        let whole = StateDiff::whole(&rich());
        let order: Vec<_> = whole.records.iter().map(|(_, record)| record.as_ref().unwrap().change.0).collect();
        assert!(order.is_sorted() && order.len() == 3, "{order:?}");
    }

    #[test]
    fn the_next_change_goes_on_as_if_the_account_had_not_moved() {
        let (here, there) = (rich(), rebuilt(&rich()));
        let next = |state: &AccountState| {
            decide(state, true, &PeerStatuses::default(), Timestamp(0), |draft| {
                draft.create_conversation_group(&crate::GroupName::stored("New"))?;
                draft.pin(&one("dave"))
            })
        };
        assert_eq!(next(&here), next(&there));
    }
}
