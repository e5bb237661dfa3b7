//! Heads of requests: slow, huge, none at all.

use std::time::Instant;

use crate::raw::{Raw, assert_still_serves, get, get_body, head};
use crate::support::TestServer;
use crate::{ms, no_timeouts};

#[tokio::test]
async fn half_a_head_is_closed_after_the_time_for_heads() {
    let server = TestServer::with(|config| {
        no_timeouts(config);
        config.timeouts.header = ms(150);
    })
    .await;
    let mut raw = Raw::connect(&server).await;
    let began = Instant::now();
    raw.send("POST /v4/recent").await;
    assert!(raw.closed().await.is_empty());
    assert!(began.elapsed() >= ms(145), "closed after {:?}", began.elapsed());
    assert_still_serves(&server).await;
}

#[tokio::test]
async fn a_head_that_comes_byte_by_byte_has_no_more_time_than_another() {
    let server = TestServer::with(|config| {
        no_timeouts(config);
        config.timeouts.header = ms(150);
    })
    .await;
    let mut raw = Raw::connect(&server).await;
    raw.send("POST / HTTP/1.1\r\nX: ").await;
    let mut is_closed = false;
    for _ in 0..500 {
        is_closed = is_closed || raw.try_send("x").await.is_err() || raw.receives_within(ms(10)).await;
    }
    assert!(is_closed && raw.closed().await.is_empty());
}

#[tokio::test]
async fn a_head_that_comes_byte_by_byte_within_its_time_is_answered() {
    let server = TestServer::with(no_timeouts).await;
    let mut raw = Raw::connect(&server).await;
    for byte in get().as_bytes() {
        raw.send([*byte]).await;
        tokio::task::yield_now().await;
    }
    assert_eq!(raw.answer().await.code(), 0);
}

#[tokio::test]
async fn half_a_head_on_a_connection_that_was_used_before_is_closed_in_time_too() {
    let server = TestServer::with(|config| {
        no_timeouts(config);
        config.timeouts.header = ms(150);
    })
    .await;
    let mut raw = Raw::connect(&server).await;
    assert_eq!(raw.call().await.code(), 0);
    raw.send("POST").await;
    assert!(raw.closed().await.is_empty());
}

#[tokio::test]
async fn a_head_that_begins_like_http2_has_no_more_time_than_another() {
    let server = TestServer::with(|config| {
        no_timeouts(config);
        config.timeouts.header = ms(150);
    })
    .await;
    for begin in
        ["P", "PRI", "PRIVATE / HTTP/1.1\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"]
    {
        let mut raw = Raw::connect(&server).await;
        raw.send(begin).await;
        // Of HTTP/2 its own first frame may come.
        raw.closed().await;
    }
    assert_still_serves(&server).await;
}

#[tokio::test]
async fn half_a_head_that_came_with_the_request_before_is_closed_in_time_too() {
    let server = TestServer::with(|config| {
        no_timeouts(config);
        config.timeouts.header = ms(150);
    })
    .await;
    let target = TestServer::target("recentcontact/get_contact_group");
    let body = get_body();
    let in_pieces =
        head(&target, "Transfer-Encoding: chunked\r\n") + &format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    let preflight = get().replacen("POST", "OPTIONS", 1);
    for whole in [get(), get().repeat(3), in_pieces, preflight, "GET / HTTP/1.1\n\n".into()] {
        let mut raw = Raw::connect(&server).await;
        raw.send(whole.clone() + "POST /v4/recent").await;
        raw.answer().await;
        let rest = raw.closed().await;
        assert!(!rest.starts_with(b"HTTP/1.1 4"), "{whole}: {}", String::from_utf8_lossy(&rest));
    }
    assert_still_serves(&server).await;
}

#[tokio::test]
async fn a_connection_on_which_whole_requests_came_together_is_idle_afterwards() {
    let server = TestServer::with(|config| {
        no_timeouts(config);
        config.timeouts.header = ms(50);
    })
    .await;
    let mut raw = Raw::connect(&server).await;
    raw.send(get().repeat(3) + "\r\n").await;
    for _ in 0..3 {
        assert_eq!(raw.answer().await.code(), 0);
    }
    assert!(!raw.receives_within(ms(300)).await);
    assert_eq!(raw.call().await.code(), 0);
}

#[tokio::test]
async fn a_tls_hello_on_a_plain_port_is_closed_at_once() {
    let server = TestServer::with(no_timeouts).await;
    let mut raw = Raw::connect(&server).await;
    raw.send([0x16, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3]).await;
    assert!(raw.closed().await.is_empty());
    assert_still_serves(&server).await;
}

#[tokio::test]
async fn bytes_that_are_no_request_end_the_connection_and_nothing_else() {
    let server = TestServer::with(no_timeouts).await;
    for garbage in ["\0\u{1}\u{2}\u{3} \r\n\r\n", "{\"From_Account\":\"alice\"}\r\n\r\n", "GET\r\n\r\n", "\u{7f}"] {
        let mut raw = Raw::connect(&server).await;
        raw.send(garbage).await;
        raw.send_no_more().await;
        let answer = raw.closed().await;
        assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 400"), "{garbage:?}");
    }
    assert_still_serves(&server).await;
}

#[tokio::test]
async fn a_huge_head_is_not_taken_in() {
    let server = TestServer::with(no_timeouts).await;
    let mut raw = Raw::connect(&server).await;
    raw.send("POST / HTTP/1.1\r\nX: ").await;
    let megabyte = vec![b'x'; 1 << 20];
    let mut taken_mib = 0;
    while taken_mib < 64 && raw.try_send(&megabyte).await.is_ok() {
        taken_mib += 1;
    }
    assert!(taken_mib < 64, "64 MiB of one head were read");
    raw.closed().await;
    assert_still_serves(&server).await;
}

#[tokio::test]
async fn a_hundred_headers_are_read_and_more_are_not() {
    let server = TestServer::with(no_timeouts).await;
    let target = TestServer::target("recentcontact/get_contact_group");
    let body = get_body();
    for (more, status) in [(98, 200), (99, 431)] {
        let headers: String = (0..more).map(|number| format!("X-{number}: {number}\r\n")).collect();
        let mut raw = Raw::connect(&server).await;
        raw.send(head(&target, &format!("Content-Length: {}\r\n{headers}", body.len()))).await;
        raw.send(&body).await;
        assert_eq!(raw.answer().await.status, status, "{more} headers and two others");
    }
    assert_still_serves(&server).await;
}

#[tokio::test]
async fn a_url_that_is_too_long_for_http_ends_the_connection_and_nothing_else() {
    let server = TestServer::with(no_timeouts).await;
    let mut raw = Raw::connect(&server).await;
    let _ = raw.try_send(head(&format!("/v4/x?usersig={}", "A".repeat(70_000)), "Content-Length: 0\r\n")).await;
    let answer = String::from_utf8(raw.closed().await).unwrap();
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    assert_still_serves(&server).await;
}
