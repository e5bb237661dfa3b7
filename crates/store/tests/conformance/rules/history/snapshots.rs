//! The history in snapshots.

use std::collections::BTreeMap;

use pinfold_core::HistoryChange;
use pinfold_store::{AccountKey, Backend, OnDamage, SnapshotItem};

use super::super::Open;
use crate::support::history::{change, mark_kept, put};
use crate::support::{account, delete, mark, one};

pub(super) async fn suite(open: &impl Open) {
    a_snapshot_has_the_history_if_it_is_asked_for(open).await;
    a_snapshot_after_an_account_has_the_history_of_all(open).await;
    a_snapshot_shows_nothing_of_ended_lives_and_of_what_lies_before_the_history(open).await;
    a_snapshot_tells_where_history_is_lost(open).await;
}

/// What a snapshot shows: the history of each account, and where some is lost.
#[derive(Debug, Default, PartialEq)]
struct Shown {
    accounts: usize,
    revisions: BTreeMap<AccountKey, Vec<u32>>,
    lost: Vec<String>,
}

async fn shown(backend: &dyn Backend, after: Option<&AccountKey>, with_history: bool) -> Shown {
    let mut snapshot = backend.snapshot(after, OnDamage::Skip, with_history).await.unwrap();
    let (mut shown, mut last) = (Shown::default(), None);
    while let Some(item) = snapshot.next().await.unwrap() {
        match item {
            SnapshotItem::Account(..) => {
                assert!(shown.revisions.is_empty(), "an account after a change");
                shown.accounts += 1;
            }
            SnapshotItem::Change(account, change) => {
                let is_new = last.as_ref() != Some(&account);
                assert!(!is_new || !shown.revisions.contains_key(&account), "its changes do not stand together");
                shown.revisions.entry(account.clone()).or_default().push(change.revision.0);
                last = Some(account);
            }
            SnapshotItem::LostHistory(account, damage) => {
                shown.lost.push(damage.problem);
                last = Some(account);
            }
            SnapshotItem::Entry(..) | SnapshotItem::ChatGroup(..) | SnapshotItem::ChatGroupTime(..) => {}
            SnapshotItem::Counts(..) => {}
            SnapshotItem::Damage(damage) => panic!("{damage:?}"),
        }
    }
    shown
}

async fn a_snapshot_has_the_history_if_it_is_asked_for(open: &impl Open) {
    // More than a snapshot reads at a time.
    const CHANGES: u32 = 600;
    let backend = open("snapshot history").await;
    let (alice, bob) = (account(1, "alice"), account(2, "bob"));
    let kept: Vec<_> = (1..=CHANGES).map(|n| change(n, n.into(), 0)).collect();
    put(&*backend, &alice, CHANGES, &kept).await;
    mark_kept(&*backend, &bob, 1).await;
    mark(&*backend, &account(1, "without"), &one("bob"), 1).await;
    let expected = [(alice, (1..=CHANGES).collect()), (bob, vec![1])].into();
    assert_eq!(shown(&*backend, None, true).await, Shown { accounts: 3, revisions: expected, lost: Vec::new() });
    assert_eq!(shown(&*backend, None, false).await, Shown { accounts: 3, ..Shown::default() });
}

async fn a_snapshot_after_an_account_has_the_history_of_all(open: &impl Open) {
    let backend = open("snapshot after").await;
    let (alice, bob) = (account(1, "alice"), account(2, "bob"));
    mark_kept(&*backend, &alice, 1).await;
    mark_kept(&*backend, &bob, 1).await;
    let expected = [(alice.clone(), vec![1]), (bob, vec![1])].into();
    let after = shown(&*backend, Some(&alice), true).await;
    assert_eq!(after, Shown { accounts: 1, revisions: expected, lost: Vec::new() });
}

async fn a_snapshot_shows_nothing_of_ended_lives_and_of_what_lies_before_the_history(open: &impl Open) {
    let backend = open("snapshot leftovers").await;
    let (gone, anew, off) = (account(1, "gone"), account(1, "anew"), account(1, "off"));
    for account in [&gone, &anew, &off] {
        mark_kept(&*backend, account, 1).await;
        mark_kept(&*backend, account, 2).await;
    }
    delete(&*backend, &gone).await;
    delete(&*backend, &anew).await;
    mark_kept(&*backend, &anew, 1).await;
    mark(&*backend, &off, &one("bob"), 3).await;
    mark(&*backend, &off, &one("bob"), 4).await;
    let off_again = mark_kept(&*backend, &off, 5).await;
    let expected = [(anew, vec![1]), (off, vec![off_again.revision.0])].into();
    assert_eq!(shown(&*backend, None, true).await, Shown { accounts: 2, revisions: expected, lost: Vec::new() });
}

async fn a_snapshot_tells_where_history_is_lost(open: &impl Open) {
    let kept = |revisions: &[u32]| -> Vec<HistoryChange> {
        revisions.iter().map(|revision| change(*revision, (*revision).into(), 0)).collect()
    };
    let backend = open("snapshot lost").await;
    for (name, revisions) in [("hole", &[2, 3, 5][..]), ("short", &[1, 2]), ("whole", &[3, 4, 5])] {
        put(&*backend, &account(1, name), 5, &kept(revisions)).await;
    }
    let mut shown = shown(&*backend, None, true).await;
    shown.lost.sort();
    let lost =
        ["its changes end with 2, and its last change is 5", "of its changes, those between 3 and 5 are missing"];
    assert_eq!(shown.lost, lost);
    assert_eq!(shown.revisions[&account(1, "hole")], [2, 3, 5]);
    assert_eq!(shown.revisions[&account(1, "whole")], [3, 4, 5]);
}
