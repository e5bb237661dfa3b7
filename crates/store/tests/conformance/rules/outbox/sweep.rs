//! Removing unsent changes that nothing will send.

use std::collections::BTreeMap;

use pinfold_core::{AppId, TimeMs};
use pinfold_store::{Backend, RemovedOfApp, drop_app};

use super::super::Open;
use crate::support::outbox::{mark_unsent, mark_unsent_at, mark_unsent_times, unsent, waiting};
use crate::support::{account, delete};

pub(super) async fn suite(open: &impl Open) {
    a_sweep_removes_what_ended_lives_left_unsent_and_counts_it_apart(open).await;
    a_sweep_gives_up_changes_that_are_too_old_in_the_apps_named(open).await;
    a_sweep_in_small_steps_ends_and_reaches_every_account(open).await;
    an_app_that_is_dropped_leaves_nothing_unsent(open).await;
}

/// What a round removed.
pub(super) struct Swept {
    removed: u64,
    pub(super) given_up: u64,
}

/// A whole round, with the same time for the apps given.
pub(super) async fn sweep_unsent(backend: &dyn Backend, rows_max: usize, apps: &[u32], not_before: u64) -> Swept {
    const STEPS_MAX: usize = 100;
    let not_before: BTreeMap<_, _> = apps.iter().map(|app| (AppId(*app), TimeMs(not_before))).collect();
    let (mut after, mut swept) = (None, Swept { removed: 0, given_up: 0 });
    for _ in 0..STEPS_MAX {
        let found = backend.sweep_unsent(after.as_ref(), rows_max, &not_before).await.unwrap();
        assert_eq!(found.step.damage, None);
        swept.removed += found.step.removed;
        swept.given_up += found.given_up;
        after = found.step.last;
        if after.is_none() {
            return swept;
        }
    }
    panic!("the sweep does not end");
}

async fn a_sweep_removes_what_ended_lives_left_unsent_and_counts_it_apart(open: &impl Open) {
    let backend = open("sweep unsent").await;
    for name in ["alice", "anew", "gone"] {
        mark_unsent_times(&*backend, &account(1, name), 3).await;
    }
    for name in ["anew", "gone"] {
        delete(&*backend, &account(1, name)).await;
    }
    mark_unsent(&*backend, &account(1, "anew"), 1).await;
    // How much a deletion itself removes is for the backend to decide.
    assert_eq!(sweep_unsent(&*backend, 1000, &[], 0).await.given_up, 0);
    assert_eq!(sweep_unsent(&*backend, 1000, &[], 0).await.removed, 0, "a round leaves nothing for the next one");
    assert_eq!(waiting(&*backend, 1).await, [("alice".into(), 1), ("anew".into(), 1)]);
    assert_eq!(unsent(&*backend, &account(1, "alice")).await, [1, 2, 3]);
    assert_eq!(backend.backlog(AppId(1), 100).await.unwrap().changes, 4);
}

async fn a_sweep_gives_up_changes_that_are_too_old_in_the_apps_named(open: &impl Open) {
    let backend = open("sweep unsent days").await;
    let (old, mixed, other) = (account(1, "old"), account(1, "mixed"), account(2, "not named"));
    for (account, times) in [(&old, vec![1000, 2000]), (&mixed, vec![1000, 5000, 6000]), (&other, vec![1000])] {
        for (bits, at) in (1..).zip(times) {
            mark_unsent_at(&*backend, account, bits, at).await;
        }
    }
    let swept = sweep_unsent(&*backend, 1000, &[1, 3], 5000).await;
    assert_eq!((swept.removed, swept.given_up), (3, 3));
    for (account, left) in [(&old, vec![]), (&mixed, vec![2, 3]), (&other, vec![1])] {
        assert_eq!(unsent(&*backend, account).await, left, "{account:?}");
    }
    assert_eq!(waiting(&*backend, 1).await, [("mixed".into(), 2)]);
    assert_eq!(sweep_unsent(&*backend, 1000, &[1, 2], u64::MAX).await.given_up, 3);
}

async fn a_sweep_in_small_steps_ends_and_reaches_every_account(open: &impl Open) {
    const ACCOUNTS: u32 = 9;
    let backend = open("sweep unsent steps").await;
    let accounts: Vec<_> = (0..ACCOUNTS).map(|n| account(1 + n % 3, &format!("account {n}"))).collect();
    for account in &accounts {
        for (bits, at) in [(1, 1000), (2, 2000), (3, 9000)] {
            mark_unsent_at(&*backend, account, bits, at).await;
        }
    }
    assert_eq!(sweep_unsent(&*backend, 1, &[1, 2, 3], 5000).await.given_up, u64::from(ACCOUNTS) * 2);
    for account in &accounts {
        assert_eq!(unsent(&*backend, account).await, [3]);
    }
}

async fn an_app_that_is_dropped_leaves_nothing_unsent(open: &impl Open) {
    let backend = open("dropped unsent").await;
    for (app, name) in [(1, "alice"), (1, "bob"), (2, "alice")] {
        mark_unsent_times(&*backend, &account(app, name), 2).await;
    }
    delete(&*backend, &account(1, "bob")).await;
    for app in [1, 2] {
        backend.set_paused(AppId(app), true).await.unwrap();
    }
    let dropped = drop_app(&*backend, AppId(1), |_| ()).await.unwrap();
    assert_eq!(dropped, RemovedOfApp { accounts: 1, chat_groups: 0 });
    assert_eq!(backend.list_apps(None, 9).await.unwrap(), [AppId(2)]);
    assert_eq!(backend.backlog(AppId(1), 9).await.unwrap().changes, 0);
    assert_eq!(sweep_unsent(&*backend, 1000, &[], 0).await.removed, 0, "nothing is left to be swept");
    assert_eq!(backend.paused_apps().await.unwrap(), [AppId(2)].into());
    assert_eq!(unsent(&*backend, &account(2, "alice")).await, [1, 2]);
}
