//! What waits after a restart.

use pinfold_core::AppId;

use super::super::Open;
use crate::support::account;
use crate::support::history::life;
use crate::support::outbox::{mark_unsent, mark_unsent_times, remove_sent, unsent, waiting};

pub(super) async fn suite(open: &impl Open) {
    what_waits_and_what_was_sent_and_a_pause_survive(open).await;
}

async fn what_waits_and_what_was_sent_and_a_pause_survive(open: &impl Open) {
    let backend = open("webhook survives").await;
    let (alice, bob) = (account(1, "alice"), account(1, "bob"));
    mark_unsent_times(&*backend, &alice, 3).await;
    mark_unsent(&*backend, &bob, 1).await;
    remove_sent(&*backend, &alice, life(&*backend, &alice).await, &[1]).await;
    remove_sent(&*backend, &bob, life(&*backend, &bob).await, &[1]).await;
    backend.set_paused(AppId(1), true).await.unwrap();
    backend.close().await.unwrap();
    drop(backend);
    let backend = open("webhook survives").await;
    assert_eq!(unsent(&*backend, &alice).await, [2, 3]);
    assert_eq!(waiting(&*backend, 1).await, [("alice".into(), 2)]);
    assert_eq!(backend.paused_apps().await.unwrap(), [AppId(1)].into());
    assert_eq!(mark_unsent(&*backend, &alice, 9).await.revision.0, 4);
    assert_eq!(unsent(&*backend, &alice).await, [2, 3, 4]);
}
