//! Reads certificates and keys out of PEM files.

use std::path::Path;

use pinfold_store::small_file;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::TlsError;

const CERTIFICATE: &str = "certificate";
const KEY: &str = "private key";

/// How PKCS#8 and how the older forms say that a key needs a passphrase.
const ENCRYPTED: [&[u8]; 2] = [b"-----BEGIN ENCRYPTED PRIVATE KEY-----", b"Proc-Type: 4,ENCRYPTED"];

/// All certificates of a file, at least one.
pub(crate) fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let text = read(CERTIFICATE, path)?;
    let certificates = CertificateDer::pem_slice_iter(&text).collect::<Result<Vec<_>, _>>();
    let certificates = certificates.map_err(|cause| refuse(CERTIFICATE, path, cause))?;
    if certificates.is_empty() { Err(refuse(CERTIFICATE, path, pem::Error::NoItemsFound)) } else { Ok(certificates) }
}

/// The first private key of a file: PKCS#8, PKCS#1 (RSA) or SEC1 (elliptic curves).
pub(crate) fn key(path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    let text = read(KEY, path)?;
    PrivateKeyDer::from_pem_slice(&text).map_err(|cause| {
        let is_encrypted = ENCRYPTED.iter().any(|mark| text.windows(mark.len()).any(|part| part == *mark));
        if is_encrypted { TlsError::Encrypted { path: path.to_owned() } } else { refuse(KEY, path, cause) }
    })
}

fn read(what: &'static str, path: &Path) -> Result<Vec<u8>, TlsError> {
    small_file::read(path).map_err(|cause| TlsError::Unreadable { what, path: path.to_owned(), cause })
}

fn refuse(what: &'static str, path: &Path, cause: pem::Error) -> TlsError {
    let path = path.to_owned();
    if matches!(cause, pem::Error::NoItemsFound) {
        TlsError::Missing { what, path }
    } else if matches!(cause, pem::Error::MissingSectionEnd { .. }) {
        TlsError::Cut { what, path }
    } else {
        TlsError::Damaged { what, path, cause }
    }
}
