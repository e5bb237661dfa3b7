//! A store that panics or does not answer.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use futures_util::FutureExt;

use crate::raw::{Raw, get, post};
use crate::support::TestServer;
use crate::{failing_server, ms, no_timeouts};

#[tokio::test]
async fn a_call_that_panics_is_answered_in_json_and_the_connection_stays() {
    let first = AtomicBool::new(true);
    let server = failing_server::start(no_timeouts, move || {
        let panics = first.swap(false, Ordering::Relaxed);
        async move { assert!(!panics, "on purpose, by a test") }.boxed()
    })
    .await;
    let mut raw = Raw::connect(&server).await;
    let answer = raw.call().await;
    assert_eq!((answer.code(), answer.closes()), (50004, false));
    assert!(!answer.text().contains("on purpose"), "{}", answer.text());
    assert_eq!(raw.call().await.code(), 0);
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_50005_in_time_and_60008_outside_recentcontact() {
    let server = failing_server::start(
        |config| {
            no_timeouts(config);
            config.timeouts.answer = ms(150);
        },
        || pending().boxed(),
    )
    .await;
    let mut raw = Raw::connect(&server).await;
    let began = Instant::now();
    let answer = raw.call().await;
    assert_eq!((answer.code(), answer.closes()), (50005, false));
    assert!(began.elapsed() >= ms(145));
    let target = TestServer::target("im_open_login_svc/account_check");
    raw.send(post(&target, "", r#"{"CheckItem":[{"UserID":"alice"}]}"#)).await;
    assert_eq!(raw.answer().await.code(), 60008);
}

#[tokio::test]
async fn a_client_that_leaves_during_its_call_frees_its_place() {
    let first = AtomicBool::new(true);
    let arrived = Arc::new(tokio::sync::Notify::new());
    let arrives = Arc::clone(&arrived);
    let server = failing_server::start(
        |config| {
            no_timeouts(config);
            config.connections_max = 1;
            config.timeouts.answer = ms(200);
        },
        move || {
            arrives.notify_one();
            if first.swap(false, Ordering::Relaxed) { pending().boxed() } else { async {}.boxed() }
        },
    )
    .await;
    let mut leaving = Raw::connect(&server).await;
    leaving.send(get()).await;
    arrived.notified().await;
    drop(leaving);
    assert_eq!(Raw::connect(&server).await.call().await.code(), 0);
}
