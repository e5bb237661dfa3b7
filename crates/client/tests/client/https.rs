//! HTTPS with a private authority.

use std::sync::Arc;

use hyper::Version;
use pinfold_client::{CallError, Client, Settings, SettingsError, Watched};
use pinfold_wire::commands::Top;
use pinfold_wire::recent_contact::top;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

use crate::stub_server::{Answer, Server};

const OK: &str = r#"{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ErrorDisplay":""}"#;

/// A certificate for this name, and the authority that signed it, as PEM.
fn acceptor(name: &str) -> (TlsAcceptor, String) {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new([name.to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    (acceptor_of(vec![certificate.der().clone()], &key), authority.pem())
}

fn acceptor_of(chain: Vec<CertificateDer<'static>>, key: &KeyPair) -> TlsAcceptor {
    let mut config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, PrivateKeyDer::Pkcs8(key.serialize_der().into()))
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    TlsAcceptor::from(Arc::new(config))
}

fn client(server: &Server, roots: &str) -> Client {
    let settings = Settings {
        base_url: format!("https://{}", server.address),
        extra_roots_pem: roots.as_bytes().to_vec(),
        ..server.settings()
    };
    Client::new(settings).unwrap()
}

async fn call(server: &Server, roots: &str) -> Result<top::Response, CallError> {
    client(server, roots).call::<Top>(&top::Request::default()).await
}

#[tokio::test]
async fn a_private_authority_is_trusted_when_it_is_named() {
    let (tls, authority) = acceptor("127.0.0.1");
    let server = Server::start_with(Answer::ok(OK), Some(tls)).await;
    call(&server, &authority).await.unwrap();
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn another_authority_is_not_trusted() {
    let server = Server::start_with(Answer::ok(OK), Some(acceptor("127.0.0.1").0)).await;
    let (_, other) = acceptor("127.0.0.1");
    assert!(matches!(call(&server, &other).await, Err(CallError::Transport(_))));
    assert_eq!(server.seen().len(), 0);
}

#[tokio::test]
async fn a_certificate_for_another_name_is_not_accepted() {
    let (tls, authority) = acceptor("chat.example.com");
    let server = Server::start_with(Answer::ok(OK), Some(tls)).await;
    assert!(matches!(call(&server, &authority).await, Err(CallError::Transport(_))));
}

#[test]
fn extra_roots_without_a_certificate_make_no_client() {
    for pem in ["nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        let settings =
            Settings { extra_roots_pem: pem.into(), ..Settings::new("https://127.0.0.1:1", 7, "admin", "key") };
        assert!(matches!(Client::new(settings), Err(SettingsError::ExtraRoots(_))), "{pem}");
    }
}

#[test]
fn a_client_certificate_without_its_key_makes_no_client() {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::default().self_signed(&key).unwrap();
    for (pem, expected) in [
        (certificate.pem(), "no private key"),
        (key.serialize_pem(), "no certificate"),
        (certificate.pem() + &KeyPair::generate().unwrap().serialize_pem(), "client certificate cannot be used"),
    ] {
        let settings = Settings {
            client_certificate_pem: Some(pem.into_bytes()),
            extra_roots_pem: certificate.pem().into_bytes(),
            ..Settings::new("https://127.0.0.1:1", 7, "admin", "key")
        };
        let error = Client::new(settings).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[tokio::test]
async fn a_certificate_that_signed_itself_is_trusted_when_it_is_named() {
    let mut own = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
    own.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let own = own.self_signed(&key).unwrap();
    let server = Server::start_with(Answer::ok(OK), Some(acceptor_of(vec![own.der().clone()], &key))).await;
    call(&server, &own.pem()).await.unwrap();
}

#[tokio::test]
async fn changes_are_watched_over_http_2_one_stream_after_another_on_a_connection() {
    let (tls, authority) = acceptor("127.0.0.1");
    let blocks = "event: change\nid: c1\ndata: {\"Revision\":1}\n\nretry: 1\n\n";
    let answer = Answer { content_type: "text/event-stream", ..Answer::ok(blocks) };
    let server = Server::start_with(answer, Some(tls)).await;
    let mut watch = client(&server, &authority).watch(None, None);
    for _ in 0..3 {
        assert!(matches!(watch.next().await, Some(Ok(Watched::Change(..)))));
        assert!(matches!(watch.next().await, Some(Ok(Watched::Waiting(CallError::Ended, _)))));
    }
    assert!(server.seen().iter().all(|seen| seen.version == Version::HTTP_2));
    assert_eq!((server.seen().len(), server.connections()), (3, 1));
}
