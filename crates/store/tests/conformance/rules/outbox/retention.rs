//! The history keeps what waits, whatever reason there is to remove it.

use std::collections::BTreeMap;

use pinfold_core::{AppId, TimeMs};
use pinfold_store::{AccountKey, Backend, HistoryBounds};

use super::super::Open;
use super::sweep::sweep_unsent;
use crate::support::history::{life, mark_kept, revisions};
use crate::support::outbox::{mark_unsent, mark_unsent_at, remove_sent, unsent};
use crate::support::{account, delete, mark, one};

pub(super) async fn suite(open: &impl Open) {
    a_trim_stops_before_the_oldest_unsent_change_and_goes_on_when_it_is_sent(open).await;
    a_sweep_of_what_is_too_old_stops_before_the_oldest_unsent_change(open).await;
    a_sweep_of_what_lies_before_the_history_stops_before_the_oldest_unsent_change(open).await;
    what_an_ended_life_left_unsent_keeps_no_history(open).await;
    a_change_that_is_given_up_for_its_age_goes_from_the_history_afterwards(open).await;
}

const NO_BOUNDS: HistoryBounds =
    HistoryBounds { not_before: TimeMs(0), changes_max: usize::MAX, bytes_max: usize::MAX };

/// Changes 1 to 6, from as many seconds; of them 3 and 5 are to be sent.
async fn six(backend: &dyn Backend, account: &AccountKey) {
    for revision in 1..=6 {
        mark_unsent_at(backend, account, revision, revision * 1000).await;
    }
    let life = life(backend, account).await;
    remove_sent(backend, account, life, &[1, 2, 4, 6]).await;
}

async fn trim(backend: &dyn Backend, account: &AccountKey, changes_max: usize) -> u64 {
    let bounds = HistoryBounds { changes_max, ..NO_BOUNDS };
    backend.trim_changes(account, life(backend, account).await, bounds).await.unwrap()
}

/// A whole round over app 1; how many changes it removed.
async fn sweep_changes(backend: &dyn Backend, not_before: u64) -> u64 {
    let bounds = BTreeMap::from([(AppId(1), HistoryBounds { not_before: TimeMs(not_before), ..NO_BOUNDS })]);
    let step = backend.sweep_changes(None, 10_000, &bounds).await.unwrap();
    assert_eq!((step.last, step.damage), (None, None));
    step.removed
}

async fn a_trim_stops_before_the_oldest_unsent_change_and_goes_on_when_it_is_sent(open: &impl Open) {
    let backend = open("trim unsent").await;
    let alice = account(1, "alice");
    six(&*backend, &alice).await;
    let life = life(&*backend, &alice).await;
    assert_eq!(trim(&*backend, &alice, 5).await, 1);
    assert_eq!(trim(&*backend, &alice, 1).await, 1, "2 goes, 3 waits");
    assert_eq!(revisions(&*backend, &alice).await, [3, 4, 5, 6]);
    assert_eq!(trim(&*backend, &alice, 1).await, 0);
    remove_sent(&*backend, &alice, life, &[3]).await;
    assert_eq!(trim(&*backend, &alice, 1).await, 2);
    assert_eq!(revisions(&*backend, &alice).await, [5, 6]);
    let by_bytes = HistoryBounds { bytes_max: 0, not_before: TimeMs(u64::MAX), ..NO_BOUNDS };
    assert_eq!(backend.trim_changes(&alice, life, by_bytes).await.unwrap(), 0);
    remove_sent(&*backend, &alice, life, &[5]).await;
    assert_eq!(backend.trim_changes(&alice, life, by_bytes).await.unwrap(), 1);
    assert_eq!(revisions(&*backend, &alice).await, [6]);
}

async fn a_sweep_of_what_is_too_old_stops_before_the_oldest_unsent_change(open: &impl Open) {
    let backend = open("sweep old unsent").await;
    let (alice, bob) = (account(1, "alice"), account(1, "bob"));
    six(&*backend, &alice).await;
    mark_kept(&*backend, &bob, 1).await;
    assert_eq!(sweep_changes(&*backend, u64::MAX).await, 3, "the whole history of bob, and two of alice");
    assert_eq!(unsent(&*backend, &alice).await, [3, 5]);
    remove_sent(&*backend, &alice, life(&*backend, &alice).await, &[3]).await;
    assert_eq!(sweep_changes(&*backend, 5500).await, 2);
    assert_eq!(revisions(&*backend, &alice).await, [5, 6]);
    remove_sent(&*backend, &alice, life(&*backend, &alice).await, &[5]).await;
    assert_eq!(sweep_changes(&*backend, u64::MAX).await, 2);
}

/// The history begins anew with a change that is not kept; a change before it may still wait.
async fn a_sweep_of_what_lies_before_the_history_stops_before_the_oldest_unsent_change(open: &impl Open) {
    let backend = open("sweep unsent before").await;
    let (anew, off) = (account(1, "anew"), account(1, "off"));
    for account in [&anew, &off] {
        mark_kept(&*backend, account, 1).await;
        mark_unsent(&*backend, account, 2).await;
        mark(&*backend, account, &one("bob"), 3).await;
    }
    mark_kept(&*backend, &anew, 4).await;
    for account in [&anew, &off] {
        assert_eq!(unsent(&*backend, account).await, [2]);
    }
    assert_eq!(sweep_changes(&*backend, 0).await, 2);
    for account in [&anew, &off] {
        assert_eq!(unsent(&*backend, account).await, [2]);
        assert_eq!(trim(&*backend, account, 1).await, 0);
        remove_sent(&*backend, account, life(&*backend, account).await, &[2]).await;
    }
    assert_eq!(sweep_changes(&*backend, 0).await, 2);
    assert_eq!((revisions(&*backend, &anew).await, revisions(&*backend, &off).await), (vec![4], vec![]));
}

async fn what_an_ended_life_left_unsent_keeps_no_history(open: &impl Open) {
    let backend = open("sweep unsent ended").await;
    let (anew, gone) = (account(1, "anew"), account(1, "gone"));
    for account in [&anew, &gone] {
        six(&*backend, account).await;
        delete(&*backend, account).await;
    }
    mark_unsent(&*backend, &anew, 1).await;
    sweep_changes(&*backend, 0).await;
    assert_eq!(sweep_changes(&*backend, 0).await, 0, "a round leaves nothing for the next one");
    assert_eq!(revisions(&*backend, &anew).await, [1]);
}

async fn a_change_that_is_given_up_for_its_age_goes_from_the_history_afterwards(open: &impl Open) {
    let backend = open("given up").await;
    let alice = account(1, "alice");
    six(&*backend, &alice).await;
    assert_eq!(sweep_changes(&*backend, 4000).await, 2);
    assert_eq!(sweep_unsent(&*backend, 100, &[1], 4000).await.given_up, 1);
    assert_eq!(unsent(&*backend, &alice).await, [5]);
    assert_eq!(sweep_changes(&*backend, 4000).await, 1);
    assert_eq!(revisions(&*backend, &alice).await, [4, 5, 6]);
}
