//! The ways in which certificate, key and authorities can be wrong, a sentence each.

use std::io;
use std::path::PathBuf;

use tokio_rustls::rustls;
use tokio_rustls::rustls::pki_types::pem;

/// Why the files of `[tls]` cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("tls: cannot read a {what} from {path}: {cause}")]
    Unreadable {
        /// Certificate or key.
        what: &'static str,
        /// Which file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
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
    /// A PEM block is none.
    #[error("tls: a {what} in {path} is damaged: {cause}")]
    Damaged {
        /// Certificate or key.
        what: &'static str,
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        cause: pem::Error,
    },
    /// The key needs a passphrase.
    #[error("tls: the private key in {path} is encrypted; passphrases are not supported, so store it without one")]
    Encrypted {
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
    /// The certificate is damaged.
    #[error("tls: the first certificate in {cert_file} cannot be read: {cause}")]
    Unparsable {
        /// Which certificate.
        cert_file: PathBuf,
        /// What is wrong.
        cause: x509_cert::der::Error,
    },
    /// The certificate says that it is for something else, clients most likely.
    #[error("tls: the first certificate in {cert_file} is not for servers (no serverAuth in its extended key usage)")]
    NotForServers {
        /// Which certificate.
        cert_file: PathBuf,
    },
    /// An authority of callers is damaged or of a kind that is not supported.
    #[error("tls: a certificate in {path} cannot be used as an authority of callers: {cause}")]
    Authority {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        cause: String,
    },
}
