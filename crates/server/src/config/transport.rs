//! `[tls]` and `[timeouts]`: how the REST plane talks to its callers.

use std::path::PathBuf;
use std::time::Duration;

use super::kinds::{FILE_PATH, MILLIS};
use super::section::{Section, section};

section! {
    /// The certificate of the REST plane, as two PEM files. Without this section it speaks plain HTTP.
    pub struct TlsConfig in "tls." {
        /// PEM file with the certificate and its chain. Required if `[tls]` is there.
        cert_file: PathBuf = PathBuf::new(), FILE_PATH, Exchange, for example r#""tls/cert.pem""#;
        /// PEM file with the certificate's private key. Required if `[tls]` is there.
        key_file: PathBuf = PathBuf::new(), FILE_PATH, Exchange, for example r#""tls/key.pem""#;
        /// PEM file with authorities. If set, callers must present a certificate that one of them signed.
        client_ca_file: Option<PathBuf> = None, FILE_PATH, Exchange, for example r#""tls/callers-ca.pem""#;
    }
}

section! {
    /// How long the REST plane waits, in milliseconds.
    pub struct Timeouts in "timeouts." {
        /// Time for the whole head of a request.
        header as header_ms: Duration = Duration::from_secs(10), MILLIS, Restart;
        /// Time for the whole body of a request.
        body as body_ms: Duration = Duration::from_secs(10), MILLIS, Restart;
        /// How long an idle connection is kept. Clients expect 75 s or more.
        idle as idle_ms: Duration = Duration::from_secs(75), MILLIS, Restart;
        /// How long a caller may let an answer wait unread; after once to twice that its connection is closed.
        send as send_ms: Duration = Duration::from_secs(10), MILLIS, Restart;
        /// Time for an answer; after that the caller gets 60008 or 50005. Clients send a call again after 10 s.
        answer as answer_ms: Duration = Duration::from_secs(5), MILLIS, Restart;
        /// Time for the requests in flight when the server stops.
        drain as drain_ms: Duration = Duration::from_secs(10), MILLIS, Restart;
        /// How long a reader of a backup may take nothing; after that the backup is ended.
        backup_stall as backup_stall_ms: Duration = Duration::from_secs(60), MILLIS, Restart;
        /// Time for the TLS handshake of a new connection.
        tls_handshake as tls_handshake_ms: Duration = Duration::from_secs(10), MILLIS, Restart;
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        Self::defaults()
    }
}
