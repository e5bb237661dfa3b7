//! The metrics of what no caller waits for.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use pinfold_core::{AccountId, AppId, Timestamp, Touches};
use pinfold_store::embedded::Settings;
use pinfold_store::{Embedded, Memory, Store};
use tokio::time::timeout;

use crate::scrape::Scrape;
use crate::support::{APP, TestServer, config};
use crate::{IMPORT, TIMEOUT};

/// Waits for a metric to have this value, with these labels.
async fn becomes(server: &TestServer, name: &str, labels: &[(&str, &str)], value: f64) {
    let is_reached = async || Scrape::of(server).await.sum(name, labels) == value;
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
    becomes(&server, "pinfold_recents_trimmed_total", &[], 2.0).await;
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
    becomes(&server, "pinfold_swept_rows_total", &[], 2.0).await;
    server.stop().await;
}

/// Imports alice and bob, which are a change each, and pins bob for alice and unpins him: two more changes.
async fn make_changes(server: &TestServer) {
    server.post(IMPORT.0, IMPORT.1).await;
    for operation in [1, 2] {
        let bob = r#"[{"Type":1,"To_Account":"bob"}]"#;
        let body = format!(r#"{{"From_Account":"alice","OperationType":{operation},"RecentContactItem":{bob}}}"#);
        server.post("recentcontact/top", &body).await;
    }
}

async fn kept(server: &TestServer) -> f64 {
    Scrape::of(server).await.sum("pinfold_history_changes_total", &[])
}

#[tokio::test]
async fn changes_that_are_kept_are_counted_with_their_bytes_and_those_that_become_too_many_are_removed_and_counted() {
    let mut config = config();
    config.apps[0].limits.history_changes_max = 1;
    let server = TestServer::over(&config, Store::new(Arc::new(Memory::new()))).await;
    make_changes(&server).await;
    assert_eq!(kept(&server).await, 4.0);
    let bytes = Scrape::of(&server).await.sum("pinfold_history_bytes_total", &[]);
    assert!((4.0 * 64.0..4.0 * 128.0).contains(&bytes), "{bytes}");
    becomes(&server, "pinfold_history_removed_total", &[("reason", "bounds")], 2.0).await;
    let answer = server.post("pinfold/get_changes", r#"{"From_Account":"alice"}"#).await;
    assert!(answer.contains(r#""Revision":3,"#) && !answer.contains(r#""Revision":2,"#), "{answer}");
    server.stop().await;
}

#[tokio::test]
async fn changes_that_become_too_old_are_removed_and_counted() {
    let mut config = config();
    config.apps[0].history_days = 1;
    let server = TestServer::over(&config, Store::new(Arc::new(Memory::new()))).await;
    make_changes(&server).await;
    server.clock.fetch_add(2 * 86_400, Ordering::Relaxed);
    becomes(&server, "pinfold_history_removed_total", &[("reason", "age")], 4.0).await;
    assert_eq!(Scrape::of(&server).await.sum("pinfold_history_removed_total", &[("reason", "bounds")]), 0.0);
    let answer = server.post("pinfold/get_changes", r#"{"From_Account":"alice"}"#).await;
    assert!(answer.starts_with(r#"{"Change":[],"#), "{answer}");
    server.stop().await;
}

#[tokio::test]
async fn where_no_changes_are_kept_none_is_counted() {
    let mut config = config();
    config.apps[0].history_days = 0;
    let server = TestServer::over(&config, Store::new(Arc::new(Memory::new()))).await;
    make_changes(&server).await;
    assert_eq!(kept(&server).await, 0.0);
    server.stop().await;
}
