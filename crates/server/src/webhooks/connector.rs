//! Connections to receivers: TCP, and TLS where the URL says so, within a time.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use pinfold_trust::{Names, ServerTrust};
use tokio::net::TcpStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tower_service::Service;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why there is no connection after the time for it.
pub(super) const TOO_LONG: &str = "it took too long";

/// Makes connections and gives each up after a time, the handshake of TLS included. The pool finishes connections that
/// a request no longer waits for, so the time of the request does not bound them.
#[derive(Clone)]
pub(super) struct Connector {
    https: HttpsConnector<HttpConnector>,
    timeout: Duration,
}

impl Connector {
    pub(super) fn new(tls: ClientConfig, timeout: Duration) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        let https =
            HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().wrap_connector(tcp);
        Self { https, timeout }
    }
}

impl Service<Uri> for Connector {
    type Response = MaybeHttpsStream<TokioIo<TcpStream>>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.https.poll_ready(context)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let (connecting, timeout) = (self.https.call(uri), self.timeout);
        Box::pin(
            async move { tokio::time::timeout(timeout, connecting).await.unwrap_or_else(|_| Err(TOO_LONG.into())) },
        )
    }
}

/// Trusts these authorities and no others; without any, those of the system. The error says why that cannot be.
pub(super) fn tls(authorities: &[CertificateDer<'static>]) -> Result<ClientConfig, String> {
    let provider = Arc::new(ring::default_provider());
    let mut system = RootCertStore::empty();
    if authorities.is_empty() {
        system.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    }
    let trust = ServerTrust::new(&provider, system, authorities.to_vec(), Names::Verified)?;
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| error.to_string())?.dangerous();
    Ok(builder.with_custom_certificate_verifier(Arc::new(trust)).with_no_client_auth())
}

/// For receivers without TLS: no certificate is loaded, and none is trusted.
pub(super) fn no_tls() -> Result<ClientConfig, String> {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().map_err(|error| error.to_string())?;
    Ok(builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth())
}
