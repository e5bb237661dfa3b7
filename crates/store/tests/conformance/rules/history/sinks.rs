//! Telling of commits.

use std::sync::{Arc, Mutex};

use pinfold_core::HistoryChange;
use pinfold_store::{AccountKey, Backend, Commit, CommitSink, Loaded, Position, Scope, Version};

use super::super::Open;
use crate::support::history::{edit_kept, kept_changes, life, mark_kept};
use crate::support::{account, delete, edit, load, mark, marks, one};

pub(super) async fn suite(open: &impl Open) {
    every_commit_of_an_account_that_is_listened_to_is_told_once_and_can_be_read_then(open).await;
    a_conflict_is_not_told(open).await;
    commits_that_build_on_each_other_are_told_in_their_order(open).await;
}

/// What a sink is told of alice: the position and the change, or that she was deleted.
type Told = Option<(Position, Option<Arc<HistoryChange>>)>;

/// Listens to alice, and to all deletions.
#[derive(Default)]
struct Sink(Mutex<Vec<Told>>);

impl Sink {
    fn told(&self) -> Vec<Told> {
        self.0.lock().unwrap().clone()
    }
}

impl CommitSink for Sink {
    fn listens(&self, account: &AccountKey) -> bool {
        *account == alice()
    }

    fn committed(&self, account: &AccountKey, position: Position, change: Option<&Arc<HistoryChange>>) {
        assert_eq!(*account, alice(), "told of an account that it does not listen to");
        self.0.lock().unwrap().push(Some((position, change.cloned())));
    }

    fn deleted(&self, account: &AccountKey) {
        assert_eq!(*account, alice());
        self.0.lock().unwrap().push(None);
    }
}

fn alice() -> AccountKey {
    account(1, "alice")
}

fn listening(backend: &dyn Backend) -> Arc<Sink> {
    let sink = Arc::new(Sink::default());
    backend.tell(sink.clone());
    sink
}

async fn position(backend: &dyn Backend) -> Position {
    backend.positions(&[alice()]).await.unwrap()[0].unwrap()
}

async fn every_commit_of_an_account_that_is_listened_to_is_told_once_and_can_be_read_then(open: &impl Open) {
    let backend = open("told").await;
    let sink = listening(&*backend);
    let mut expected = Vec::new();
    for bits in 1..=3 {
        let change = mark_kept(&*backend, &alice(), bits).await;
        expected.push(Some((position(&*backend).await, Some(change))));
        assert_eq!(sink.told(), expected, "told before the caller is answered");
        mark_kept(&*backend, &account(1, "bob"), bits).await;
    }
    mark(&*backend, &alice(), &one("bob"), 9).await;
    expected.push(Some((position(&*backend).await, None)));
    assert_eq!(position(&*backend).await.history_from, 0);
    delete(&*backend, &alice()).await;
    expected.push(None);
    edit(&*backend, &alice(), |draft| {
        draft.ensure_exists();
        Ok(())
    })
    .await;
    expected.push(Some((position(&*backend).await, None)));
    assert_eq!(position(&*backend).await.life, life(&*backend, &alice()).await);
    let change = edit_kept(&*backend, &alice(), |draft| draft.pin(&one("bob"))).await;
    expected.push(Some((position(&*backend).await, Some(change))));
    assert_eq!(sink.told(), expected);
}

async fn a_conflict_is_not_told(open: &impl Open) {
    let backend = open("told conflict").await;
    let sink = listening(&*backend);
    let base = load(&*backend, &alice()).await;
    mark_kept(&*backend, &alice(), 1).await;
    let late = kept_changes(&base.state, |draft| draft.pin(&one("carol")));
    let late = backend.commit(&alice(), base.version, Version::after(base.version), late).await.unwrap();
    assert_eq!((late, sink.told().len()), (Commit::Conflict, 1));
}

async fn commits_that_build_on_each_other_are_told_in_their_order(open: &impl Open) {
    const CHANGES: u32 = 50;
    let backend = open("told chain").await;
    let sink = listening(&*backend);
    let mut outcomes = Vec::new();
    for bits in 1..=u64::from(CHANGES) {
        let (Loaded { version, state, .. }, _) = backend.latest(&alice(), &Scope::All, &[]).await.unwrap();
        let changes = kept_changes(&state, |draft| {
            draft.arrange(&one("bob"), marks(bits));
            Ok(())
        });
        outcomes.push(backend.begin_commit(&alice(), version, Version::after(version), changes).await.unwrap());
    }
    for outcome in outcomes {
        assert_eq!(outcome.await.unwrap(), Commit::Committed);
    }
    let mut told: Vec<_> = sink.told().into_iter().flatten().map(|(position, _)| position.revision.0).collect();
    if backend.is_shared() {
        told.sort_unstable();
    }
    assert_eq!(told, (1..=CHANGES).collect::<Vec<_>>());
}
