//! Many calls on one connection.

use std::time::Instant;

use crate::raw::{Raw, get, get_body, post};
use crate::support::TestServer;
use crate::{ms, no_timeouts};

#[tokio::test]
async fn a_hundred_calls_share_a_connection() {
    let server = TestServer::with(no_timeouts).await;
    let mut raw = Raw::connect(&server).await;
    for _ in 0..100 {
        let answer = raw.call().await;
        assert_eq!((answer.code(), answer.closes()), (0, false));
    }
}

#[tokio::test]
async fn calls_that_are_sent_at_once_are_answered_in_their_order() {
    let server = TestServer::with(no_timeouts).await;
    let mut raw = Raw::connect(&server).await;
    let target = TestServer::target("recentcontact/get_contact_group");
    let call = |number| post(&target, "", &format!(r#"{{"From_Account":"account-{number}"}}"#));
    raw.send((10..60).map(call).collect::<String>()).await;
    for number in 10..60 {
        let answer = raw.answer().await;
        assert_eq!(answer.code(), 50001);
        assert!(answer.text().contains(&format!("account-{number}")), "{number}: {}", answer.text());
    }
}

#[tokio::test]
async fn an_idle_connection_is_kept_for_its_time_and_closed_after_it() {
    let server = TestServer::with(|config| {
        no_timeouts(config);
        config.timeouts.idle = ms(400);
        // Heads have less time than connections: looking at them closes no idle one.
        config.timeouts.header = ms(50);
    })
    .await;
    let mut raw = Raw::connect(&server).await;
    for _ in 0..2 {
        assert_eq!(raw.call().await.code(), 0);
        assert!(!raw.receives_within(ms(200)).await);
    }
    let began = Instant::now();
    assert_eq!(raw.call().await.code(), 0);
    assert!(raw.closed().await.is_empty());
    assert!(began.elapsed() >= ms(395), "closed after {:?}", began.elapsed());
}

#[tokio::test]
async fn a_connection_without_any_call_is_idle_too() {
    let server = TestServer::with(|config| {
        no_timeouts(config);
        config.timeouts.idle = ms(200);
    })
    .await;
    let mut raw = Raw::connect(&server).await;
    assert!(raw.closed().await.is_empty());
}

#[tokio::test]
async fn an_empty_line_between_calls_is_skipped() {
    let server = TestServer::with(no_timeouts).await;
    let mut raw = Raw::connect(&server).await;
    raw.send(get() + "\r\n" + &get()).await;
    assert_eq!((raw.answer().await.code(), raw.answer().await.code()), (0, 0));
}

#[tokio::test]
async fn a_client_that_wants_to_close_is_told_the_same_and_closed() {
    let server = TestServer::with(no_timeouts).await;
    let mut raw = Raw::connect(&server).await;
    let target = TestServer::target("recentcontact/get_contact_group");
    raw.send(post(&target, "Connection: close\r\n", &get_body())).await;
    let answer = raw.answer().await;
    assert_eq!((answer.code(), answer.closes()), (0, true));
    assert!(raw.closed().await.is_empty());
}

#[tokio::test]
async fn a_client_that_sends_no_more_still_gets_its_answer() {
    let server = TestServer::with(no_timeouts).await;
    let mut raw = Raw::connect(&server).await;
    raw.send(get()).await;
    raw.send_no_more().await;
    assert_eq!(raw.answer().await.code(), 0);
    assert!(raw.closed().await.is_empty());
}

#[tokio::test]
async fn http_1_0_is_answered_and_closed_unless_it_asks_for_more() {
    let server = TestServer::with(no_timeouts).await;
    let target = TestServer::target("recentcontact/get_contact_group");
    let old = |more: &str| post(&target, more, &get_body()).replace(" HTTP/1.1\r\n", " HTTP/1.0\r\n");
    let mut raw = Raw::connect(&server).await;
    raw.send(old("Connection: keep-alive\r\n")).await;
    let answer = raw.answer().await;
    assert_eq!((answer.code(), answer.header("connection")), (0, Some("keep-alive")));
    raw.send(old("")).await;
    assert_eq!(raw.answer().await.code(), 0);
    assert!(raw.closed().await.is_empty());
}
