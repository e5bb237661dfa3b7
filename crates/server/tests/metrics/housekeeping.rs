//! The metrics of what no caller waits for.

use std::sync::Arc;
use std::time::Duration;

use pinfold_core::{AccountId, AppId, Timestamp, Touches};
use pinfold_store::embedded::Settings;
use pinfold_store::{Embedded, Memory, Store};
use tokio::time::timeout;

use crate::scrape::Scrape;
use crate::support::{APP, TestServer, config};
use crate::{IMPORT, TIMEOUT};

/// Waits for a metric to have this value.
async fn becomes(server: &TestServer, name: &str, value: f64) {
    let is_reached = async || Scrape::of(server).await.sum(name, &[]) == value;
    let reach = async || {
        while !is_reached().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    assert!(timeout(TIMEOUT, reach()).await.is_ok(), "{name} is not {value}");
}

/// Gives alice recent conversations with `u1`, `u2` and so on, each later than the one before.
async fn touch(store: &Store, count: u32) {
    let mut touches = Touches::default();
    for at in 1..=count {
        let peer = AccountId::parse(&format!("u{at}")).unwrap();
        touches.one_to_one(&AccountId::parse("alice").unwrap(), &peer, Timestamp(at));
    }
    store.touch(AppId(APP), &touches, Timestamp(1)).await.unwrap();
}

#[tokio::test]
async fn a_list_that_was_read_with_too_many_entries_is_trimmed_and_counted() {
    let mut config = config();
    config.apps[0].limits.recent_conversations_max = 1;
    let store = Store::new(Arc::new(Memory::new()));
    let server = TestServer::over(&config, store.clone()).await;
    server.post(IMPORT.0, IMPORT.1).await;
    touch(&store, 3).await;
    let answer = server.post("recentcontact/get_list", r#"{"From_Account":"alice"}"#).await;
    assert!(answer.contains("u3") && !answer.contains("u2"), "{answer}");
    becomes(&server, "pinfold_recents_trimmed_total", 2.0).await;
    assert_eq!(Scrape::of(&server).await.sum("pinfold_swept_rows_total", &[]), 0.0);
    server.stop().await;
}

#[tokio::test]
async fn what_a_deleted_account_left_in_the_store_is_swept_and_counted() {
    let directory = tempfile::tempdir().unwrap();
    let backend = Arc::new(Embedded::open(directory.path(), &Settings::default()).unwrap());
    let store = Store::new(backend);
    let server = TestServer::over(&config(), store.clone()).await;
    server.post(IMPORT.0, IMPORT.1).await;
    touch(&store, 2).await;
    server.post("im_open_login_svc/account_delete", r#"{"DeleteItem":[{"UserID":"alice"}]}"#).await;
    becomes(&server, "pinfold_swept_rows_total", 2.0).await;
    server.stop().await;
}
