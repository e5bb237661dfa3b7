//! TLS on the REST plane: one certificate, also for callers that name no server.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig};

use crate::config::TlsConfig;

/// Why certificate and key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read, or its PEM cannot.
    #[error("tls: cannot read a {what} from {path}: {cause}")]
    Unreadable {
        /// Certificate or key.
        what: &'static str,
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        cause: pem::Error,
    },
    /// There is no PEM of the kind in a file.
    #[error("tls: {path} holds no {what} in plain PEM")]
    Missing {
        /// Certificate or key.
        what: &'static str,
        /// Which file.
        path: PathBuf,
    },
    /// A PEM block has no end.
    #[error("tls: {path} breaks off in the middle of a {what}")]
    Cut {
        /// Certificate or key.
        what: &'static str,
        /// Which file.
        path: PathBuf,
    },
    /// The two do not go together.
    #[error("tls: the key in {key_file} is not the one of the first certificate in {cert_file}")]
    Mismatch {
        /// Which certificate.
        cert_file: PathBuf,
        /// Which key.
        key_file: PathBuf,
    },
    /// One of the two is damaged or of a kind that is not supported.
    #[error("tls: certificate {cert_file} and key {key_file} cannot be used: {cause}")]
    Unusable {
        /// Which certificate.
        cert_file: PathBuf,
        /// Which key.
        key_file: PathBuf,
        /// What is wrong.
        cause: rustls::Error,
    },
}

/// Reads certificate and key as a start would do.
///
/// # Errors
/// [`TlsError`], a sentence for the operator.
pub fn check(config: &TlsConfig) -> Result<(), TlsError> {
    acceptor(config).map(drop)
}

/// An acceptor for TLS 1.2 and 1.3 that offers HTTP/2 and HTTP/1.1.
pub(super) fn acceptor(config: &TlsConfig) -> Result<TlsAcceptor, TlsError> {
    let certificates = certificates(&config.cert_file)?;
    let key = PrivateKeyDer::from_pem_file(&config.key_file).map_err(unreadable("private key", &config.key_file))?;
    let unusable = |cause| {
        let (cert_file, key_file) = (config.cert_file.clone(), config.key_file.clone());
        if matches!(cause, rustls::Error::InconsistentKeys(_)) {
            TlsError::Mismatch { cert_file, key_file }
        } else {
            TlsError::Unusable { cert_file, key_file, cause }
        }
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(unusable)?;
    let mut server = builder.with_no_client_auth().with_single_cert(certificates, key).map_err(unusable)?;
    server.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(server)))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    const WHAT: &str = "certificate";
    let certificates = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
    let certificates: Vec<_> = certificates.map_err(unreadable(WHAT, path))?;
    if certificates.is_empty() {
        return Err(TlsError::Missing { what: WHAT, path: path.to_owned() });
    }
    Ok(certificates)
}

fn unreadable(what: &'static str, path: &Path) -> impl Fn(pem::Error) -> TlsError {
    move |cause| {
        let path = path.to_owned();
        if matches!(cause, pem::Error::NoItemsFound) {
            TlsError::Missing { what, path }
        } else if matches!(cause, pem::Error::MissingSectionEnd { .. }) {
            TlsError::Cut { what, path }
        } else {
            TlsError::Unreadable { what, path, cause }
        }
    }
}
