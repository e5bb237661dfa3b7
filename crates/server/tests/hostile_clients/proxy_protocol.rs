//! The PROXY protocol, on an address that expects it and on one that does not.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Instant;

use pinfold_server::config::Config;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::crypto::ring;

use crate::certificates::Authority;
use crate::raw::{Raw, get, get_body, post};
use crate::support::TestServer;
use crate::{connect_from, ms, networks, no_timeouts, refused, until_refused};

/// A server that expects the header and allows one network to call.
async fn start(change: impl FnOnce(&mut Config)) -> TestServer {
    TestServer::with(|config| {
        no_timeouts(config);
        config.proxy_protocol = config.listen.clone();
        config.trusted_proxies = networks(&["127.0.0.1/32"]);
        config.apps[0].allow_from = networks(&["203.0.113.0/24"]);
        change(config);
    })
    .await
}

/// A header of version 2 that names a source, or of a proxy that speaks for itself.
fn header(source: Option<[u8; 4]>) -> Vec<u8> {
    let mut bytes = b"\r\n\r\n\0\r\nQUIT\n".to_vec();
    bytes.extend_from_slice(&[if source.is_some() { 0x21 } else { 0x20 }, 0x11, 0, 12]);
    bytes.extend_from_slice(&source.unwrap_or_default());
    bytes.extend_from_slice(&[127, 0, 0, 1, 0xc0, 0, 0x1f, 0x90]);
    bytes
}

const INSIDE: [u8; 4] = [203, 0, 113, 7];
const OUTSIDE: [u8; 4] = [198, 51, 100, 9];

async fn code(server: &TestServer, header: impl AsRef<[u8]>) -> u64 {
    let mut raw = Raw::connect(server).await;
    raw.send(header).await;
    raw.call().await.code()
}

#[tokio::test]
async fn the_header_says_who_is_calling() {
    let server = start(|_| ()).await;
    assert_eq!(code(&server, header(Some(INSIDE))).await, 0);
    assert_eq!(code(&server, header(Some(OUTSIDE))).await, 60021);
    assert_eq!(code(&server, header(None)).await, 60021, "the proxy itself");
    assert_eq!(code(&server, "PROXY TCP4 203.0.113.7 127.0.0.1 49152 8080\r\n").await, 0);
    assert_eq!(code(&server, "PROXY TCP4 198.51.100.9 127.0.0.1 49152 8080\r\n").await, 60021);
}

/// The code of a call over a connection with this header, with an `X-Forwarded-For` that names an allowed address.
async fn code_of_forwarded(server: &TestServer, header: impl AsRef<[u8]>) -> u64 {
    let mut raw = Raw::connect(server).await;
    raw.send(header).await;
    let line = format!("X-Forwarded-For: {}\r\n", Ipv4Addr::from(INSIDE));
    raw.send(post(&TestServer::target("recentcontact/get_contact_group"), &line, &get_body())).await;
    raw.answer().await.code()
}

const UNKNOWN: &str = "PROXY UNKNOWN\r\n";

#[tokio::test]
async fn without_an_address_in_the_header_a_request_names_none_either() {
    let server = start(|_| ()).await;
    assert_eq!(code_of_forwarded(&server, header(None)).await, 60021);
    assert_eq!(code_of_forwarded(&server, UNKNOWN).await, 60021);
}

#[tokio::test]
async fn a_connection_with_an_unknown_address_is_not_one_of_the_proxy() {
    let server = start(|config| config.apps[0].allow_from = networks(&["127.0.0.1/32"])).await;
    assert_eq!(code(&server, header(None)).await, 0, "the proxy's own");
    assert_eq!(code(&server, UNKNOWN).await, 60021);
    let of_no_family = [&header(None)[..12], &[0x21, 0x00, 0, 0]].concat();
    assert_eq!(code(&server, of_no_family).await, 60021);
}

#[tokio::test]
async fn header_and_request_may_come_in_one_piece_or_byte_by_byte() {
    let server = start(|_| ()).await;
    let bytes = [header(Some(INSIDE)), get().into_bytes()].concat();
    let mut at_once = Raw::connect(&server).await;
    at_once.send(&bytes).await;
    assert_eq!(at_once.answer().await.code(), 0);
    let mut one_by_one = Raw::connect(&server).await;
    for byte in &bytes {
        one_by_one.send([*byte]).await;
        tokio::task::yield_now().await;
    }
    assert_eq!(one_by_one.answer().await.code(), 0);
}

#[tokio::test]
async fn a_connection_without_a_header_is_closed() {
    let server = start(|_| ()).await;
    for bytes in [get().into_bytes(), vec![0x16; 200], b"PROXY nonsense\r\n\r\n".to_vec()] {
        let mut raw = Raw::connect(&server).await;
        raw.send(bytes).await;
        assert!(raw.closed().await.is_empty());
    }
    // Some proxies probe the server by a connection without a byte.
    Raw::connect(&server).await.send_no_more().await;
    assert_eq!(code(&server, header(Some(INSIDE))).await, 0);
    assert_eq!(refused(&server), [("no_proxy_header", 3)]);
}

#[tokio::test]
async fn only_a_trusted_proxy_may_connect_there() {
    let server = start(|_| ()).await;
    let mut stranger = connect_from("127.0.0.2", &server).await;
    let _ = stranger.try_send(header(Some(INSIDE))).await;
    assert!(stranger.closed().await.is_empty());
    assert_eq!(refused(&server), [("not_allowed", 1)]);
}

#[tokio::test]
async fn half_a_header_is_closed_after_the_time_for_heads() {
    let server = start(|config| config.timeouts.header = ms(150)).await;
    let began = Instant::now();
    let mut raw = Raw::connect(&server).await;
    raw.send(&header(Some(INSIDE))[..20]).await;
    assert!(raw.closed().await.is_empty() && began.elapsed() >= ms(145));
    until_refused(&server, "slow_senders").await;
}

#[tokio::test]
async fn limits_by_address_are_about_the_caller_that_is_named() {
    let server = start(|config| {
        config.connections_per_address_max = 1;
        config.allow_from = networks(&["203.0.113.0/24"]);
    })
    .await;
    let mut first = Raw::connect(&server).await;
    first.send(header(Some(INSIDE))).await;
    assert_eq!(first.call().await.code(), 0);
    let mut second = Raw::connect(&server).await;
    second.send(header(Some(INSIDE))).await;
    assert!(second.closed().await.is_empty());
    assert_eq!(code(&server, header(Some([203, 0, 113, 8]))).await, 0);
    let mut outside = Raw::connect(&server).await;
    outside.send(header(Some(OUTSIDE))).await;
    assert!(outside.closed().await.is_empty());
    assert_eq!(refused(&server), [("not_allowed", 1), ("per_address", 1)]);
}

#[tokio::test]
async fn the_header_stands_before_the_tls_handshake() {
    let authority = Authority::new();
    let server = start(|config| config.tls = Some(authority.pair())).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(&header(Some(INSIDE))).await.unwrap();
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().unwrap();
    let config = builder.with_root_certificates(authority.roots()).with_no_client_auth();
    let name = Ipv4Addr::LOCALHOST.to_string().try_into().unwrap();
    let mut stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap();
    stream.write_all(get().replace("Host:", "Connection: close\r\nHost:").as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.contains(r#""ErrorCode":0,"#), "{answer}");
}

#[tokio::test]
async fn where_no_header_is_expected_none_is_believed() {
    let server = start(|config| config.proxy_protocol.clear()).await;
    for header in [header(Some(INSIDE)), b"PROXY TCP4 203.0.113.7 127.0.0.1 49152 8080\r\n".to_vec()] {
        let mut raw = Raw::connect(&server).await;
        raw.send([header, get().into_bytes()].concat()).await;
        raw.send_no_more().await;
        let answer = raw.closed().await;
        assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 400"), "{}", String::from_utf8_lossy(&answer));
    }
}
