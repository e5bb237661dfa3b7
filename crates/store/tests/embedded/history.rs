//! More changes than one look of the sweep finds.

use std::collections::BTreeMap;

use pinfold_core::{AppId, TimeMs};
use pinfold_store::{History, HistoryBounds};

use super::open;
use crate::support::account;
use crate::support::history::{change, put, revisions};

/// More than a look finds, and than a job removes.
const CHANGES: u32 = 5000;

/// How many changes of these times a sweep removes that removes what is before second 5.
async fn swept(at: impl Fn(u32) -> u64) -> u64 {
    let directory = tempfile::tempdir().unwrap();
    let backend = open(directory.path()).unwrap();
    let kept: Vec<_> = (1..=CHANGES).map(|revision| change(revision, at(revision), 0)).collect();
    put(&backend, &account(1, "alice"), CHANGES, &kept).await;
    let bounds = HistoryBounds { not_before: TimeMs(5000), changes_max: usize::MAX, bytes_max: usize::MAX };
    let swept = backend.sweep_changes(None, 256, &BTreeMap::from([(AppId(1), bounds)])).await.unwrap();
    let left = revisions(&backend, &account(1, "alice")).await;
    assert_eq!(left, (swept.removed as u32 + 1..=CHANGES).collect::<Vec<_>>());
    swept.removed
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_with_more_old_changes_than_one_look_finds_is_swept_in_one_step() {
    assert_eq!(swept(|revision| if revision < CHANGES { 1000 } else { 6000 }).await, u64::from(CHANGES) - 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_changes_of_a_clock_that_was_fast_than_one_look_finds_go_with_an_old_one_after_them() {
    let fast = |revision| if revision < CHANGES - 1 { 9_000_000 } else { 1000 };
    assert_eq!(swept(|revision| if revision < CHANGES { fast(revision) } else { 6000 }).await, u64::from(CHANGES) - 1);
}
