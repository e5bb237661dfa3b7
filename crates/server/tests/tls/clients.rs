//! TLS clients.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::{ALL_VERSIONS, ClientConfig, RootCertStore, SupportedProtocolVersion};

use crate::support::{ADMIN, TestServer};

/// What a client wants.
pub(crate) struct Wishes<'a> {
    /// The name it calls, DNS or IP. For an IP no server name is sent.
    pub(crate) name: &'a str,
    pub(crate) alpn: &'a [&'a str],
    pub(crate) versions: &'a [&'static SupportedProtocolVersion],
    pub(crate) sends_name: bool,
}

pub(crate) const WISHES: Wishes<'static> =
    Wishes { name: "localhost", alpn: &[], versions: ALL_VERSIONS, sends_name: true };

/// A connection with a finished handshake.
pub(crate) async fn connect(
    address: SocketAddr,
    roots: RootCertStore,
    wishes: &Wishes<'_>,
) -> std::io::Result<TlsStream<TcpStream>> {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_protocol_versions(wishes.versions).unwrap();
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = wishes.alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    config.enable_sni = wishes.sends_name;
    let stream = TcpStream::connect(address).await?;
    TlsConnector::from(Arc::new(config)).connect(wishes.name.to_owned().try_into().unwrap(), stream).await
}

/// One call over HTTP/1.1 that succeeds; whether the server also said that the TLS connection ends.
pub(crate) async fn call_http1(mut stream: TlsStream<TcpStream>) {
    let target = TestServer::target("recentcontact/get_contact_group");
    let body = format!(r#"{{"From_Account":"{ADMIN}"}}"#);
    let length = body.len();
    let head =
        format!("POST {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n");
    stream.write_all((head + &body).as_bytes()).await.unwrap();
    let mut answer = String::new();
    // An end without a good-bye would be an error.
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains(r#""ErrorCode":0,"#), "{answer}");
}
