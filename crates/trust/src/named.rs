//! Certificates that a user named.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier as _;
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{Error, RootCertStore};
use x509_cert::Certificate;
use x509_cert::der::Decode as _;
use x509_cert::ext::pkix::{BasicConstraints, NameConstraints};

use crate::leaf::Leaf;
use crate::{Names, is_for_another_name, webpki};

/// Certificates that are trusted as authorities, and where a server presents one of them itself.
#[derive(Debug)]
pub(crate) struct Named {
    certificates: Vec<CertificateDer<'static>>,
    webpki: Arc<WebPkiServerVerifier>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Named {
    pub(crate) fn new(
        provider: &Arc<CryptoProvider>,
        certificates: Vec<CertificateDer<'static>>,
    ) -> Result<Self, String> {
        let mut roots = RootCertStore::empty();
        for certificate in &certificates {
            roots.add(certificate.clone()).map_err(|error| error.to_string())?;
        }
        let algorithms = provider.signature_verification_algorithms;
        Ok(Self { certificates, webpki: webpki(provider, roots)?, algorithms })
    }

    /// Verifies a certificate by webpki, and where that refuses it as what libpq and curl take.
    pub(crate) fn verify(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
        names: Names,
    ) -> Result<(), Error> {
        let leaf = match self.webpki.verify_server_cert(end_entity, intermediates, name, &[], now) {
            Ok(_) => return Ok(()),
            Err(error) if is_for_another_name(&error) => Leaf::read(end_entity).ok_or(error)?,
            Err(error) => {
                let leaf = Leaf::read(end_entity).filter(|leaf| self.is_named(end_entity) || self.has_signed(leaf));
                let leaf = leaf.ok_or(error)?;
                leaf.verify_purpose(now)?;
                leaf
            }
        };
        match names {
            Names::Verified => leaf.verify_name(name),
            Names::Ignored => Ok(()),
        }
    }

    /// Whether a user named this very certificate.
    fn is_named(&self, certificate: &CertificateDer<'_>) -> bool {
        self.certificates.iter().any(|named| named == certificate)
    }

    /// Whether a certificate of version 1, which webpki does not read, comes directly from a named authority.
    fn has_signed(&self, leaf: &Leaf<'_>) -> bool {
        leaf.is_of_version_1() && self.certificates.iter().any(|named| is_authority_of(named, leaf, &self.algorithms))
    }
}

/// Name constraints are not evaluated here, so an authority that has some signs no certificate of version 1.
fn is_authority_of(named: &CertificateDer<'_>, leaf: &Leaf<'_>, algorithms: &WebPkiSupportedAlgorithms) -> bool {
    let Ok(authority) = Certificate::from_der(named) else { return false };
    let authority = authority.tbs_certificate;
    let may_sign = match authority.get::<BasicConstraints>() {
        Ok(constraints) => constraints.is_none_or(|(_, constraints)| constraints.ca),
        Err(_) => false,
    };
    let is_free = matches!(authority.get::<NameConstraints>(), Ok(None));
    may_sign && is_free && leaf.is_signed_by(&authority, algorithms)
}
