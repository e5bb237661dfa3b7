//! TLS clients.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::{ALL_VERSIONS, ClientConfig, RootCertStore, SupportedProtocolVersion};

use crate::certificates::Identity;
use crate::support::{ADMIN, TestServer};

/// The options of a client.
pub(crate) struct ClientOptions<'a> {
    /// The name it calls, DNS or IP. For an IP no server name is sent.
    pub(crate) name: &'a str,
    pub(crate) alpn: &'a [&'a str],
    pub(crate) versions: &'a [&'static SupportedProtocolVersion],
    pub(crate) sends_name: bool,
    /// The certificate of the client itself.
    pub(crate) identity: Option<&'a Identity>,
}

pub(crate) const DEFAULT_OPTIONS: ClientOptions<'static> =
    ClientOptions { name: "localhost", alpn: &[], versions: ALL_VERSIONS, sends_name: true, identity: None };

/// A client, which remembers its sessions.
pub(crate) fn client(roots: RootCertStore, options: &ClientOptions<'_>) -> Arc<ClientConfig> {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_protocol_versions(options.versions).unwrap().with_root_certificates(roots);
    let mut config = match options.identity {
        Some((chain, key)) => builder.with_client_auth_cert(chain.clone(), key.clone_key()).unwrap(),
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = options.alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    config.enable_sni = options.sends_name;
    Arc::new(config)
}

/// A connection of a client with a finished handshake.
pub(crate) async fn connect_as(
    client: &Arc<ClientConfig>,
    address: SocketAddr,
    name: &str,
) -> std::io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(address).await?;
    TlsConnector::from(Arc::clone(client)).connect(name.to_owned().try_into().unwrap(), stream).await
}

/// A connection of a new client with a finished handshake.
pub(crate) async fn connect(
    address: SocketAddr,
    roots: RootCertStore,
    options: &ClientOptions<'_>,
) -> std::io::Result<TlsStream<TcpStream>> {
    connect_as(&client(roots, options), address, options.name).await
}

/// One call over HTTP/1.1 that succeeds and ends its connection in good order.
pub(crate) async fn call_http1(stream: TlsStream<TcpStream>) {
    let answer = try_call_http1(stream).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains(r#""ErrorCode":0,"#), "{answer}");
}

/// One call over HTTP/1.1; its answer.
pub(crate) async fn try_call_http1(mut stream: TlsStream<TcpStream>) -> std::io::Result<String> {
    let target = TestServer::target("recentcontact/get_contact_group");
    let body = format!(r#"{{"From_Account":"{ADMIN}"}}"#);
    let length = body.len();
    let head =
        format!("POST {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n");
    stream.write_all((head + &body).as_bytes()).await?;
    let mut answer = String::new();
    // An end without a good-bye would be an error.
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}
