//! TLS on the REST plane: one certificate, also for callers that name no server.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig};

use crate::config::TlsConfig;

/// Why certificate and key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read, or holds no PEM of the kind.
    #[error("tls: cannot read {what} from {path}: {cause}")]
    Unreadable {
        /// Certificate or key.
        what: &'static str,
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        cause: rustls::pki_types::pem::Error,
    },
    /// There is no certificate in the file.
    #[error("tls: {0} holds no certificate")]
    NoCertificate(PathBuf),
    /// The two do not go together, or are of a kind that is not supported.
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

/// An acceptor for TLS 1.2 and 1.3 that offers HTTP/2 and HTTP/1.1.
pub(super) fn acceptor(config: &TlsConfig) -> Result<TlsAcceptor, TlsError> {
    let certificates = certificates(&config.cert_file)?;
    let key = PrivateKeyDer::from_pem_file(&config.key_file).map_err(|cause| TlsError::Unreadable {
        what: "a private key",
        path: config.key_file.clone(),
        cause,
    })?;
    let unusable =
        |cause| TlsError::Unusable { cert_file: config.cert_file.clone(), key_file: config.key_file.clone(), cause };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(unusable)?;
    let mut server = builder.with_no_client_auth().with_single_cert(certificates, key).map_err(unusable)?;
    server.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(server)))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let unreadable = |cause| TlsError::Unreadable { what: "certificates", path: path.to_owned(), cause };
    let all =
        CertificateDer::pem_file_iter(path).map_err(unreadable)?.collect::<Result<Vec<_>, _>>().map_err(unreadable)?;
    if all.is_empty() { Err(TlsError::NoCertificate(path.to_owned())) } else { Ok(all) }
}
