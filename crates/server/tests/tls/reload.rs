//! A configuration that is read again while the server runs.

use pinfold_server::config::{Config, Secret, TlsConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::HandshakeKind;

use crate::certificates::{Authority, shown};
use crate::clients::{ClientOptions, DEFAULT_OPTIONS, call_http1, client, connect, connect_as, try_call_http1};
use crate::support::{self, ADMIN, TestServer};

fn config(tls: TlsConfig) -> Config {
    Config { tls: Some(tls), ..support::config() }
}

async fn start(authority: &Authority) -> TestServer {
    let pair = authority.pair();
    TestServer::with(|config| config.tls = Some(pair)).await
}

async fn trusts(server: &TestServer, authority: &Authority) -> bool {
    connect(server.address, authority.roots(), &DEFAULT_OPTIONS).await.is_ok()
}

/// A call on a connection that stays open.
async fn call(stream: &mut TlsStream<TcpStream>) {
    let target = TestServer::target("recentcontact/get_contact_group");
    let body = format!(r#"{{"From_Account":"{ADMIN}"}}"#);
    let head = format!("POST {target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n", body.len());
    stream.write_all((head + &body).as_bytes()).await.unwrap();
    let mut answer = vec![0; 4096];
    let bytes = stream.read(&mut answer).await.unwrap();
    assert!(answer[..bytes].starts_with(b"HTTP/1.1 200"));
}

#[tokio::test]
async fn new_handshakes_get_the_new_pair_and_open_connections_go_on() {
    let (before, after) = (Authority::new(), Authority::new());
    let server = start(&before).await;
    let mut open = connect(server.address, before.roots(), &DEFAULT_OPTIONS).await.unwrap();
    call(&mut open).await;
    assert!(server.control.follow(&config(after.pair())).unwrap().is_empty());
    call(&mut open).await;
    assert!(!trusts(&server, &before).await);
    call_http1(connect(server.address, after.roots(), &DEFAULT_OPTIONS).await.unwrap()).await;
}

#[tokio::test]
async fn a_pair_that_is_wrong_changes_nothing_and_neither_do_the_apps_beside_it() {
    let (authority, other) = (Authority::new(), Authority::new());
    let server = start(&authority).await;
    let key_file = other.pair().key_file;
    let mut wrong = config(TlsConfig { key_file: key_file.clone(), ..authority.pair() });
    wrong.apps[0].keys = vec![Secret::new("another-made-up-key-for-the-tests").unwrap()];
    let sentence = server.control.follow(&wrong).unwrap_err().to_string();
    assert!(sentence.starts_with(&format!("tls: the key in {} is not the one of", shown(&key_file))), "{sentence}");
    call_http1(connect(server.address, authority.roots(), &DEFAULT_OPTIONS).await.unwrap()).await;
}

#[tokio::test]
async fn the_authority_of_callers_is_exchanged_too_and_a_session_of_before_does_not_get_around_it() {
    let (authority, callers) = (Authority::new(), Authority::new());
    let server = start(&authority).await;
    let known = client(authority.roots(), &DEFAULT_OPTIONS);
    let mut kinds = Vec::new();
    for _ in 0..2 {
        let stream = connect_as(&known, server.address, "localhost").await.unwrap();
        kinds.push(stream.get_ref().1.handshake_kind().unwrap());
        call_http1(stream).await;
    }
    assert_eq!(kinds, [HandshakeKind::Full, HandshakeKind::Resumed]);
    let tls = TlsConfig { client_ca_file: Some(callers.file()), ..authority.pair() };
    server.control.follow(&config(tls)).unwrap();
    let without = connect_as(&known, server.address, "localhost").await.unwrap();
    assert!(try_call_http1(without).await.is_err());
    let identity = Some(&callers.caller());
    call_http1(
        connect(server.address, authority.roots(), &ClientOptions { identity, ..DEFAULT_OPTIONS }).await.unwrap(),
    )
    .await;
}

#[tokio::test]
async fn an_authority_of_callers_that_cannot_be_read_is_named() {
    let authority = Authority::new();
    let server = start(&authority).await;
    for (text, expected) in [
        ("nonsense", "tls: FILE holds no certificate in plain PEM"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n", "tls: FILE breaks off in the middle of a certificate"),
        (
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            "tls: a certificate in FILE cannot be used as an authority of callers: ",
        ),
    ] {
        let file = authority.write("callers.pem", text);
        let tls = TlsConfig { client_ca_file: Some(file.clone()), ..authority.pair() };
        let sentence = server.control.follow(&config(tls)).unwrap_err().to_string().replace(&shown(&file), "FILE");
        assert!(sentence.starts_with(expected), "{sentence}");
    }
    assert!(trusts(&server, &authority).await);
}

#[tokio::test]
async fn tls_is_neither_begun_nor_ended_without_a_restart() {
    let authority = Authority::new();
    let (with, without) = (start(&authority).await, TestServer::start().await);
    let keys = ["tls.cert_file", "tls.key_file"];
    assert!(with.control.follow(&support::config()).unwrap().into_iter().eq(keys));
    assert!(without.control.follow(&config(authority.pair())).unwrap().into_iter().eq(keys));
    call_http1(connect(with.address, authority.roots(), &DEFAULT_OPTIONS).await.unwrap()).await;
    assert!(!trusts(&without, &authority).await);
    assert!(certificate_end(&with).await.is_some_and(|end| end > support::START));
    assert_eq!(certificate_end(&without).await, None);
}

/// As the metrics tell it, in unix seconds.
async fn certificate_end(server: &TestServer) -> Option<u64> {
    let text = server.metrics.text().await;
    let end = text.lines().find_map(|line| line.strip_prefix("pinfold_tls_certificate_expiry_timestamp_seconds "));
    end.map(|end| end.parse().unwrap())
}
