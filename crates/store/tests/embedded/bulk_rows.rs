//! Records that were written together in one row, and changed one by one after it.

use std::path::Path;

use pinfold_core::{Arrangement, Draft, Refusal};
use pinfold_store::{AccountKey, Backend};

use super::open;
use crate::support::{account, delete, edit, mark, marks, one, state};

/// An account with twelve records that were written together, closed after `then` was done to it.
async fn after(directory: &Path, then: impl AsyncFnOnce(&dyn Backend, &AccountKey)) -> Vec<(String, u64)> {
    let (backend, alice) = (open(directory).unwrap(), account(1, "alice"));
    edit(&backend, &alice, |draft| twelve(draft, 1)).await;
    then(&backend, &alice).await;
    backend.close().await.unwrap();
    drop(backend);
    let kept = state(&open(directory).unwrap(), &alice).await;
    kept.records.iter().map(|(peer, record)| (peer.to_string(), record.arrangement.standard.0)).collect()
}

fn twelve(draft: &mut Draft<'_>, bits: u64) -> Result<(), Refusal> {
    (10..22).for_each(|number| draft.arrange(&one(&format!("peer{number}")), marks(bits)));
    Ok(())
}

#[tokio::test]
async fn a_record_removed_alone_stays_removed() {
    let place = tempfile::tempdir().unwrap();
    let kept = after(place.path(), async |backend, alice| {
        edit(backend, alice, |draft| {
            draft.arrange(&one("peer10"), Arrangement::default());
            Ok(())
        })
        .await;
    });
    let kept = kept.await;
    assert_eq!(kept.len(), 11);
    assert!(kept.iter().all(|(peer, _)| !peer.contains("peer10")));
}

#[tokio::test]
async fn a_record_changed_alone_keeps_its_change_and_loses_it_to_the_next_row_of_many() {
    let place = tempfile::tempdir().unwrap();
    let changed = after(place.path(), async |backend, alice| mark(backend, alice, &one("peer10"), 2).await).await;
    assert_eq!(changed.iter().map(|(_, bits)| *bits).collect::<Vec<_>>(), [2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
    let again = after(place.path(), async |backend, alice| {
        mark(backend, alice, &one("peer10"), 2).await;
        edit(backend, alice, |draft| twelve(draft, 4)).await;
    });
    assert!(again.await.iter().all(|(_, bits)| *bits == 4));
}

#[tokio::test]
async fn nothing_of_a_deleted_account_comes_back_with_the_next_one_of_its_name() {
    let place = tempfile::tempdir().unwrap();
    let kept = after(place.path(), async |backend, alice| {
        mark(backend, alice, &one("peer10"), 2).await;
        delete(backend, alice).await;
        mark(backend, alice, &one("peer21"), 8).await;
    });
    assert_eq!(kept.await, [(one("peer21").to_string(), 8)]);
}
