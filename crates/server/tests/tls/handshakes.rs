//! Clients that can connect, and clients that are refused.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2;
use hyper::{Request, Version};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::rustls::ProtocolVersion;
use tokio_rustls::rustls::version::{TLS12, TLS13};

use crate::certificates::{Authority, NAMES};
use crate::clients::{ClientOptions, DEFAULT_OPTIONS, call_http1, connect};
use crate::support::no_timeouts::LONG;
use crate::support::{ADMIN, TestServer};

async fn start() -> (TestServer, Authority) {
    let authority = Authority::new();
    let server = TestServer::with(|config| config.tls = Some(authority.pair())).await;
    (server, authority)
}

#[tokio::test]
async fn http_1_1_and_http_2_are_chosen_by_alpn_and_http_2_is_preferred() {
    let (server, authority) = start().await;
    for (offered, chosen) in [
        (&["h2", "http/1.1"][..], Some("h2")),
        (&["http/1.1", "h2"], Some("h2")),
        (&["http/1.1"], Some("http/1.1")),
        (&[], None),
    ] {
        let stream = connect(server.address, authority.roots(), &ClientOptions { alpn: offered, ..DEFAULT_OPTIONS })
            .await
            .unwrap();
        let alpn = stream.get_ref().1.alpn_protocol().map(|name| std::str::from_utf8(name).unwrap().to_owned());
        assert_eq!(alpn.as_deref(), chosen);
        if chosen != Some("h2") {
            call_http1(stream).await;
        }
    }
}

#[tokio::test]
async fn a_call_over_http_2_is_answered() {
    let (server, authority) = start().await;
    let stream =
        connect(server.address, authority.roots(), &ClientOptions { alpn: &["h2"], ..DEFAULT_OPTIONS }).await.unwrap();
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let url = format!("https://localhost{}", TestServer::target("recentcontact/get_contact_group"));
    let body = Full::new(Bytes::from(format!(r#"{{"From_Account":"{ADMIN}"}}"#)));
    let answer = sender.send_request(Request::post(url).body(body).unwrap()).await.unwrap();
    assert_eq!((answer.version(), answer.status().as_u16()), (Version::HTTP_2, 200));
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    assert!(std::str::from_utf8(&body).unwrap().contains(r#""ErrorCode":0,"#));
}

#[tokio::test]
async fn a_caller_may_use_a_dns_name_or_an_ip_and_may_send_no_name() {
    let (server, authority) = start().await;
    for name in NAMES {
        for sends_name in [true, false] {
            let options = ClientOptions { name, sends_name, ..DEFAULT_OPTIONS };
            call_http1(connect(server.address, authority.roots(), &options).await.unwrap()).await;
        }
    }
}

#[tokio::test]
async fn tls_1_2_and_1_3_are_accepted() {
    let (server, authority) = start().await;
    for (version, expected) in [(&TLS12, ProtocolVersion::TLSv1_2), (&TLS13, ProtocolVersion::TLSv1_3)] {
        let options = ClientOptions { versions: &[version], ..DEFAULT_OPTIONS };
        let stream = connect(server.address, authority.roots(), &options).await.unwrap();
        assert_eq!(stream.get_ref().1.protocol_version(), Some(expected));
        call_http1(stream).await;
    }
}

#[tokio::test]
async fn a_caller_that_does_not_trust_the_authority_leaves_and_the_server_goes_on() {
    let (server, authority) = start().await;
    assert!(connect(server.address, Authority::new().roots(), &DEFAULT_OPTIONS).await.is_err());
    call_http1(connect(server.address, authority.roots(), &DEFAULT_OPTIONS).await.unwrap()).await;
}

#[tokio::test]
async fn a_handshake_that_stalls_is_closed_after_its_time() {
    let authority = Authority::new();
    let server = TestServer::with(|config| {
        config.tls = Some(authority.pair());
        config.timeouts.tls_handshake = Duration::from_millis(150);
    })
    .await;
    for bytes in [&[][..], &[0x16, 3, 1, 2, 0, 1]] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        let began = Instant::now();
        stream.write_all(bytes).await.unwrap();
        let read = timeout(LONG, stream.read_to_end(&mut Vec::new())).await.expect("not closed");
        assert_eq!(read.unwrap_or(0), 0);
        assert!(began.elapsed() >= Duration::from_millis(145));
    }
}

#[tokio::test]
async fn a_handshake_in_progress_does_not_hold_up_the_end_of_the_server() {
    let (server, authority) = start().await;
    let mut stalled = TcpStream::connect(server.address).await.unwrap();
    stalled.write_all(&[0x16, 3, 1, 2, 0, 1]).await.unwrap();
    call_http1(connect(server.address, authority.roots(), &DEFAULT_OPTIONS).await.unwrap()).await;
    let began = Instant::now();
    server.stop().await;
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[tokio::test]
async fn plain_http_on_a_port_for_tls_is_closed_without_an_answer() {
    let (server, authority) = start().await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(b"POST /v4/x HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    let _ = timeout(LONG, stream.read_to_end(&mut answer)).await.expect("not closed");
    assert!(!answer.starts_with(b"HTTP"));
    call_http1(connect(server.address, authority.roots(), &DEFAULT_OPTIONS).await.unwrap()).await;
}

#[tokio::test]
async fn an_idle_connection_is_closed_with_a_good_bye() {
    let authority = Authority::new();
    let server = TestServer::with(|config| {
        config.tls = Some(authority.pair());
        config.timeouts.idle = Duration::from_millis(150);
    })
    .await;
    let mut stream = connect(server.address, authority.roots(), &DEFAULT_OPTIONS).await.unwrap();
    stream.write_all(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    timeout(LONG, stream.read_to_string(&mut answer)).await.expect("not closed").unwrap();
    assert!(answer.contains("60009"), "{answer}");
}
