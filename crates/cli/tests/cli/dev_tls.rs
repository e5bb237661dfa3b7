//! `pinfold dev --tls`: trusted by those who trust its authority, whatever they speak.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, Version};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::dev::{Dev, are_the_answers_of_the_guide, has_curl};
use crate::support::{Workspace, pinfold, private_directory, run, text};

#[test]
fn the_printed_lines_work_when_pasted_and_twice_with_the_same_certificates() {
    let workspace = private_directory();
    let files = ["authority.pem", "ca.pem", "server.pem"].map(|name| workspace.path().join("tls").join(name));
    let mut before = Vec::new();
    for _ in 0..2 {
        let dev = Dev::start(workspace.path(), &["--tls"]);
        assert_eq!(dev.value("base URL"), format!("https://{}", dev.server.rest));
        assert!(dev.printed.contains("/usr/local/share/ca-certificates") && dev.printed.contains("SSL_CERT_FILE="));
        if has_curl() {
            are_the_answers_of_the_guide(&dev.paste());
        }
        dev.server.stop();
        let now = files.each_ref().map(|file| fs::read_to_string(file).unwrap());
        assert!(before.is_empty() || before == now);
        before = now.to_vec();
    }
    let mode = |file: &Path| fs::metadata(file).unwrap().permissions().mode() & 0o777;
    assert_eq!(files.each_ref().map(|file| mode(file)), [0o600, 0o644, 0o600]);
    assert!(!before[1].contains("PRIVATE KEY"));
}

/// TLS to a server, with the authority of its directory as the only trusted one.
async fn handshake(address: SocketAddr, ca: &Path, name: &'static str, sni: bool, alpn: &[u8]) -> TlsStream<TcpStream> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(ca).unwrap()).unwrap();
    let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().unwrap().with_root_certificates(roots);
    let mut config = builder.with_no_client_auth();
    config.enable_sni = sni;
    config.alpn_protocols = if alpn.is_empty() { Vec::new() } else { vec![alpn.to_vec()] };
    let tcp = TcpStream::connect(address).await.unwrap();
    TlsConnector::from(Arc::new(config)).connect(ServerName::try_from(name).unwrap(), tcp).await.unwrap()
}

fn request(dev: &Dev, authority: &str) -> Request<Full<Bytes>> {
    let query = format!("sdkappid=1400000001&identifier=administrator&usersig={}", dev.value("usersig"));
    let uri = format!("https://{authority}/v4/im_open_login_svc/account_import?{query}");
    Request::post(uri).header("host", authority).body(Full::from(r#"{"UserID":"dave"}"#)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_names_no_server_is_served() {
    let workspace = private_directory();
    let dev = Dev::start(workspace.path(), &["--tls"]);
    let ca = workspace.path().join("tls/ca.pem");
    for name in ["localhost", "127.0.0.1", "::1"] {
        let tls = handshake(dev.server.rest, &ca, name, false, b"").await;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(tls)).await.unwrap();
        tokio::spawn(connection);
        let answer = sender.send_request(request(&dev, "localhost")).await.unwrap();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(body, r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}"#, "{name}");
    }
    dev.server.stop();
}

/// One call over HTTP/2; its body.
async fn call_over_http2(dev: &Dev, ca: &Path) -> Bytes {
    let tls = handshake(dev.server.rest, ca, "localhost", true, b"h2").await;
    assert_eq!(tls.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(tls)).await.unwrap();
    tokio::spawn(connection);
    let answer = sender.send_request(request(dev, "localhost")).await.unwrap();
    assert_eq!(answer.version(), Version::HTTP_2);
    answer.into_body().collect().await.unwrap().to_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_speaks_http_2_is_served_and_no_library_logs_what_it_says() {
    let workspace = private_directory();
    let dev = Dev::start(workspace.path(), &["--tls", "--log", "trace"]);
    let body = call_over_http2(&dev, &workspace.path().join("tls/ca.pem")).await;
    assert_eq!(body, r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}"#);
    let usersig = dev.value("usersig");
    dev.server.signal("TERM");
    let (status, log) = dev.server.wait();
    assert_eq!(status.code(), Some(0));
    assert!(log.contains(" h2::"), "the library logs");
    assert!(!log.contains(&usersig[20..60]) && !log.contains("usersig") && !log.contains("dave"));
}

#[test]
fn serve_takes_the_files_of_dev_and_call_trusts_them_when_told_to() {
    let made = private_directory();
    Dev::start(made.path(), &["--tls"]).server.stop();
    let server_file = made.path().join("tls/server.pem");
    let workspace = Workspace::with(&format!("[tls]\ncert_file = {server_file:?}\nkey_file = {server_file:?}"));
    let server = workspace.serve();
    let port = server.rest.port();
    let call = |arguments: &[&str]| {
        let mut command = pinfold(["call", "--config", text(&workspace.config())]);
        command.args(arguments).args(["account_import", r#"{"UserID":"erin"}"#]);
        run(command).status.code()
    };
    let ca = made.path().join("tls/ca.pem");
    for host in ["localhost", "127.0.0.1"] {
        let url = format!("https://{host}:{port}");
        assert_eq!(call(&["--url", &url, "--ca-file", text(&ca)]), Some(0), "{host}");
        assert_eq!(call(&["--url", &url]), Some(2), "without the authority {host} is not trusted");
    }
    assert_eq!(call(&["--url", &format!("http://127.0.0.1:{port}")]), Some(2));
    server.stop();
}
