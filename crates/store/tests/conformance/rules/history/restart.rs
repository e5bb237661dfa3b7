//! The history after a restart.

use pinfold_core::TimeMs;
use pinfold_store::{Backend, HistoryBounds};

use super::super::Open;
use crate::support::account;
use crate::support::history::{change, edit_kept, every_change, life, mark_kept, put, revisions, stored};
use crate::support::{load, one};

pub(super) async fn suite(open: &impl Open) {
    changes_and_the_place_of_the_account_survive(open).await;
    what_a_trim_removed_stays_away(open).await;
}

async fn changes_and_the_place_of_the_account_survive(open: &impl Open) {
    let backend = open("history survives").await;
    let (alice, imported) = (account(1, "alice"), account(1, "imported"));
    mark_kept(&*backend, &alice, 1).await;
    edit_kept(&*backend, &alice, |draft| draft.pin(&one("carol"))).await;
    let kept = every_change();
    put(&*backend, &imported, kept.len() as u32, &kept).await;
    let kept_of_alice = async |backend: &dyn Backend| {
        let positions = backend.positions(std::slice::from_ref(&alice)).await.unwrap();
        (stored(backend, &alice).await, positions)
    };
    let before = kept_of_alice(&*backend).await;
    let imported_before = stored(&*backend, &imported).await;
    backend.close().await.unwrap();
    drop(backend);
    let backend = open("history survives").await;
    let after = kept_of_alice(&*backend).await;
    assert_eq!((after, before.0.len()), (before, 2));
    assert_eq!(stored(&*backend, &imported).await, imported_before);
    assert_eq!(mark_kept(&*backend, &alice, 7).await.revision.0, 3);
    assert_eq!(load(&*backend, &alice).await.state.head.history_from, 1);
}

async fn what_a_trim_removed_stays_away(open: &impl Open) {
    let backend = open("trimmed history").await;
    let alice = account(1, "alice");
    put(&*backend, &alice, 3, &[change(1, 1, 0), change(2, 2, 0), change(3, 3, 0)]).await;
    let bounds = HistoryBounds { not_before: TimeMs(0), changes_max: 2, bytes_max: usize::MAX };
    assert_eq!(backend.trim_changes(&alice, life(&*backend, &alice).await, bounds).await.unwrap(), 1);
    backend.close().await.unwrap();
    drop(backend);
    assert_eq!(revisions(&*open("trimmed history").await, &alice).await, [2, 3]);
}
