//! `Expect: 100-continue`: a client asks before it sends its body.

use crate::no_timeouts;
use crate::raw::{Raw, get_body, head};
use crate::support::TestServer;

fn asking(target: &str, length: usize) -> String {
    head(target, &format!("Content-Length: {length}\r\nExpect: 100-continue\r\n"))
}

#[tokio::test]
async fn a_client_that_asks_is_told_to_go_on() {
    let server = TestServer::with(no_timeouts).await;
    let mut raw = Raw::connect(&server).await;
    for _ in 0..2 {
        let body = get_body();
        raw.send(asking(&TestServer::target("recentcontact/get_contact_group"), body.len())).await;
        assert_eq!(raw.head().await.status, 100);
        raw.send(body).await;
        assert_eq!(raw.answer().await.code(), 0);
    }
}

#[tokio::test]
async fn a_client_that_asks_to_send_too_much_is_refused_at_once() {
    let server = TestServer::with(no_timeouts).await;
    for target in [TestServer::target("recentcontact/get_contact_group"), "/v4/no/such".into()] {
        let mut raw = Raw::connect(&server).await;
        raw.send(asking(&target, (1 << 20) + 1)).await;
        let answer = raw.answer().await;
        let code = if target.contains("no/such") { 60009 } else { 60002 };
        assert_eq!((answer.code(), answer.closes()), (code, true));
        assert!(raw.closed().await.is_empty());
    }
}

#[tokio::test]
async fn a_refused_client_that_asks_keeps_its_connection() {
    let server = TestServer::with(no_timeouts).await;
    let mut raw = Raw::connect(&server).await;
    raw.send(asking("/v4/recentcontact/get_contact_group", 2)).await;
    assert_eq!(raw.head().await.status, 100);
    raw.send("{}").await;
    let answer = raw.answer().await;
    assert_eq!((answer.code(), answer.closes()), (60012, false));
    assert_eq!(raw.call().await.code(), 0);
}

#[tokio::test]
async fn a_body_that_comes_unasked_is_read_all_the_same() {
    let server = TestServer::with(no_timeouts).await;
    let mut raw = Raw::connect(&server).await;
    let body = get_body();
    raw.send(asking(&TestServer::target("recentcontact/get_contact_group"), body.len()) + &body).await;
    let mut answer = raw.answer().await;
    if answer.status == 100 {
        answer = raw.answer().await;
    }
    assert_eq!(answer.code(), 0);
}
