//! What is wrong with a pair that is served all the same.

use std::path::PathBuf;

use x509_cert::der::DateTime;

/// Something an operator should see to. `Display` is one sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TlsWarning {
    /// Callers that look at the dates refuse the certificate already.
    #[error("tls: the certificate in {cert_file} ended at {not_after}, so callers refuse it")]
    Ended {
        /// Which certificate.
        cert_file: PathBuf,
        /// When.
        not_after: DateTime,
    },
    /// It is time to renew it.
    #[error("tls: the certificate in {cert_file} ends in {days} days, at {not_after}")]
    EndsSoon {
        /// Which certificate.
        cert_file: PathBuf,
        /// When.
        not_after: DateTime,
        /// Whole days until then.
        days: u64,
    },
    /// The clock of this machine is behind, or the certificate was made for later.
    #[error("tls: the certificate in {cert_file} begins at {not_before}, so callers refuse it until then")]
    NotYetValid {
        /// Which certificate.
        cert_file: PathBuf,
        /// When.
        not_before: DateTime,
    },
    /// Every account on this machine can read the key.
    #[error("tls: the private key in {key_file} can be read by every user of this machine (chmod o= {key_file})")]
    KeyReadable {
        /// Which key.
        key_file: PathBuf,
    },
}
