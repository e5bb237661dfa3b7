//! A change is kept exactly when its commit is.

use pinfold_core::Event;
use pinfold_store::{Commit, Loaded, Outcome, Scope, Version};

use super::super::Open;
use super::super::recents::{entries, entry, touch};
use crate::support::history::{EVERYTHING, edit_kept, kept_changes, life, mark_kept, revisions, stored};
use crate::support::{account, changes, delete, load, mark, marks, one};

pub(super) async fn suite(open: &impl Open) {
    a_change_is_kept_by_the_commit_that_makes_it(open).await;
    a_commit_whose_head_tells_of_no_history_keeps_no_change(open).await;
    a_lost_race_keeps_no_change(open).await;
    a_commit_that_conflicts_on_an_entry_keeps_no_change(open).await;
    changes_that_build_on_each_other_before_they_are_durable_are_all_kept(open).await;
    another_account_or_app_or_life_has_no_changes_of_it(open).await;
    an_account_that_comes_after_a_deletion_has_only_its_own_changes(open).await;
    of_an_entry_that_comes_back_and_the_one_that_is_kept_the_later_stays(open).await;
    a_commit_removes_one_entry_and_brings_another_back(open).await;
}

async fn a_change_is_kept_by_the_commit_that_makes_it(open: &impl Open) {
    let backend = open("history").await;
    let alice = account(1, "alice");
    let first = mark_kept(&*backend, &alice, 1).await;
    let second = edit_kept(&*backend, &alice, |draft| draft.pin(&one("carol"))).await;
    assert_eq!(stored(&*backend, &alice).await, [first, second.clone()]);
    assert!(matches!(&second.events[..], [Event::Pinned { place: 0, .. }]));
    let head = load(&*backend, &alice).await.state.head.clone();
    assert_eq!((head.history_from, head.revision), (1, 2));
}

async fn a_commit_whose_head_tells_of_no_history_keeps_no_change(open: &impl Open) {
    let backend = open("told only").await;
    let alice = account(1, "alice");
    mark_kept(&*backend, &alice, 1).await;
    let Loaded { version, state, .. } = load(&*backend, &alice).await;
    let mut told = changes(&state, |draft| draft.pin(&one("carol")));
    told.record(&state, &crate::support::history::origin(), false, true);
    assert!(told.change.is_some());
    let committed = backend.commit(&alice, version, Version::after(version), told).await.unwrap();
    assert_eq!(committed, Commit::Committed);
    mark(&*backend, &alice, &one("bob"), 2).await;
    assert_eq!(load(&*backend, &alice).await.state.head.history_from, 0);
    assert_eq!(mark_kept(&*backend, &alice, 3).await.revision.0, 4);
    assert_eq!(load(&*backend, &alice).await.state.head.history_from, 4);
    let stored = revisions(&*backend, &alice).await;
    assert_eq!(stored.into_iter().filter(|revision| *revision > 1).collect::<Vec<_>>(), [4]);
}

async fn a_lost_race_keeps_no_change(open: &impl Open) {
    let backend = open("lost race").await;
    let alice = account(1, "alice");
    let base = load(&*backend, &alice).await;
    let mark = |bits| {
        kept_changes(&base.state, |draft| {
            draft.arrange(&one("bob"), marks(bits));
            Ok(())
        })
    };
    let first = mark(1).change.unwrap();
    let commit = async |bits| backend.commit(&alice, None, Version::after(None), mark(bits)).await.unwrap();
    assert_eq!((commit(1).await, commit(2).await), (Commit::Committed, Commit::Conflict));
    assert_eq!(stored(&*backend, &alice).await, [first]);
}

/// PostgreSQL commits, as if the touch came after it.
async fn a_commit_that_conflicts_on_an_entry_keeps_no_change(open: &impl Open) {
    let backend = open("stale entry").await;
    let alice = account(1, "alice");
    mark_kept(&*backend, &alice, 1).await;
    touch(&*backend, &[("alice", one("bob"), 6)]).await;
    let Loaded { version, state, .. } = load(&*backend, &alice).await;
    let stale = kept_changes(&state, |draft| {
        draft.remove_entry(entry(one("bob"), 5));
        Ok(())
    });
    let expected = match backend.commit(&alice, version, Version::after(version), stale).await.unwrap() {
        Commit::Committed => vec![1, 2],
        Commit::Conflict => vec![1],
    };
    assert_eq!(revisions(&*backend, &alice).await, expected);
    assert_eq!(load(&*backend, &alice).await.state.head.revision as usize, expected.len());
    assert_eq!(entries(&*backend, &alice).await, [entry(one("bob"), 6)], "a message that came since stays in the list");
}

async fn changes_that_build_on_each_other_before_they_are_durable_are_all_kept(open: &impl Open) {
    const CHANGES: u32 = 10;
    let backend = open("chain of changes").await;
    let alice = account(1, "alice");
    let mut outcomes: Vec<Outcome> = Vec::new();
    let mut made = Vec::new();
    for bits in 1..=u64::from(CHANGES) {
        let (Loaded { version, state, .. }, _) = backend.latest(&alice, &Scope::All, &[]).await.unwrap();
        let changes = kept_changes(&state, |draft| {
            draft.arrange(&one("bob"), marks(bits));
            Ok(())
        });
        made.extend(changes.change.clone());
        outcomes.push(backend.begin_commit(&alice, version, Version::after(version), changes).await.unwrap());
    }
    for outcome in outcomes {
        assert_eq!(outcome.await.unwrap(), Commit::Committed);
    }
    assert_eq!(stored(&*backend, &alice).await, made);
    assert_eq!(made.len(), CHANGES as usize);
}

async fn another_account_or_app_or_life_has_no_changes_of_it(open: &impl Open) {
    let backend = open("neighbours").await;
    let alice = account(1, "alice");
    mark_kept(&*backend, &alice, 1).await;
    for neighbour in [account(2, "alice"), account(1, "alic"), account(1, "alice2"), account(1, "bob")] {
        mark(&*backend, &neighbour, &one("bob"), 1).await;
        assert_eq!(stored(&*backend, &neighbour).await, []);
        let life = life(&*backend, &alice).await;
        assert_eq!(backend.changes(&neighbour, life, &EVERYTHING).await.unwrap(), []);
        let other = crate::support::history::life(&*backend, &neighbour).await;
        assert_eq!(backend.changes(&alice, other, &EVERYTHING).await.unwrap(), []);
    }
    assert_eq!(revisions(&*backend, &alice).await, [1]);
    let unknown = account(1, "unknown");
    assert_eq!(backend.changes(&unknown, life(&*backend, &alice).await, &EVERYTHING).await.unwrap(), []);
}

async fn an_account_that_comes_after_a_deletion_has_only_its_own_changes(open: &impl Open) {
    let backend = open("lives").await;
    let alice = account(1, "alice");
    for bits in 1..=3 {
        mark_kept(&*backend, &alice, bits).await;
    }
    let first = life(&*backend, &alice).await;
    delete(&*backend, &alice).await;
    assert_eq!(backend.changes(&alice, first, &EVERYTHING).await.unwrap(), []);
    let change = mark_kept(&*backend, &alice, 9).await;
    assert_eq!(stored(&*backend, &alice).await, [change]);
    assert_eq!(backend.changes(&alice, first, &EVERYTHING).await.unwrap(), []);
}

async fn of_an_entry_that_comes_back_and_the_one_that_is_kept_the_later_stays(open: &impl Open) {
    let backend = open("restored entries").await;
    let alice = account(1, "alice");
    mark_kept(&*backend, &alice, 1).await;
    // What is kept when the rule reads it, what comes back, what is kept then.
    for (peer, kept, restored, then) in [("none", 0, 5, 5), ("earlier", 3, 5, 5), ("later", 7, 5, 7)] {
        let Loaded { version, state, .. } = load(&*backend, &alice).await;
        let back = kept_changes(&state, |draft| {
            draft.restore_entry(entry(one(peer), restored));
            Ok(())
        });
        // A touch between that read and the commit.
        if kept > 0 {
            touch(&*backend, &[("alice", one(peer), kept)]).await;
        }
        let committed = backend.commit(&alice, version, Version::after(version), back).await.unwrap();
        assert_eq!(committed, Commit::Committed);
        assert_eq!(backend.entry(&alice, version.unwrap().life, &one(peer)).await.unwrap().unwrap().0, then, "{peer}");
        // The list, which may be remembered, has it too.
        assert!(entries(&*backend, &alice).await.contains(&entry(one(peer), then)), "{peer}");
    }
    touch(&*backend, &[("alice", one("none"), 4)]).await;
    assert!(entries(&*backend, &alice).await.contains(&entry(one("none"), 5)));
}

async fn a_commit_removes_one_entry_and_brings_another_back(open: &impl Open) {
    let backend = open("entries both ways").await;
    let alice = account(1, "alice");
    mark_kept(&*backend, &alice, 1).await;
    touch(&*backend, &[("alice", one("bob"), 5)]).await;
    assert_eq!(entries(&*backend, &alice).await.len(), 1);
    edit_kept(&*backend, &alice, |draft| {
        draft.remove_entry(entry(one("bob"), 5));
        draft.restore_entry(entry(one("carol"), 4));
        Ok(())
    })
    .await;
    assert_eq!(entries(&*backend, &alice).await, [entry(one("carol"), 4)]);
    assert_eq!(revisions(&*backend, &alice).await, [1, 2]);
}
