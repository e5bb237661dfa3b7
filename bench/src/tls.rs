//! The certificate of a run: made when it begins, trusted by its own connections only.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::caller::Transport;

/// Certificate and key, in files.
pub(crate) struct Identity {
    pub(crate) directory: PathBuf,
    certificate: CertificateDer<'static>,
}

impl Identity {
    /// Makes a certificate for loopback.
    pub(crate) fn make(directory: &Path) -> Result<Self, String> {
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).map_err(|error| error.to_string())?;
        fs::write(certificate_file(directory), made.cert.pem()).map_err(|error| error.to_string())?;
        fs::write(key_file(directory), made.signing_key.serialize_pem()).map_err(|error| error.to_string())?;
        Ok(Self { directory: directory.to_owned(), certificate: made.cert.der().clone() })
    }

    /// What connects over this transport; `None` in plain.
    pub(crate) fn connector(&self, transport: Transport) -> Result<Option<TlsConnector>, String> {
        let protocol: &[u8] = match transport {
            Transport::Plain => return Ok(None),
            Transport::Tls1 => b"http/1.1",
            Transport::Tls2 => b"h2",
        };
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone()).map_err(|error| error.to_string())?;
        let mut config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        config.alpn_protocols = vec![protocol.to_vec()];
        Ok(Some(TlsConnector::from(Arc::new(config))))
    }
}

/// In PEM.
pub(crate) fn certificate_file(directory: &Path) -> PathBuf {
    directory.join("certificate.pem")
}

/// In PEM.
pub(crate) fn key_file(directory: &Path) -> PathBuf {
    directory.join("key.pem")
}

/// The echo server's side, configured as pinfold's is.
pub(crate) fn acceptor(directory: &Path) -> Result<TlsAcceptor, String> {
    let certificate = CertificateDer::from_pem_file(certificate_file(directory)).map_err(|error| error.to_string())?;
    let key = PrivateKeyDer::from_pem_file(key_file(directory)).map_err(|error| error.to_string())?;
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate], key);
    let mut config = config.map_err(|error| error.to_string())?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
