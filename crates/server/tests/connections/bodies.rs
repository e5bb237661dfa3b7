//! Bodies of requests: slow, large, in pieces, of another length than announced.

use std::time::Instant;

use crate::raw::{Raw, assert_still_serves, get, get_body, head, post};
use crate::support::TestServer;
use crate::{ms, no_timeouts};

const MIB: usize = 1 << 20;

fn target() -> String {
    TestServer::target("recentcontact/get_contact_group")
}

/// A body of this length that is a valid call.
fn body(bytes: usize) -> String {
    let body = get_body();
    let spaces = " ".repeat(bytes - body.len());
    body + &spaces
}

/// The pieces with their lengths, and the end.
fn chunked(body: &str, piece: usize) -> Vec<u8> {
    let pieces = body.as_bytes().chunks(piece).map(|piece| (format!("{:x}\r\n", piece.len()), piece));
    let mut bytes: Vec<u8> = pieces.flat_map(|(length, piece)| [length.as_bytes(), piece, b"\r\n"].concat()).collect();
    bytes.extend_from_slice(b"0\r\n\r\n");
    bytes
}

#[tokio::test]
async fn a_body_that_stalls_is_timed_out_in_json_and_its_connection_closed() {
    let server = TestServer::with(|config| {
        no_timeouts(config);
        config.timeouts.body = ms(150);
    })
    .await;
    let mut raw = Raw::connect(&server).await;
    let began = Instant::now();
    raw.send(head(&target(), "Content-Length: 100\r\n")).await;
    raw.send("{").await;
    let answer = raw.answer().await;
    assert_eq!((answer.code(), answer.closes()), (60008, true));
    assert!(began.elapsed() >= ms(145) && raw.closed().await.is_empty());
    assert_still_serves(&server).await;
}

#[tokio::test]
async fn a_stalled_body_of_a_refused_call_does_not_hide_the_refusal() {
    let server = TestServer::with(|config| {
        no_timeouts(config);
        config.timeouts.body = ms(100);
    })
    .await;
    let mut raw = Raw::connect(&server).await;
    raw.send(head("/v4/recentcontact/get_contact_group", "Content-Length: 100\r\n")).await;
    let answer = raw.answer().await;
    assert_eq!((answer.code(), answer.closes()), (60012, true));
    assert!(raw.closed().await.is_empty());
}

#[tokio::test]
async fn a_body_in_pieces_is_read() {
    let server = TestServer::with(no_timeouts).await;
    let mut raw = Raw::connect(&server).await;
    raw.send(head(&target(), "Transfer-Encoding: chunked\r\n")).await;
    raw.send(chunked(&get_body(), 5)).await;
    assert_eq!(raw.answer().await.code(), 0);
    assert_eq!(raw.call().await.code(), 0);
}

#[tokio::test]
async fn a_body_of_a_mebibyte_is_read_and_one_byte_more_is_refused_on_a_connection_that_stays() {
    let server = TestServer::with(no_timeouts).await;
    let mut raw = Raw::connect(&server).await;
    for (bytes, code) in [(MIB, 0), (MIB + 1, 60002), (MIB, 0)] {
        raw.send(post(&target(), "", &body(bytes))).await;
        let answer = raw.answer().await;
        assert_eq!((answer.code(), answer.closes()), (code, false), "{bytes} bytes");
    }
}

#[tokio::test]
async fn a_body_in_pieces_has_the_same_limit() {
    let server = TestServer::with(no_timeouts).await;
    let mut raw = Raw::connect(&server).await;
    for (bytes, code) in [(MIB, 0), (MIB + 1, 60002), (MIB, 0)] {
        raw.send(head(&target(), "Transfer-Encoding: chunked\r\n")).await;
        raw.send(chunked(&body(bytes), 10_000)).await;
        let answer = raw.answer().await;
        assert_eq!((answer.code(), answer.closes()), (code, false), "{bytes} bytes");
    }
}

#[tokio::test]
async fn of_a_far_too_large_body_a_part_is_read_and_then_no_more() {
    let server = TestServer::with(no_timeouts).await;
    let mut raw = Raw::connect(&server).await;
    raw.send(head(&target(), "Content-Length: 1000000000000\r\n")).await;
    let piece = vec![b' '; MIB];
    let mut taken_mib = 0;
    while taken_mib < 64 && raw.try_send(&piece).await.is_ok() {
        taken_mib += 1;
    }
    assert!((8..64).contains(&taken_mib), "{taken_mib} MiB were read");
    assert_still_serves(&server).await;
}

/// A call with a body of this encoding.
fn encoded(coding: &str, body: &[u8]) -> Vec<u8> {
    let more = format!("Content-Encoding: {coding}\r\nContent-Length: {}\r\n", body.len());
    [head(&target(), &more).as_bytes(), body].concat()
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut encoder, plain).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn a_gzip_body_is_inflated_up_to_the_size_of_any_body_and_another_encoding_is_refused_by_its_name() {
    let server = TestServer::with(no_timeouts).await;
    let mut raw = Raw::connect(&server).await;
    for (coding, body, code, said) in [
        ("gzip", gzip(get_body().as_bytes()), 0, ""),
        ("GZIP", gzip(body(MIB).as_bytes()), 0, ""),
        ("gzip", gzip(body(MIB + 1).as_bytes()), 60002, "larger than 1048576 bytes"),
        ("gzip", gzip(&vec![b' '; 100 * MIB]), 60002, "larger than 1048576 bytes"),
        ("gzip", get_body().into(), 60002, "is not gzip"),
        ("gzip", gzip(b"{"), 60003, "is not JSON"),
        ("identity", get_body().into(), 0, ""),
        ("br", get_body().into(), 60002, "\"br\""),
        ("gzip", gzip(get_body().as_bytes()), 0, ""),
    ] {
        raw.send(encoded(coding, &body)).await;
        let answer = raw.answer().await;
        assert_eq!((answer.code(), answer.closes()), (code, false), "{}", answer.text());
        let json: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        assert!(json["ErrorInfo"].as_str().unwrap().contains(said), "{}", answer.text());
    }
}

#[tokio::test]
async fn a_body_that_ends_before_its_length_is_refused() {
    let server = TestServer::with(no_timeouts).await;
    let mut raw = Raw::connect(&server).await;
    raw.send(head(&target(), "Content-Length: 100\r\n")).await;
    raw.send(get_body()).await;
    raw.send_no_more().await;
    let answer = raw.answer().await;
    assert_eq!((answer.code(), answer.closes()), (60002, true));
    assert!(raw.closed().await.is_empty());
}

#[tokio::test]
async fn bytes_after_the_length_of_a_body_are_not_part_of_it() {
    let server = TestServer::with(no_timeouts).await;
    let mut raw = Raw::connect(&server).await;
    raw.send(get() + "{\"From_Account\":\"bob\"}\r\n\r\n").await;
    assert_eq!(raw.answer().await.code(), 0);
    let rest = raw.closed().await;
    assert!(rest.starts_with(b"HTTP/1.1 400"), "{}", String::from_utf8_lossy(&rest));
}

#[tokio::test]
async fn two_lengths_that_differ_are_no_request() {
    let server = TestServer::with(no_timeouts).await;
    let mut raw = Raw::connect(&server).await;
    raw.send(head(&target(), "Content-Length: 10\r\nContent-Length: 11\r\n") + "{}").await;
    let answer = raw.closed().await;
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 400"), "{}", String::from_utf8_lossy(&answer));
    assert_still_serves(&server).await;
}
