//! A certificate with its key, read from their files and ready for handshakes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use pinfold_store::small_file;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::server::danger::ClientCertVerifier;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{self, RootCertStore, ServerConfig, SupportedProtocolVersion};

use super::certificate::{Facts, unix};
use super::{TlsError, TlsWarning, files};
use crate::config::TlsConfig;

/// What is spoken. Named one by one, so that nothing older comes in with a library's defaults.
const VERSIONS: [&SupportedProtocolVersion; 2] = [&TLS13, &TLS12];

/// A certificate has to be renewed when it has less than this left.
const LEFT_DAYS_MIN: u64 = 30;
const DAY_S: u64 = 24 * 60 * 60;

/// A pair that goes together.
pub(crate) struct Pair {
    pub(crate) acceptor: TlsAcceptor,
    facts: Facts,
    cert_file: PathBuf,
    key_file: PathBuf,
}

impl Pair {
    /// Reads the files of the configuration. An acceptor for TLS 1.2 and 1.3 that offers HTTP/2 and HTTP/1.1.
    ///
    /// # Errors
    /// [`TlsError`], a sentence for the operator.
    pub(crate) fn read(config: &TlsConfig) -> Result<Self, TlsError> {
        let provider = Arc::new(ring::default_provider());
        let certificates = files::certificates(&config.cert_file)?;
        let facts = facts(&config.cert_file, &certificates[0])?;
        let key = files::key(&config.key_file)?;
        let callers = callers(config, &provider)?;
        let unusable = |cause| unusable(config, cause);
        let builder = ServerConfig::builder_with_provider(provider).with_protocol_versions(&VERSIONS);
        let builder = builder.map_err(unusable)?.with_client_cert_verifier(callers);
        let mut server = builder.with_single_cert(certificates, key).map_err(unusable)?;
        server.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let (cert_file, key_file) = (config.cert_file.clone(), config.key_file.clone());
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(server)), facts, cert_file, key_file })
    }

    /// When the certificate ends, in unix seconds.
    pub(crate) fn not_after(&self) -> u64 {
        unix(self.facts.not_after)
    }

    /// All that is wrong with it at this time, in unix seconds.
    pub(crate) fn warnings(&self, now: u64) -> Vec<TlsWarning> {
        let key_file = self.key_file.clone();
        let is_readable = small_file::is_readable_by_everybody(&key_file);
        let key = is_readable.then_some(TlsWarning::KeyReadable { key_file });
        self.date_warning(now).into_iter().chain(key).collect()
    }

    /// What is wrong with its dates at this time, in unix seconds.
    pub(crate) fn date_warning(&self, now: u64) -> Option<TlsWarning> {
        let (cert_file, Facts { not_before, not_after, .. }) = (self.cert_file.clone(), self.facts);
        let left_s = unix(not_after).checked_sub(now);
        match left_s.map(|left| left / DAY_S) {
            None => Some(TlsWarning::Ended { cert_file, not_after }),
            Some(_) if now < unix(not_before) => Some(TlsWarning::NotYetValid { cert_file, not_before }),
            Some(days) if days < LEFT_DAYS_MIN => Some(TlsWarning::EndsSoon { cert_file, not_after, days }),
            Some(_) => None,
        }
    }
}

fn facts(cert_file: &Path, der: &[u8]) -> Result<Facts, TlsError> {
    let path = || cert_file.to_owned();
    let facts = Facts::read(der).map_err(|cause| TlsError::Unparsable { cert_file: path(), cause })?;
    if facts.is_for_servers { Ok(facts) } else { Err(TlsError::NotForServers { cert_file: path() }) }
}

/// Who may call: everybody, or those with a certificate of one of the authorities.
fn callers(config: &TlsConfig, provider: &Arc<CryptoProvider>) -> Result<Arc<dyn ClientCertVerifier>, TlsError> {
    let Some(path) = &config.client_ca_file else { return Ok(WebPkiClientVerifier::no_client_auth()) };
    let refuse = |cause: String| TlsError::Authority { path: path.clone(), cause };
    let mut authorities = RootCertStore::empty();
    for certificate in files::certificates(path)? {
        authorities.add(certificate).map_err(|cause| refuse(cause.to_string()))?;
    }
    let verifier = WebPkiClientVerifier::builder_with_provider(authorities.into(), Arc::clone(provider)).build();
    verifier.map_err(|cause| refuse(cause.to_string()))
}

fn unusable(config: &TlsConfig, cause: rustls::Error) -> TlsError {
    let (cert_file, key_file) = (config.cert_file.clone(), config.key_file.clone());
    if matches!(cause, rustls::Error::InconsistentKeys(_)) {
        TlsError::Mismatch { cert_file, key_file }
    } else {
        TlsError::Unusable { cert_file, key_file, cause }
    }
}
