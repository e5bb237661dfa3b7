//! Commits: of two on one version the second is refused, and changes nothing.

use std::sync::Arc;

use pinfold_store::{Backend, Commit, Version};

use super::Open;
use crate::support::{account, changes, chat_group, delete, load, mark, marking, name, one, state};

pub(super) async fn suite(open: &impl Open) {
    the_loser_of_a_race_conflicts_and_changes_nothing(open).await;
    a_commit_to_nothing_conflicts_with_an_account(open).await;
    a_commit_to_an_account_conflicts_with_nothing(open).await;
    a_deletion_that_lost_the_race_deletes_nothing(open).await;
    a_version_from_before_a_deletion_conflicts_with_the_account_that_came_after(open).await;
    of_many_commits_to_one_version_one_is_made(open).await;
    accounts_do_not_conflict_with_each_other(open).await;
}

async fn the_loser_of_a_race_conflicts_and_changes_nothing(open: &impl Open) {
    let backend = open("lost race").await;
    let alice = account(1, "alice");
    mark(&*backend, &alice, &one("bob"), 1).await;
    let base = load(&*backend, &alice).await;
    mark(&*backend, &alice, &one("bob"), 2).await;
    let winner = load(&*backend, &alice).await;
    let late = changes(&base.state, |draft| {
        draft.arrange(&one("carol"), crate::support::marks(4));
        draft.create_conversation_group(&name("Late"))?;
        draft.pin(&chat_group("late"))
    });
    let commit = backend.commit(&alice, base.version, Version::after(base.version), late).await.unwrap();
    assert_eq!(commit, Commit::Conflict);
    let after = load(&*backend, &alice).await;
    assert_eq!((after.version, after.state), (winner.version, winner.state));
}

async fn a_commit_to_nothing_conflicts_with_an_account(open: &impl Open) {
    let backend = open("base none").await;
    let alice = account(1, "alice");
    mark(&*backend, &alice, &one("bob"), 1).await;
    let before = state(&*backend, &alice).await;
    let late = marking(&Default::default(), &one("carol"), 4);
    let commit = backend.commit(&alice, None, Version::after(None), late).await.unwrap();
    assert_eq!((commit, state(&*backend, &alice).await), (Commit::Conflict, before));
}

async fn a_commit_to_an_account_conflicts_with_nothing(open: &impl Open) {
    let backend = open("base some").await;
    let nobody = account(1, "nobody");
    let late = marking(&Default::default(), &one("carol"), 4);
    let commit = backend.commit(&nobody, Some(Version::numbered(7)), Version::numbered(8), late).await.unwrap();
    let after = load(&*backend, &nobody).await;
    assert_eq!((commit, after.version, after.state.is_empty()), (Commit::Conflict, None, true));
}

async fn a_deletion_that_lost_the_race_deletes_nothing(open: &impl Open) {
    let backend = open("late deletion").await;
    let alice = account(1, "alice");
    mark(&*backend, &alice, &one("bob"), 1).await;
    let base = load(&*backend, &alice).await;
    mark(&*backend, &alice, &one("bob"), 2).await;
    let before = state(&*backend, &alice).await;
    let deletion = changes(&base.state, |draft| {
        draft.delete();
        Ok(())
    });
    let commit = backend.commit(&alice, base.version, Version::after(base.version), deletion).await.unwrap();
    assert_eq!((commit, state(&*backend, &alice).await), (Commit::Conflict, before));
}

/// Also when the new account has had exactly as many commits as the old one, by the same calls.
async fn a_version_from_before_a_deletion_conflicts_with_the_account_that_came_after(open: &impl Open) {
    let backend = open("deleted and recreated").await;
    let alice = account(1, "alice");
    for bits in [1, 2, 3] {
        mark(&*backend, &alice, &one("bob"), bits).await;
    }
    let base = load(&*backend, &alice).await;
    delete(&*backend, &alice).await;
    let late = || marking(&base.state, &one("carol"), 9);
    let commit = backend.commit(&alice, base.version, Version::after(base.version), late()).await.unwrap();
    assert_eq!(commit, Commit::Conflict, "nothing is there");
    for bits in [1, 2, 3] {
        mark(&*backend, &alice, &one("bob"), bits).await;
        let before = state(&*backend, &alice).await;
        let commit = backend.commit(&alice, base.version, Version::after(base.version), late()).await.unwrap();
        assert_eq!((commit, state(&*backend, &alice).await), (Commit::Conflict, before), "after {bits} commits");
    }
}

async fn of_many_commits_to_one_version_one_is_made(open: &impl Open) {
    let backend = open("many at once").await;
    let alice = account(1, "alice");
    for round in 0..10 {
        let base = load(&*backend, &alice).await;
        let tasks: Vec<_> = (1..=16)
            .map(|task| {
                let (backend, base, alice) = (Arc::clone(&backend), base.clone(), alice.clone());
                tokio::spawn(async move { try_to_mark(&*backend, &alice, &base, 100 * round + task).await })
            })
            .collect();
        let mut winners = Vec::new();
        for task in tasks {
            winners.extend(task.await.unwrap());
        }
        let after = state(&*backend, &alice).await;
        assert_eq!(winners, [after.arrangement(&one("bob")).standard.0], "round {round}");
        assert_eq!(u64::from(after.head.last_change.0), round + 1);
    }
}

async fn try_to_mark(
    backend: &dyn Backend,
    account: &pinfold_store::AccountKey,
    base: &pinfold_store::Loaded,
    bits: u64,
) -> Option<u64> {
    let changes = marking(&base.state, &one("bob"), bits);
    let commit = backend.commit(account, base.version, Version::after(base.version), changes).await.unwrap();
    (commit == Commit::Committed).then_some(bits)
}

async fn accounts_do_not_conflict_with_each_other(open: &impl Open) {
    let backend = open("neighbours").await;
    let (alice, bob) = (account(1, "alice"), account(1, "bob"));
    mark(&*backend, &alice, &one("x"), 1).await;
    let base = load(&*backend, &alice).await;
    mark(&*backend, &bob, &one("x"), 2).await;
    let next = marking(&base.state, &one("x"), 3);
    let commit = backend.commit(&alice, base.version, Version::after(base.version), next).await.unwrap();
    assert_eq!(commit, Commit::Committed);
}
