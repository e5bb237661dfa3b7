//! Pausing.

use pinfold_core::AppId;

use super::super::Open;
use crate::support::account;
use crate::support::outbox::{mark_unsent, waiting};

pub(super) async fn suite(open: &impl Open) {
    a_pause_is_kept_for_its_app_until_it_ends(open).await;
    what_waits_stays_while_an_app_is_paused(open).await;
}

async fn a_pause_is_kept_for_its_app_until_it_ends(open: &impl Open) {
    let backend = open("pause").await;
    assert_eq!(backend.paused_apps().await.unwrap(), [].into());
    for (app, paused) in [(1, true), (u32::MAX, true), (1, true), (7, false)] {
        backend.set_paused(AppId(app), paused).await.unwrap();
    }
    assert_eq!(backend.paused_apps().await.unwrap(), [AppId(1), AppId(u32::MAX)].into());
    assert_eq!(backend.list_apps(None, 9).await.unwrap(), [], "a pause alone is not data of an app");
    backend.set_paused(AppId(1), false).await.unwrap();
    backend.set_paused(AppId(1), false).await.unwrap();
    backend.set_paused(AppId(2), true).await.unwrap();
    backend.forget_webhook(AppId(2)).await.unwrap();
    backend.forget_webhook(AppId(3)).await.unwrap();
    assert_eq!(backend.paused_apps().await.unwrap(), [AppId(u32::MAX)].into());
}

async fn what_waits_stays_while_an_app_is_paused(open: &impl Open) {
    let backend = open("pause waiting").await;
    mark_unsent(&*backend, &account(1, "alice"), 1).await;
    backend.set_paused(AppId(1), true).await.unwrap();
    mark_unsent(&*backend, &account(1, "bob"), 1).await;
    assert_eq!(waiting(&*backend, 1).await, [("alice".into(), 1), ("bob".into(), 1)]);
}
