//! Which certificates of servers are trusted, over connections to a database, to the service and to
//! receivers of webhooks.
//!
//! What the system's authorities sign is verified by webpki alone, as in browsers. Certificates that a user names get
//! what libpq and curl grant them: a named certificate is accepted where the server presents it itself, an authority
//! may sign certificates of version 1, and a certificate without alternative names is for its common name.

mod leaf;
mod named;

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

use leaf::Leaf;
use named::Named;

/// Verifies certificates of servers. That the server holds the key of its certificate is always verified.
#[derive(Debug)]
pub struct ServerTrust {
    anchors: Anchors,
    algorithms: WebPkiSupportedAlgorithms,
}

#[derive(Debug)]
enum Anchors {
    /// Every certificate is accepted.
    Any,
    /// A certificate is accepted if one of both accepts it.
    Some { system: Option<Arc<WebPkiServerVerifier>>, named: Option<Named>, names: Names },
}

/// Whether a certificate must be for the name that was connected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// It must.
    Verified,
    /// A trusted certificate is enough, whatever its name.
    Ignored,
}

impl ServerTrust {
    /// Accepts any certificate: encryption alone.
    pub fn any(provider: &CryptoProvider) -> Self {
        Self { anchors: Anchors::Any, algorithms: provider.signature_verification_algorithms }
    }

    /// Trusts what the authorities of the system signed, and the certificates that a user named.
    ///
    /// # Errors
    /// A sentence, if a named certificate cannot be read or there is none at all.
    pub fn new(
        provider: &Arc<CryptoProvider>,
        system: RootCertStore,
        named: Vec<CertificateDer<'static>>,
        names: Names,
    ) -> Result<Self, String> {
        if system.is_empty() && named.is_empty() {
            return Err("there is no certificate to trust".to_owned());
        }
        let system = if system.is_empty() { None } else { Some(webpki(provider, system)?) };
        let named = if named.is_empty() { None } else { Some(Named::new(provider, named)?) };
        let algorithms = provider.signature_verification_algorithms;
        Ok(Self { anchors: Anchors::Some { system, named, names }, algorithms })
    }
}

fn webpki(provider: &Arc<CryptoProvider>, roots: RootCertStore) -> Result<Arc<WebPkiServerVerifier>, String> {
    let builder = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider));
    builder.build().map_err(|error| error.to_string())
}

/// Whether a certificate is good but for its name, which webpki verifies last.
fn is_for_another_name(error: &Error) -> bool {
    let Error::InvalidCertificate(error) = error else { return false };
    matches!(error, CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. })
}

impl ServerCertVerifier for ServerTrust {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Anchors::Some { system, named, names } = &self.anchors else {
            return Ok(ServerCertVerified::assertion());
        };
        let by_system = system.as_ref().map(|system| {
            match system.verify_server_cert(end_entity, intermediates, name, ocsp, now).map(|_| ()) {
                Err(error) if *names == Names::Ignored && is_for_another_name(&error) => Ok(()),
                verified => verified,
            }
        });
        let verified = match (by_system, named) {
            (Some(Ok(())), _) => Ok(()),
            (_, Some(named)) => named.verify(end_entity, intermediates, name, now, *names),
            (Some(refused), None) => refused,
            (None, None) => Err(Error::InvalidCertificate(CertificateError::UnknownIssuer)),
        };
        verified.map(|()| ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        match Leaf::of_version_1(certificate) {
            Some(leaf) => leaf.verify_tls12_signature(message, signed, &self.algorithms),
            None => rustls::crypto::verify_tls12_signature(message, certificate, signed, &self.algorithms),
        }
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        match Leaf::of_version_1(certificate) {
            Some(leaf) => leaf.verify_tls13_signature(message, signed, &self.algorithms),
            None => rustls::crypto::verify_tls13_signature(message, certificate, signed, &self.algorithms),
        }
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
