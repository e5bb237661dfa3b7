//! Receivers with certificates.

use std::sync::Arc;

use rcgen::{CertificateParams, KeyPair};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tower_service::Service as _;

use super::connector::{self, Connector};
use super::*;

/// A self-signed certificate for this name, and what serves it.
fn certificate(name: &str) -> (CertificateDer<'static>, TlsAcceptor) {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().self_signed(&key).unwrap();
    let der = certificate.der().clone();
    let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let config = builder.with_single_cert(vec![der.clone()], key.serialize_der().try_into().unwrap()).unwrap();
    (der, TlsAcceptor::from(Arc::new(config)))
}

/// Sends a message over TLS to `localhost`, trusting these authorities.
async fn send_to(port: u16, authorities: &[CertificateDer<'static>], timeout: Duration) -> Result<u16, DeliveryError> {
    let url = WebhookUrl::parse(&format!("https://localhost:{port}/hook")).unwrap();
    let token = Secret::new(TOKEN).unwrap();
    let endpoint = Endpoint::with_timeout(AppId(7), url, token, authorities, timeout).unwrap();
    endpoint.send(&message(1), NOW).await.inspect_err(assert_holds_no_secret)
}

/// The error of a receiver whose certificate is for `name`, where `trusted` is trusted.
async fn refused_certificate(
    name: &str,
    trusted: impl FnOnce(CertificateDer<'static>) -> CertificateDer<'static>,
) -> String {
    let (own, acceptor) = certificate(name);
    let receiver = Receiver::with_tls(acceptor, [Step::Answer(OK.into())]).await;
    let error = send_to(receiver.port(), &[trusted(own)], LONG).await.unwrap_err();
    assert!(matches!(error, DeliveryError::Certificate { .. }) && error.is_unreachable(), "{error}");
    assert!(receiver.received().is_empty(), "nothing is sent to a stranger");
    error.to_string()
}

#[tokio::test]
async fn a_receiver_is_trusted_by_the_authority_that_is_named() {
    let (own, acceptor) = certificate("localhost");
    let (other, _) = certificate("elsewhere");
    let receiver = Receiver::with_tls(acceptor, [Step::Answer(OK.into())]).await;
    assert_eq!(send_to(receiver.port(), &[other, own], LONG).await, Ok(200));
    assert!(receiver.received()[0].head.starts_with("POST /hook?"));
}

#[tokio::test]
async fn a_certificate_of_another_authority_is_refused_with_the_key_that_would_help() {
    let text = refused_certificate("localhost", |_| certificate("localhost").0).await;
    assert!(text.ends_with("; app.webhook.ca_file names the authorities to trust"), "{text}");
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let text = refused_certificate("chat.example.com", |own| own).await;
    assert!(text.contains("not valid for name"), "{text}");
}

#[tokio::test]
async fn a_receiver_without_tls_behind_a_url_of_https_is_told() {
    let receiver = Receiver::start([Step::Answer(OK.into())]).await;
    let error = send_to(receiver.port(), &[certificate("localhost").0], SHORT).await.unwrap_err();
    assert!(matches!(error, DeliveryError::NoConnection { .. }), "{error}");
}

#[tokio::test]
async fn a_handshake_that_does_not_end_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let error = send_to(port, &[certificate("localhost").0], SHORT).await.unwrap_err();
    assert_eq!(error.to_string(), format!("no connection to localhost:{port}: it took too long"));
}

#[tokio::test]
async fn a_connection_that_no_message_waits_for_any_more_has_its_time_too() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("https://localhost:{}/", listener.local_addr().unwrap().port()).parse().unwrap();
    let mut connector = Connector::new(connector::tls(&[certificate("localhost").0]).unwrap(), SHORT);
    let outcome = tokio::time::timeout(LONG, connector.call(uri)).await.expect("it is given up");
    let error = outcome.err().unwrap();
    assert_eq!(error.to_string(), connector::TOO_LONG);
}
