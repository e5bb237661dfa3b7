//! Clients that watch and mean harm: they open streams and drop them, read slowly or not at all, or send what no browser
//! does.

use futures_util::future;
use futures_util::stream::{self, StreamExt as _};
use pinfold_core::Registration;
use pinfold_server::config::Config;
use serde_json::json;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::frames::{END_HEADERS, END_STREAM, Frames, HEADERS, frame, head};
use crate::raw::{Raw, assert_still_serves};
use crate::slow_readers::{SEND, connect_with_small_buffer, short_send_timeout};
use crate::support::{ADMIN, APP, TestServer};
use crate::{LONG, ms, no_timeouts, refused, until_refused};

/// Streams that are opened and dropped; `PINFOLD_STREAMS` says another number.
const STREAMS: usize = 2000;

fn any(config: &mut Config) {
    no_timeouts(config);
    config.apps[0].accounts = Registration::Any;
}

/// Path and query by which the administrator watches an account.
fn target(account: &str) -> String {
    let signature = TestServer::signature(ADMIN);
    format!("/v4/pinfold/watch?sdkappid={APP}&identifier={ADMIN}&usersig={signature}&account={account}")
}

fn get(account: &str) -> String {
    format!("GET {} HTTP/1.1\r\nHost: pinfold\r\n\r\n", target(account))
}

/// Waits until there are so many streams.
async fn until_watched(server: &TestServer, watchers: usize) {
    let line = format!("\npinfold_watchers{{app=\"{APP}\"}} {watchers}\n");
    let counted = async {
        while !server.metrics.text().await.contains(&line) {
            tokio::time::sleep(ms(20)).await;
        }
    };
    timeout(LONG, counted).await.unwrap_or_else(|_| panic!("not {watchers} streams"));
}

/// Has the account change, by about 60 KB of events each time, until the server has enough of a reader.
async fn change_until_refused(server: &TestServer) {
    let changes = async {
        for number in 0_u64.. {
            let text = format!("{number}-{}", "x".repeat(230));
            let mark = |peer| json!({"OptType": 2, "ContactItem": {"Type": 1, "To_Account": format!("peer-{peer}")}, "CustomMark": text});
            let marks: Vec<_> = (0..100).map(mark).collect();
            let body = json!({"From_Account": "alice", "MarkItem": marks});
            server.post("recentcontact/mark_contact", &body.to_string()).await;
        }
    };
    future::select(Box::pin(changes), Box::pin(until_refused(server, "slow_readers"))).await;
}

#[tokio::test]
async fn streams_that_are_opened_and_dropped_leave_no_place_taken() {
    let server = TestServer::with(|config| {
        any(config);
        config.apps[0].limits.watchers_per_account_max = 1000;
    })
    .await;
    let streams = std::env::var("PINFOLD_STREAMS").map_or(STREAMS, |streams| streams.parse().unwrap());
    let drop_one = async |number: usize| {
        let mut raw = Raw::connect(&server).await;
        raw.send(get(&format!("account-{}", number % 100))).await;
        // Some leave before they are answered.
        if !number.is_multiple_of(4) {
            assert_eq!(raw.head().await.header("content-type"), Some("text/event-stream"));
        }
    };
    stream::iter(0..streams).map(drop_one).buffer_unordered(32).collect::<Vec<_>>().await;
    until_watched(&server, 0).await;
    assert_still_serves(&server).await;
}

#[tokio::test]
async fn a_hundred_streams_of_one_http2_connection_end_with_it() {
    let server = TestServer::with(any).await;
    let mut frames = Frames::connect(&server, &[]).await;
    for number in 0..100 {
        let mut get = head(&target(&format!("account-{number}")));
        // `:method: GET` of HPACK's table.
        get[0] = 0x82;
        frames.send(frame(HEADERS, END_HEADERS | END_STREAM, 2 * number + 1, &get)).await.unwrap();
    }
    until_watched(&server, 100).await;
    drop(frames);
    until_watched(&server, 0).await;
}

#[tokio::test]
async fn a_client_that_reads_nothing_of_its_stream_is_ended() {
    let server = TestServer::with(|config| {
        any(config);
        short_send_timeout(config);
    })
    .await;
    let mut raw = Raw::over(connect_with_small_buffer(&server).await);
    raw.send(get("alice")).await;
    until_watched(&server, 1).await;
    timeout(LONG * 3, change_until_refused(&server)).await.expect("not ended");
    until_watched(&server, 0).await;
    assert_eq!(refused(&server), [("slow_readers", 1)]);
}

#[tokio::test]
async fn a_client_that_reads_a_byte_now_and_then_is_ended() {
    let server = TestServer::with(|config| {
        any(config);
        short_send_timeout(config);
    })
    .await;
    let mut stream: TcpStream = connect_with_small_buffer(&server).await;
    tokio::io::AsyncWriteExt::write_all(&mut stream, get("alice").as_bytes()).await.unwrap();
    until_watched(&server, 1).await;
    let reading = async {
        while stream.read_u8().await.is_ok() {
            tokio::time::sleep(SEND / 2).await;
        }
    };
    let both = future::select(Box::pin(reading), Box::pin(change_until_refused(&server)));
    timeout(LONG * 3, both).await.expect("not ended");
    until_watched(&server, 0).await;
}

#[tokio::test]
async fn a_cursor_of_a_mebibyte_is_too_long_for_a_head() {
    let server = TestServer::with(any).await;
    let long = "A".repeat(1 << 20);
    for request in [
        format!("GET {}&after={long} HTTP/1.1\r\nHost: pinfold\r\n\r\n", target("alice")),
        format!("GET {} HTTP/1.1\r\nHost: pinfold\r\nLast-Event-ID: {long}\r\n\r\n", target("alice")),
    ] {
        let mut raw = Raw::connect(&server).await;
        let _ = raw.try_send(request).await;
        // The rest of the head, which is not read, may reset the connection before the answer is read.
        let came = String::from_utf8(raw.closed().await).unwrap();
        assert!(came.is_empty() || came.starts_with("HTTP/1.1 414 ") || came.starts_with("HTTP/1.1 431 "), "{came}");
    }
    assert_still_serves(&server).await;
}

#[tokio::test]
async fn what_no_browser_sends_begins_a_stream_or_is_refused_and_harms_nothing() {
    let server = TestServer::with(any).await;
    let target = target("alice");
    for (request, is_stream) in [
        (format!("GET {target} HTTP/1.1\r\nHost: pinfold\r\nContent-Length: 5\r\n\r\nhello"), true),
        (format!("GET {target} HTTP/1.1\r\nHost: pinfold\r\nContent-Length: 5000000\r\n\r\n"), true),
        (format!("GET {target} HTTP/1.1\r\nHost: pinfold\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n"), true),
        (format!("GET {target} HTTP/1.1\r\nHost: pinfold\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), true),
        (format!("GET {target} HTTP/1.1\r\nHost: pinfold\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"), true),
        (format!("GET {target} HTTP/1.0\r\n\r\n"), true),
        ("CONNECT pinfold:80 HTTP/1.1\r\nHost: pinfold\r\n\r\n".to_owned(), false),
    ] {
        let mut raw = Raw::connect(&server).await;
        raw.send(&request).await;
        let head = raw.head().await;
        assert_eq!(head.header("content-type") == Some("text/event-stream"), is_stream, "{request}: {head:?}");
    }
    until_watched(&server, 0).await;
    assert_still_serves(&server).await;
}
