//! Which changes go: always the oldest ones of an account.

use std::collections::BTreeMap;

use pinfold_core::{AppId, TimeMs};
use pinfold_store::{AccountKey, Backend, HistoryBounds, Life, RemovedOfApp, drop_app};

use super::super::Open;
use crate::support::history::{EVERYTHING, change, life, mark_kept, put, revisions};
use crate::support::{account, delete, mark, one};

const NO_BOUNDS: HistoryBounds =
    HistoryBounds { not_before: TimeMs(0), changes_max: usize::MAX, bytes_max: usize::MAX };

pub(super) async fn suite(open: &impl Open) {
    a_trim_leaves_the_newest_changes_and_counts_what_it_removed(open).await;
    a_trim_by_bytes_and_by_time_leaves_the_newest_change_however_large_and_old(open).await;
    a_trim_of_another_life_removes_nothing(open).await;
    a_sweep_removes_what_ended_lives_left_and_nothing_that_can_be_read(open).await;
    a_sweep_removes_changes_that_are_older_than_their_app_allows(open).await;
    a_sweep_after_a_clock_that_jumped_leaves_no_hole(open).await;
    a_sweep_removes_what_lies_before_the_history(open).await;
    a_sweep_in_small_steps_ends_and_reaches_every_account(open).await;
    an_app_that_is_dropped_leaves_no_changes(open).await;
}

/// Puts an account with changes of these times.
async fn kept(backend: &dyn Backend, account: &AccountKey, times: &[u64]) {
    let kept: Vec<_> = times.iter().zip(1..).map(|(at, revision)| change(revision, *at, 0)).collect();
    put(backend, account, times.len() as u32, &kept).await;
}

async fn trim(backend: &dyn Backend, account: &AccountKey, bounds: HistoryBounds) -> u64 {
    backend.trim_changes(account, life(backend, account).await, bounds).await.unwrap()
}

/// A whole round, with the same bounds for the apps given; how many changes it removed.
async fn sweep(backend: &dyn Backend, rows_max: usize, apps: &[u32], not_before: u64) -> u64 {
    const STEPS_MAX: usize = 100;
    let bounds = HistoryBounds { not_before: TimeMs(not_before), ..NO_BOUNDS };
    let bounds: BTreeMap<_, _> = apps.iter().map(|app| (AppId(*app), bounds)).collect();
    let (mut after, mut removed) = (None, 0);
    for _ in 0..STEPS_MAX {
        let step = backend.sweep_changes(after.as_ref(), rows_max, &bounds).await.unwrap();
        assert_eq!(step.damage, None);
        (after, removed) = (step.last, removed + step.removed);
        if after.is_none() {
            return removed;
        }
    }
    panic!("the sweep does not end");
}

async fn a_trim_leaves_the_newest_changes_and_counts_what_it_removed(open: &impl Open) {
    let backend = open("trim changes").await;
    let (alice, neighbour) = (account(1, "alice"), account(1, "alice2"));
    for account in [&alice, &neighbour] {
        kept(&*backend, account, &[1, 2, 3, 4, 5]).await;
    }
    let of_count = |changes_max| HistoryBounds { changes_max, ..NO_BOUNDS };
    for (changes_max, removed, left) in
        [(9, 0, vec![1, 2, 3, 4, 5]), (5, 0, vec![1, 2, 3, 4, 5]), (3, 2, vec![3, 4, 5]), (0, 2, vec![5])]
    {
        assert_eq!(trim(&*backend, &alice, of_count(changes_max)).await, removed);
        assert_eq!(revisions(&*backend, &alice).await, left);
    }
    assert_eq!(revisions(&*backend, &neighbour).await, [1, 2, 3, 4, 5]);
}

async fn a_trim_by_bytes_and_by_time_leaves_the_newest_change_however_large_and_old(open: &impl Open) {
    let backend = open("trim bytes").await;
    let (alice, bob) = (account(1, "alice"), account(1, "bob"));
    let sized: Vec<_> = (1..=6).map(|n| change(n, n.into(), 10_000)).collect();
    put(&*backend, &alice, 6, &sized).await;
    // Each counts 10,000 bytes, 64, and less than 50 for what else is in it.
    assert_eq!(trim(&*backend, &alice, HistoryBounds { bytes_max: 60_000, ..NO_BOUNDS }).await, 1);
    assert_eq!(trim(&*backend, &alice, HistoryBounds { bytes_max: 30_400, ..NO_BOUNDS }).await, 2);
    assert_eq!(revisions(&*backend, &alice).await, [4, 5, 6]);
    assert_eq!(trim(&*backend, &alice, HistoryBounds { bytes_max: 0, ..NO_BOUNDS }).await, 2);
    kept(&*backend, &bob, &[1000, 2000, 3000]).await;
    assert_eq!(trim(&*backend, &bob, HistoryBounds { not_before: TimeMs(2000), ..NO_BOUNDS }).await, 1);
    assert_eq!(trim(&*backend, &bob, HistoryBounds { not_before: TimeMs(9000), ..NO_BOUNDS }).await, 1);
    assert_eq!((revisions(&*backend, &alice).await, revisions(&*backend, &bob).await), (vec![6], vec![3]));
}

async fn a_trim_of_another_life_removes_nothing(open: &impl Open) {
    let backend = open("trim late").await;
    let alice = account(1, "alice");
    kept(&*backend, &alice, &[1, 2]).await;
    let other = Life(life(&*backend, &alice).await.0 ^ 1);
    let bounds = HistoryBounds { changes_max: 0, ..NO_BOUNDS };
    assert_eq!(backend.trim_changes(&alice, other, bounds).await.unwrap(), 0);
    assert_eq!(backend.trim_changes(&account(1, "unknown"), other, bounds).await.unwrap(), 0);
    assert_eq!(revisions(&*backend, &alice).await, [1, 2]);
}

async fn a_sweep_removes_what_ended_lives_left_and_nothing_that_can_be_read(open: &impl Open) {
    let backend = open("sweep ended").await;
    for name in ["alice", "anew", "gone"] {
        kept(&*backend, &account(1, name), &[1, 2, 3]).await;
    }
    for name in ["anew", "gone"] {
        delete(&*backend, &account(1, name)).await;
    }
    mark_kept(&*backend, &account(1, "anew"), 1).await;
    // How much a deletion itself removes is for the backend to decide.
    sweep(&*backend, 1000, &[], 0).await;
    assert_eq!(sweep(&*backend, 1000, &[], 0).await, 0, "a round leaves nothing for the next one");
    assert_eq!(revisions(&*backend, &account(1, "alice")).await, [1, 2, 3]);
    assert_eq!(revisions(&*backend, &account(1, "anew")).await, [1]);
}

async fn a_sweep_removes_changes_that_are_older_than_their_app_allows(open: &impl Open) {
    let backend = open("sweep days").await;
    let (old, mixed, young, other) =
        (account(1, "old"), account(1, "mixed"), account(1, "young"), account(2, "without bounds"));
    kept(&*backend, &old, &[1000, 2000]).await;
    kept(&*backend, &mixed, &[1000, 2000, 5000, 6000]).await;
    kept(&*backend, &young, &[5000]).await;
    kept(&*backend, &other, &[1000]).await;
    assert_eq!(sweep(&*backend, 1000, &[1, 3], 5000).await, 4);
    for (account, left) in [(&old, vec![]), (&mixed, vec![3, 4]), (&young, vec![1]), (&other, vec![1])] {
        assert_eq!(revisions(&*backend, account).await, left, "{account:?}");
    }
    assert_eq!(sweep(&*backend, 1000, &[1, 2], u64::MAX).await, 4);
    assert_eq!(revisions(&*backend, &mixed).await, [0; 0]);
}

/// Removing each change that is too old would leave what a wrong clock gave a late time before others that are gone.
async fn a_sweep_after_a_clock_that_jumped_leaves_no_hole(open: &impl Open) {
    let backend = open("sweep jump").await;
    let alice = account(1, "alice");
    kept(&*backend, &alice, &[1000, 9_000_000_000_000, 2000, 3000, 6000, 7000]).await;
    let removed = sweep(&*backend, 1000, &[1], 5000).await;
    let left = revisions(&*backend, &alice).await;
    assert_eq!(left, (removed as u32 + 1..=6).collect::<Vec<_>>());
    assert!((1..=4).contains(&removed), "{left:?}");
}

async fn a_sweep_removes_what_lies_before_the_history(open: &impl Open) {
    let backend = open("sweep before").await;
    let (alice, off) = (account(1, "alice"), account(1, "off"));
    for account in [&alice, &off] {
        mark_kept(&*backend, account, 1).await;
        mark_kept(&*backend, account, 2).await;
        mark(&*backend, account, &one("bob"), 3).await;
    }
    mark_kept(&*backend, &alice, 4).await;
    sweep(&*backend, 1000, &[], 0).await;
    assert_eq!((revisions(&*backend, &alice).await, revisions(&*backend, &off).await), (vec![4], vec![]));
}

async fn a_sweep_in_small_steps_ends_and_reaches_every_account(open: &impl Open) {
    const ACCOUNTS: u32 = 9;
    let backend = open("sweep steps").await;
    let accounts: Vec<_> = (0..ACCOUNTS).map(|n| account(1 + n % 3, &format!("account {n}"))).collect();
    for account in &accounts {
        kept(&*backend, account, &[1000, 2000, 9000]).await;
    }
    assert_eq!(sweep(&*backend, 1, &[1, 2, 3], 5000).await, u64::from(ACCOUNTS) * 2);
    for account in &accounts {
        assert_eq!(revisions(&*backend, account).await, [3]);
    }
}

async fn an_app_that_is_dropped_leaves_no_changes(open: &impl Open) {
    let backend = open("dropped history").await;
    let mut lives = Vec::new();
    for (app, name) in [(1, "alice"), (1, "bob"), (2, "alice")] {
        kept(&*backend, &account(app, name), &[1, 2, 3]).await;
        lives.push(life(&*backend, &account(app, name)).await);
    }
    delete(&*backend, &account(1, "bob")).await;
    let dropped = drop_app(&*backend, AppId(1), |_| ()).await.unwrap();
    assert_eq!(dropped, RemovedOfApp { accounts: 1, chat_groups: 0 });
    assert_eq!(backend.list_apps(None, 9).await.unwrap(), [AppId(2)]);
    assert_eq!(sweep(&*backend, 1000, &[], 0).await, 0, "nothing is left to be swept");
    assert_eq!(backend.changes(&account(1, "alice"), lives[0], &EVERYTHING).await.unwrap(), []);
    assert_eq!(revisions(&*backend, &account(2, "alice")).await, [1, 2, 3]);
}
