//! Snapshots, and what is made of them, hold nothing of what waits.

use pinfold_core::AppId;
use pinfold_store::{Backend, OnDamage};

use super::super::Open;
use crate::support::account;
use crate::support::history::{life, put, stored};
use crate::support::outbox::{mark_unsent_times, remove_sent, unsent, waiting};

pub(super) async fn suite(open: &impl Open) {
    a_snapshot_is_the_same_whether_changes_wait_or_not(open).await;
    changes_that_are_put_with_an_account_do_not_wait(open).await;
}

/// All that a snapshot holds, in words.
async fn shown(backend: &dyn Backend, on_damage: OnDamage, with_history: bool) -> Vec<String> {
    let mut snapshot = backend.snapshot(None, on_damage, with_history).await.unwrap();
    let mut shown = Vec::new();
    while let Some(item) = snapshot.next().await.unwrap() {
        shown.push(format!("{item:?}"));
    }
    shown
}

async fn a_snapshot_is_the_same_whether_changes_wait_or_not(open: &impl Open) {
    let backend = open("snapshot unsent").await;
    let alice = account(1, "alice");
    mark_unsent_times(&*backend, &alice, 3).await;
    backend.set_paused(AppId(1), true).await.unwrap();
    let all = async || {
        let mut all = Vec::new();
        for on_damage in [OnDamage::Stop, OnDamage::Skip] {
            for with_history in [false, true] {
                all.push(shown(&*backend, on_damage, with_history).await);
            }
        }
        all
    };
    let before = all().await;
    remove_sent(&*backend, &alice, life(&*backend, &alice).await, &[1, 2, 3]).await;
    backend.set_paused(AppId(1), false).await.unwrap();
    assert_eq!(unsent(&*backend, &alice).await, [0; 0]);
    assert_eq!(before, all().await);
}

async fn changes_that_are_put_with_an_account_do_not_wait(open: &impl Open) {
    let backend = open("put unsent").await;
    let (alice, imported) = (account(1, "alice"), account(1, "imported"));
    mark_unsent_times(&*backend, &alice, 3).await;
    let history: Vec<_> = stored(&*backend, &alice).await.iter().map(|change| (**change).clone()).collect();
    put(&*backend, &imported, 3, &history).await;
    assert_eq!(waiting(&*backend, 1).await, [("alice".into(), 1)]);
    assert_eq!(unsent(&*backend, &imported).await, [0; 0]);
}
