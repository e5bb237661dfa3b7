//! Whom to trust over HTTPS.

use std::sync::Arc;

use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject as _},
};

use crate::{Settings, SettingsError, address::Base};

/// TLS for this client. Over plain HTTP nothing is loaded, and no HTTPS connection can come up.
pub(crate) fn config(base: &Base, settings: &Settings) -> Result<ClientConfig, SettingsError> {
    let roots = if base.is_https() { roots(&settings.extra_roots_pem)? } else { RootCertStore::empty() };
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    Ok(builder.with_safe_default_protocol_versions()?.with_root_certificates(roots).with_no_client_auth())
}

/// The system's certificates and the extra ones. A system that has none, such as a bare container, is fine with those.
fn roots(extra_pem: &[u8]) -> Result<RootCertStore, SettingsError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if !extra_pem.is_empty() {
        add_extra(&mut roots, extra_pem)?;
    }
    if roots.is_empty() { Err(SettingsError::NoRoots) } else { Ok(roots) }
}

fn add_extra(roots: &mut RootCertStore, pem: &[u8]) -> Result<(), SettingsError> {
    let bad = |error: &dyn std::fmt::Display| SettingsError::ExtraRoots(error.to_string());
    let before = roots.len();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        roots.add(certificate.map_err(|error| bad(&error))?).map_err(|error| bad(&error))?;
    }
    if roots.len() == before { Err(bad(&"there is no certificate in the PEM text")) } else { Ok(()) }
}
