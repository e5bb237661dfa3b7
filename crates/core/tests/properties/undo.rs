//! Undoing changes: in reverse it brings everything back, and in any order it does what the model says.

use pinfold_core::rules::{self, Context, Entries};
use pinfold_core::{AccountId, AccountState, Event, HistoryChange, Origin, Refusal, StateDiff, Timestamp, Via, decide};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::account::Kind;
use crate::arranged::Arranged;
use crate::calls::{Call, changing_call, conversation, policy};
use crate::events;
use crate::model::Model;
use crate::model_undo;
use crate::real::{self, peer};
use crate::sequences::invariants;

/// Something that is called, or the index of a change that is undone.
#[derive(Clone, Debug)]
enum Step {
    Call(Call),
    Undo(usize),
}

fn call() -> impl Strategy<Value = Call> {
    prop_oneof![
        30 => changing_call(),
        1 => (0..2usize).prop_map(|nick| Call::Import { nick }),
        1 => prop_oneof![9 => Just(Call::List), 1 => Just(Call::DeleteAccount)],
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![2 => call().prop_map(Step::Call), 1 => any::<usize>().prop_map(Step::Undo)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn changes_that_are_undone_in_reverse_order_leave_everything_as_it_was(
        policy in policy(), calls in vec(call(), 1..50)
    ) {
        let mut story = Story::new(policy);
        for call in &calls {
            story.call(call)?;
        }
        for (change, before) in std::mem::take(&mut story.changes).into_iter().rev() {
            if model_undo::is_undoable(&change.events) {
                let undone = story.undo(&change);
                prop_assert!(undone.is_ok(), "{:?} of {:?}", undone, change);
                prop_assert_eq!(story.arranged(), before, "after undoing {:?}", change);
            }
        }
    }

    #[test]
    fn a_change_that_is_undone_at_any_time_is_undone_whole_or_refused_whole(
        policy in policy(), steps in vec(step(), 1..60)
    ) {
        let mut story = Story::new(policy);
        for step in &steps {
            match step {
                Step::Call(call) => story.call(call)?,
                Step::Undo(nth) => story.undo_one_of(*nth)?,
            }
        }
    }
}

/// An account with its history, and the world around it.
#[derive(Clone)]
struct Story {
    world: Model,
    state: AccountState,
    /// Each with what was arranged before, and with the messages that came since.
    changes: Vec<(HistoryChange, Arranged)>,
}

impl Story {
    /// An account that was just imported.
    fn new(policy: pinfold_core::AppPolicy) -> Self {
        let mut story = Self { world: Model::new(policy), state: AccountState::default(), changes: Vec::new() };
        story.call(&Call::Import { nick: 0 }).expect("an import");
        story
    }

    fn arranged(&self) -> Arranged {
        Arranged::of(&self.state, &self.world)
    }

    fn call(&mut self, call: &Call) -> Result<(), TestCaseError> {
        let Ok(outcome) = real::run(&self.world, &self.state, call) else { return Ok(()) };
        let (before, arranged) = (self.state.clone(), self.arranged());
        self.world.call(call).expect("the model takes what the rules take");
        outcome.changes.iter().for_each(|diff| self.state.apply(diff));
        prop_assert_eq!(&real::account(&self.state), &self.world.account, "after {:?}", call);
        match call {
            Call::DeleteAccount => self.changes.clear(),
            Call::Touch { peer, ago } => {
                let at = self.world.now.saturating_sub(*ago);
                self.changes.iter_mut().for_each(|(_, before)| before.touch(*peer, at));
            }
            _ => self.tell(&before, arranged, outcome.changes.as_ref())?,
        }
        Ok(())
    }

    /// Keeps a change, whose events have to be exact.
    fn tell(
        &mut self,
        before: &AccountState,
        arranged: Arranged,
        diff: Option<&StateDiff>,
    ) -> Result<(), TestCaseError> {
        let origin = Origin { caller: None, via: Via::Call, command: "any".into() };
        let Some(change) = diff.and_then(|diff| HistoryChange::of(before, diff, &origin)) else { return Ok(()) };
        prop_assert!(!change.events.is_empty(), "a change tells something");
        prop_assert_eq!(&events::replay(&arranged, &change.events), &self.arranged(), "{:?}", change);
        self.changes.push((change, arranged));
        Ok(())
    }

    /// Undoes a change; whether there was something to do.
    fn undo(&mut self, change: &HistoryChange) -> Result<bool, Refusal> {
        let account = AccountId::parse("alice").unwrap();
        let ctx = Context { policy: &self.world.policy, account: &account };
        let entries = self.world.entries.iter().map(|(peer, at)| (conversation(*peer), Timestamp(*at)));
        let (entries, now): (Entries, _) = (entries.collect(), Timestamp(self.world.now));
        let ((), diff) = decide(&self.state, self.world.exists, &[].into_iter().collect(), now, |draft| {
            rules::undo(&ctx, draft, change.revision, Some(change), &entries)
        })?;
        let Some(diff) = diff else { return Ok(false) };
        let (before, arranged) = (self.state.clone(), self.arranged());
        self.state.apply(&diff);
        self.follow(&diff);
        self.tell(&before, arranged, Some(&diff)).expect("its events are exact");
        Ok(true)
    }

    /// Brings the world to where the account is.
    fn follow(&mut self, diff: &StateDiff) {
        let mut arranged = self.arranged();
        let is_removed = |who: usize| diff.removed_entries.iter().any(|entry| peer(&entry.conversation) == who);
        arranged.entries.retain(|peer, _| !is_removed(*peer));
        diff.restored_entries.iter().for_each(|entry| arranged.touch(peer(&entry.conversation), entry.at.0));
        self.world.entries = arranged.entries.into_iter().collect();
        self.world.account = real::account(&self.state);
    }

    fn undo_one_of(&mut self, nth: usize) -> Result<(), TestCaseError> {
        if self.changes.is_empty() {
            return Ok(());
        }
        let change = self.changes[nth % self.changes.len()].0.clone();
        let (state, before) = (self.state.clone(), self.arranged());
        let expected = match self.world.known() {
            Ok(()) => model_undo::undo(&self.world.policy, &before, &change.events),
            Err(kind) => Err(kind),
        };
        let undone = self.undo(&change).map_err(|refusal| kind(&refusal));
        let after = model_undo::without_orders(self.arranged());
        match (expected, undone) {
            (Err(expected), undone) => {
                prop_assert_eq!(undone, Err(expected), "{:?} before {:?}", change, before);
                prop_assert_eq!(&self.state, &state);
            }
            (Ok(expected), undone) => {
                let is_nothing_to_do = model_undo::without_orders(expected.clone())
                    == model_undo::without_orders(before.clone())
                    && model_undo::is_ordered(&before, &change.events, &before);
                prop_assert_eq!(&undone, &Ok(!is_nothing_to_do), "{:?} before {:?}", change, before);
                prop_assert_eq!(after, model_undo::without_orders(expected), "{:?} before {:?}", change, before);
                prop_assert!(model_undo::is_ordered(&before, &change.events, &self.arranged()), "{:?}", change);
                invariants(&self.world, &state, &self.state, false)?;
                prop_assert_eq!(self.clone().undo(&change), Ok(false), "the second time {:?}", change);
                if undone == Ok(true) {
                    self.undo_the_undo(before)?;
                }
            }
        }
        Ok(())
    }

    /// An undo that is undone at once gives what was before it; but an entry that was older than the one that came
    /// back is gone.
    fn undo_the_undo(&self, mut before: Arranged) -> Result<(), TestCaseError> {
        let mut story = self.clone();
        let (undo, _) = story.changes[story.changes.len() - 1].clone();
        for event in &undo.events {
            if let Event::ConversationRestored { conversation, .. } = event {
                before.entries.remove(&peer(conversation));
            }
        }
        prop_assert_eq!(story.undo(&undo), Ok(true), "{:?}", undo);
        prop_assert_eq!(story.arranged(), before, "after undoing {:?}", undo);
        Ok(())
    }
}

fn kind(refusal: &Refusal) -> Kind {
    match refusal {
        Refusal::NotUndoable { .. } => "not undoable",
        Refusal::ChangedSince { .. } => "changed since",
        other => real::kind(other),
    }
}
