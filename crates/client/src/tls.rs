//! The certificates that are trusted over HTTPS, and the one that the client presents.

use std::sync::Arc;

use pinfold_trust::{Names, ServerTrust};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};

use crate::{Settings, SettingsError, address::Base};

/// TLS for this client. Over plain HTTP nothing is loaded, and no HTTPS connection can come up.
pub(crate) fn config(base: &Base, settings: &Settings) -> Result<ClientConfig, SettingsError> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions()?;
    if !base.is_https() {
        return Ok(builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth());
    }
    let (system, named) = roots(&settings.extra_roots_pem)?;
    if system.is_empty() && named.is_empty() {
        return Err(SettingsError::NoRoots);
    }
    let trust = ServerTrust::new(&provider, system, named, Names::Verified).map_err(SettingsError::ExtraRoots)?;
    let builder = builder.dangerous().with_custom_certificate_verifier(Arc::new(trust));
    match &settings.client_certificate_pem {
        None => Ok(builder.with_no_client_auth()),
        Some(pem) => {
            let (chain, key) = own_certificate(pem)?;
            let refused = |error: rustls::Error| SettingsError::ClientCertificate(error.to_string());
            builder.with_client_auth_cert(chain, key).map_err(refused)
        }
    }
}

/// The system's certificates and the extra ones. A system that has none, such as a bare container, is fine with those.
fn roots(extra_pem: &[u8]) -> Result<(RootCertStore, Vec<CertificateDer<'static>>), SettingsError> {
    let mut system = RootCertStore::empty();
    system.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if extra_pem.is_empty() {
        return Ok((system, Vec::new()));
    }
    let named = certificates(extra_pem).map_err(SettingsError::ExtraRoots)?;
    Ok((system, named))
}

type OwnCertificate = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn own_certificate(pem: &[u8]) -> Result<OwnCertificate, SettingsError> {
    let chain = certificates(pem).map_err(SettingsError::ClientCertificate)?;
    // The library's own text could repeat a part of what it read.
    let no_key = |_| SettingsError::ClientCertificate("there is no private key in plain PEM".to_owned());
    Ok((chain, PrivateKeyDer::from_pem_slice(pem).map_err(no_key)?))
}

/// All certificates of a PEM text, at least one.
fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match certificates {
        Ok(certificates) if certificates.is_empty() => Err("there is no certificate in the PEM text".to_owned()),
        Ok(certificates) => Ok(certificates),
        Err(error) => Err(error.to_string()),
    }
}
