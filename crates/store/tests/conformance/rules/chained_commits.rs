//! Changes that build on each other before the disk has the first of them.

use pinfold_store::{Backend, Commit, Loaded, Outcome, Scope, Version};

use super::Open;
use crate::support::{account, changes, load, marking, marks, one};

pub(super) async fn suite(open: &impl Open) {
    the_next_change_begins_from_the_one_that_was_begun_last(open).await;
    a_state_read_as_latest_is_durable_after_wait_durable(open).await;
    a_change_that_builds_on_an_older_one_than_the_newest_conflicts(open).await;
    a_change_based_on_a_conflicting_one_conflicts_too(open).await;
}

async fn latest(backend: &dyn Backend) -> Loaded {
    backend.latest(&account(1, "alice"), &Scope::All, &[]).await.unwrap().0
}

/// Begins to mark a conversation, on top of `base`.
async fn begin(backend: &dyn Backend, base: &Loaded, peer: &str) -> Outcome {
    let changes = marking(&base.state, &one(peer), 1);
    backend.begin_commit(&account(1, "alice"), base.version, Version::after(base.version), changes).await.unwrap()
}

async fn the_next_change_begins_from_the_one_that_was_begun_last(open: &impl Open) {
    let backend = open("chain").await;
    let mut outcomes = Vec::new();
    for peer in ["amy", "bob", "carol"] {
        outcomes.push(begin(&*backend, &latest(&*backend).await, peer).await);
    }
    assert_eq!(latest(&*backend).await.state.records.len(), 3);
    for outcome in outcomes {
        assert_eq!(outcome.await.unwrap(), Commit::Committed);
    }
    let kept = load(&*backend, &account(1, "alice")).await.state;
    assert_eq!((kept.records.len(), kept.head.last_change.0), (3, 3));
}

async fn a_state_read_as_latest_is_durable_after_wait_durable(open: &impl Open) {
    let backend = open("wait_durable").await;
    let outcome = begin(&*backend, &latest(&*backend).await, "amy").await;
    let shown = latest(&*backend).await;
    assert!(backend.wait_durable(&account(1, "alice"), &shown).await.unwrap());
    let kept = load(&*backend, &account(1, "alice")).await;
    assert_eq!((kept.version, kept.state), (shown.version, shown.state));
    assert_eq!(outcome.await.unwrap(), Commit::Committed);
}

async fn a_change_that_builds_on_an_older_one_than_the_newest_conflicts(open: &impl Open) {
    let backend = open("chain, stale").await;
    let base = latest(&*backend).await;
    let first = begin(&*backend, &base, "amy").await;
    let second = begin(&*backend, &base, "bob").await;
    assert_eq!((first.await.unwrap(), second.await.unwrap()), (Commit::Committed, Commit::Conflict));
    assert!(!load(&*backend, &account(1, "alice")).await.state.records.contains_key(&one("bob")));
}

async fn a_change_based_on_a_conflicting_one_conflicts_too(open: &impl Open) {
    let backend = open("chain, broken").await;
    let base = latest(&*backend).await;
    begin(&*backend, &base, "amy").await.await.unwrap();
    let never = Version::after(base.version);
    let built = changes(&base.state, |draft| {
        draft.arrange(&one("bob"), marks(1));
        Ok(())
    });
    let late = backend.commit(&account(1, "alice"), Some(never), Version::after(Some(never)), built).await.unwrap();
    assert_eq!(late, Commit::Conflict);
    assert_eq!(load(&*backend, &account(1, "alice")).await.state.records.len(), 1);
}
