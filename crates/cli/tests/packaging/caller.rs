//! A caller over TLS that keeps its connection, by hand: what is sent is what a test says.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use tokio::net::TcpSocket;

use crate::support::http::signature;
use crate::support::{APP, KEY, TIMEOUT};

/// One connection.
pub(crate) struct Caller {
    stream: BufReader<StreamOwned<ClientConnection, TcpStream>>,
}

impl Caller {
    /// Connects, and trusts this certificate alone.
    pub(crate) fn dial(to: SocketAddr, certificate: &str) -> Self {
        Self::dial_from([127, 0, 0, 1].into(), to, certificate)
    }

    /// The same from an address of loopback.
    pub(crate) fn dial_from(from: IpAddr, to: SocketAddr, certificate: &str) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()).unwrap();
        let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
        let builder = builder.with_safe_default_protocol_versions().unwrap();
        let config = builder.with_root_certificates(roots).with_no_client_auth();
        let tls = ClientConnection::new(Arc::new(config), ServerName::try_from("localhost").unwrap()).unwrap();
        Self { stream: BufReader::new(StreamOwned::new(tls, connect(from, to))) }
    }

    /// Sends a signed call; its answer.
    pub(crate) fn call(&mut self, command: &str, body: &str) -> String {
        self.call_with("", command, body)
    }

    /// The same with further lines in the head.
    pub(crate) fn call_with(&mut self, lines: &str, command: &str, body: &str) -> String {
        let query = format!("sdkappid={APP}&identifier=administrator&usersig={}", signature(KEY));
        self.post(&format!("/v4/{command}?{query}"), lines, body)
    }

    /// Watches an account.
    pub(crate) fn watch(&mut self, account: &str) {
        let query = format!("sdkappid={APP}&identifier=administrator&usersig={}", signature(KEY));
        let head = format!("GET /v4/pinfold/watch?{query}&account={account} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        self.stream.get_mut().write_all(head.as_bytes()).unwrap();
    }

    /// The next line that begins so, while an answer goes on.
    pub(crate) fn line(&mut self, beginning: &str) -> String {
        let lines = self.stream.by_ref().lines().map_while(Result::ok);
        let mut found = lines.filter(|line| line.to_ascii_lowercase().starts_with(beginning));
        found.next().unwrap_or_else(|| panic!("no line begins with {beginning}"))
    }

    /// Posts to any path; the answer.
    pub(crate) fn post(&mut self, target: &str, lines: &str, body: &str) -> String {
        let length = body.len();
        let head = format!("POST {target} HTTP/1.1\r\nHost: localhost\r\n{lines}Content-Length: {length}\r\n\r\n");
        let stream = self.stream.get_mut();
        stream.write_all(head.as_bytes()).unwrap();
        // A server that refuses a body because of its length need not read it.
        let _ = stream.write_all(body.as_bytes()).and_then(|()| stream.flush());
        let (status, body) = self.answer();
        assert_eq!(status, 200, "{body}");
        body
    }

    fn answer(&mut self) -> (u16, String) {
        let (mut status, mut length) = (None, None);
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line).unwrap();
            let line = line.trim_end().to_ascii_lowercase();
            if status.is_none() {
                status = Some(line.split(' ').nth(1).unwrap_or_else(|| panic!("{line:?}")).parse().unwrap());
            } else if let Some(value) = line.strip_prefix("content-length: ") {
                length = Some(value.parse().unwrap());
            } else if line.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length.expect("an answer with its length")];
        self.stream.read_exact(&mut body).unwrap();
        (status.unwrap(), String::from_utf8(body).unwrap())
    }
}

/// The standard library cannot choose the address to come from.
fn connect(from: IpAddr, to: SocketAddr) -> TcpStream {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let stream = runtime.block_on(async {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((from, 0).into()).unwrap();
        socket.connect(to).await.unwrap().into_std().unwrap()
    });
    stream.set_nonblocking(false).unwrap();
    stream.set_read_timeout(Some(TIMEOUT)).unwrap();
    stream.set_write_timeout(Some(TIMEOUT)).unwrap();
    stream
}
