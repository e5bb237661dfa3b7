//! The certificate of a server, checked by libpq's and curl's rules where webpki refuses it.

use std::net::IpAddr;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::client::verify_server_name;
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls13_signature_with_raw_key};
use rustls::pki_types::{
    CertificateDer, ServerName, SignatureVerificationAlgorithm, SubjectPublicKeyInfoDer, UnixTime,
};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, PeerMisbehaved};
use x509_cert::der::oid::db::rfc4519::CN;
use x509_cert::der::oid::db::rfc5280::{ANY_EXTENDED_KEY_USAGE, ID_KP_SERVER_AUTH};
use x509_cert::der::referenced::OwnedToRef as _;
use x509_cert::der::{AnyRef, Decode as _, Encode as _};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{ExtendedKeyUsage, SubjectAltName};
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};
use x509_cert::{Certificate, TbsCertificate, Version};

/// A certificate of a server.
pub(crate) struct Leaf<'a> {
    der: &'a CertificateDer<'a>,
    certificate: Certificate,
}

impl<'a> Leaf<'a> {
    pub(crate) fn read(der: &'a CertificateDer<'a>) -> Option<Self> {
        Certificate::from_der(der).ok().map(|certificate| Self { der, certificate })
    }

    /// Reads a certificate if it is of version 1, which knows no extensions.
    pub(crate) fn of_version_1(der: &'a CertificateDer<'a>) -> Option<Self> {
        Self::read(der).filter(Self::is_of_version_1)
    }

    pub(crate) fn is_of_version_1(&self) -> bool {
        self.certificate.tbs_certificate.version == Version::V1
    }

    /// Verifies that the certificate is valid now, and may be a server's.
    pub(crate) fn verify_purpose(&self, now: UnixTime) -> Result<(), Error> {
        let (tbs, now) = (&self.certificate.tbs_certificate, now.as_secs());
        if now < tbs.validity.not_before.to_unix_duration().as_secs() {
            return Err(CertificateError::NotValidYet.into());
        }
        if now > tbs.validity.not_after.to_unix_duration().as_secs() {
            return Err(CertificateError::Expired.into());
        }
        let purposes = tbs.get::<ExtendedKeyUsage>().map_err(|_| CertificateError::BadEncoding)?;
        let serves = [ID_KP_SERVER_AUTH, ANY_EXTENDED_KEY_USAGE];
        match purposes {
            Some((_, ExtendedKeyUsage(purposes))) if !serves.iter().any(|served| purposes.contains(served)) => {
                Err(CertificateError::InvalidPurpose.into())
            }
            _ => Ok(()),
        }
    }

    /// Verifies that the certificate is for this name: by its alternative names, or where it has none by the common
    /// name of its subject.
    pub(crate) fn verify_name(&self, name: &ServerName<'_>) -> Result<(), Error> {
        let tbs = &self.certificate.tbs_certificate;
        let alternatives = tbs.get::<SubjectAltName>().map_err(|_| CertificateError::BadEncoding)?;
        let is_name = |name: &GeneralName| matches!(name, GeneralName::DnsName(_) | GeneralName::IpAddress(_));
        if alternatives.is_some_and(|(_, SubjectAltName(names))| names.iter().any(is_name)) {
            return verify_server_name(&ParsedCertificate::try_from(self.der)?, name);
        }
        match common_name(tbs) {
            Some(common_name) if is_name_of(common_name, name) => Ok(()),
            _ => Err(CertificateError::NotValidForName.into()),
        }
    }

    /// Whether the holder of this authority's key signed the certificate.
    pub(crate) fn is_signed_by(&self, authority: &TbsCertificate, algorithms: &WebPkiSupportedAlgorithms) -> bool {
        let Certificate { tbs_certificate, signature_algorithm, signature } = &self.certificate;
        if tbs_certificate.issuer != authority.subject || tbs_certificate.signature != *signature_algorithm {
            return false;
        }
        let (Some(algorithm), Ok(message)) = (contents(signature_algorithm), tbs_certificate.to_der()) else {
            return false;
        };
        let by = algorithms.all.iter().filter(|by| *by.signature_alg_id() == *algorithm);
        is_signed(&authority.subject_public_key_info, by, &message, signature.raw_bytes())
    }

    pub(crate) fn verify_tls12_signature(
        &self,
        message: &[u8],
        signed: &DigitallySignedStruct,
        algorithms: &WebPkiSupportedAlgorithms,
    ) -> Result<HandshakeSignatureValid, Error> {
        let scheme = algorithms.mapping.iter().find(|(scheme, _)| *scheme == signed.scheme);
        let (_, by) = scheme.ok_or(PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme)?;
        if is_signed(self.key(), by.iter(), message, signed.signature()) {
            Ok(HandshakeSignatureValid::assertion())
        } else {
            Err(CertificateError::BadSignature.into())
        }
    }

    pub(crate) fn verify_tls13_signature(
        &self,
        message: &[u8],
        signed: &DigitallySignedStruct,
        algorithms: &WebPkiSupportedAlgorithms,
    ) -> Result<HandshakeSignatureValid, Error> {
        let key = self.key().to_der().map_err(|_| CertificateError::BadEncoding)?;
        verify_tls13_signature_with_raw_key(message, &SubjectPublicKeyInfoDer::from(key), signed, algorithms)
    }

    fn key(&self) -> &SubjectPublicKeyInfoOwned {
        &self.certificate.tbs_certificate.subject_public_key_info
    }
}

/// Whether the holder of a key signed a message by one of these algorithms.
fn is_signed<'a>(
    key: &SubjectPublicKeyInfoOwned,
    by: impl Iterator<Item = &'a &'static dyn SignatureVerificationAlgorithm>,
    message: &[u8],
    signature: &[u8],
) -> bool {
    let Some(of_key) = contents(&key.algorithm) else { return false };
    let mut by = by.filter(|by| *by.public_key_alg_id() == *of_key);
    by.any(|by| by.verify_signature(key.subject_public_key.raw_bytes(), message, signature).is_ok())
}

/// An identifier of an algorithm as webpki writes it: without the head of its sequence.
fn contents(algorithm: &AlgorithmIdentifierOwned) -> Option<Vec<u8>> {
    let der = algorithm.owned_to_ref().to_der().ok()?;
    AnyRef::from_der(&der).ok().map(|any| any.value().to_vec())
}

/// The first common name, which is the one libpq takes.
fn common_name(tbs: &TbsCertificate) -> Option<&str> {
    let mut attributes = tbs.subject.0.iter().flat_map(|names| names.0.iter());
    let first = attributes.find(|attribute| attribute.oid == CN)?;
    std::str::from_utf8(first.value.value()).ok()
}

/// Whether a common name is this name; an asterisk at its beginning stands for one label.
fn is_name_of(common_name: &str, name: &ServerName<'_>) -> bool {
    match name {
        ServerName::DnsName(name) => {
            let name = name.as_ref();
            let below = common_name.strip_prefix("*.").filter(|below| below.contains('.'));
            let parent = name.split_once('.').map(|(_, parent)| parent);
            common_name.eq_ignore_ascii_case(name)
                || below.zip(parent).is_some_and(|(below, parent)| below.eq_ignore_ascii_case(parent))
        }
        ServerName::IpAddress(address) => common_name.parse() == Ok(IpAddr::from(*address)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_asterisk_stands_for_one_label_below_two() {
        let is = |common_name, name: &str| is_name_of(common_name, &ServerName::try_from(name.to_owned()).unwrap());
        for (common_name, name) in
            [("db.example.com", "DB.example.com"), ("*.example.com", "db.example.com"), ("127.0.0.1", "127.0.0.1")]
        {
            assert!(is(common_name, name), "{common_name} {name}");
        }
        for (common_name, name) in [
            ("db.example.com", "other.example.com"),
            ("*.example.com", "a.db.example.com"),
            ("*.example.com", "example.com"),
            ("*.com", "example.com"),
            ("*", "localhost"),
            ("localhost", "127.0.0.1"),
        ] {
            assert!(!is(common_name, name), "{common_name} {name}");
        }
    }
}
