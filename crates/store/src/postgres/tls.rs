//! TLS to the database, in the words of libpq: `prefer` and `require` encrypt and trust any server,
//! `verify-ca` checks who signed the certificate, `verify-full` its name too.

use std::path::Path;
use std::sync::Arc;

use pinfold_trust::{Names, ServerTrust};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::url::{PostgresUrl, TlsMode};
use crate::small_file;

/// Makes TLS connections.
pub(super) type Tls = MakeRustlsConnect;

/// What the URL wants of certificates. The error says what is wrong with the roots.
pub(super) fn connector(url: &PostgresUrl) -> Result<Tls, String> {
    let provider = Arc::new(ring::default_provider());
    let trust = match url.tls_mode() {
        TlsMode::Disable | TlsMode::Prefer | TlsMode::Require => ServerTrust::any(&provider),
        TlsMode::VerifyCa => trust(&provider, url.root_cert(), Names::Ignored)?,
        TlsMode::VerifyFull => trust(&provider, url.root_cert(), Names::Verified)?,
    };
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(trust))
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

/// Trusts the certificates of a file, or those the system trusts.
fn trust(provider: &Arc<CryptoProvider>, file: Option<&Path>, names: Names) -> Result<ServerTrust, String> {
    let mut system = RootCertStore::empty();
    let Some(file) = file else {
        system.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        return ServerTrust::new(provider, system, Vec::new(), names);
    };
    let cannot = |error: &dyn std::fmt::Display| format!("cannot read sslrootcert {}: {error}", file.display());
    let text = small_file::read(file).map_err(|error| cannot(&error))?;
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let certificates = certificates.map_err(|error| cannot(&error))?;
    if certificates.is_empty() {
        return Err(cannot(&"it holds no certificate"));
    }
    ServerTrust::new(provider, system, certificates, names).map_err(|error| cannot(&error))
}
