//! Certificates of callers, where they are asked for.

use pinfold_server::config::TlsConfig;
use tokio_rustls::rustls::SupportedProtocolVersion;
use tokio_rustls::rustls::version::{TLS12, TLS13};

use crate::certificates::{Authority, Identity};
use crate::clients::{ClientOptions, DEFAULT_OPTIONS, connect, try_call_http1};
use crate::support::TestServer;

const VERSIONS: [&SupportedProtocolVersion; 2] = [&TLS12, &TLS13];

/// A server with this authority of callers.
async fn start(callers: &Authority) -> (TestServer, Authority) {
    let authority = Authority::new();
    let tls = TlsConfig { client_ca_file: Some(callers.file()), ..authority.pair() };
    (TestServer::with(|config| config.tls = Some(tls)).await, authority)
}

/// The answer to a call, or none if the server refuses the caller. In TLS 1.3 that shows with the first read.
async fn call(
    server: &TestServer,
    authority: &Authority,
    version: &'static SupportedProtocolVersion,
    identity: Option<&Identity>,
) -> Option<String> {
    let options = ClientOptions { versions: &[version], identity, ..DEFAULT_OPTIONS };
    match connect(server.address, authority.roots(), &options).await {
        Ok(stream) => try_call_http1(stream).await.ok(),
        Err(_) => None,
    }
}

#[tokio::test]
async fn a_caller_of_the_authority_is_served_and_no_other_one() {
    let (callers, strangers) = (Authority::new(), Authority::new());
    let (server, authority) = start(&callers).await;
    for version in VERSIONS {
        assert_eq!(call(&server, &authority, version, None).await, None, "without a certificate");
        assert_eq!(call(&server, &authority, version, Some(&strangers.caller())).await, None, "of another authority");
        // The authority of the server's own certificate vouches for no caller.
        assert_eq!(call(&server, &authority, version, Some(&authority.caller())).await, None);
        let answer = call(&server, &authority, version, Some(&callers.caller())).await.unwrap();
        assert!(answer.contains(r#""ErrorCode":0,"#), "{answer}");
    }
}

#[tokio::test]
async fn where_no_authority_is_configured_a_certificate_is_not_asked_for() {
    let authority = Authority::new();
    let server = TestServer::with(|config| config.tls = Some(authority.pair())).await;
    for version in VERSIONS {
        assert!(call(&server, &authority, version, Some(&Authority::new().caller())).await.is_some());
    }
}
