//! `[tls]` and `[timeouts]`: how the REST plane talks to its callers.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::values;

/// The certificate of the REST plane, as two PEM files.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsConfig {
    /// The certificate and the chain above it.
    #[serde(deserialize_with = "values::path", serialize_with = "values::path_text")]
    pub cert_file: PathBuf,
    /// The certificate's private key.
    #[serde(deserialize_with = "values::path", serialize_with = "values::path_text")]
    pub key_file: PathBuf,
    /// The authorities of callers' certificates; none lets everybody in who can sign.
    #[serde(default, deserialize_with = "values::some_path", serialize_with = "values::some_path_text")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_ca_file: Option<PathBuf>,
}

/// How long the REST plane waits; in the file each is a key in milliseconds, `header_ms` and so on. None is zero.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Timeouts {
    /// For the whole head of a request.
    #[serde(rename = "header_ms", with = "values::millis")]
    pub header: Duration,
    /// For the whole body of a request.
    #[serde(rename = "body_ms", with = "values::millis")]
    pub body: Duration,
    /// For the next request on an open connection.
    #[serde(rename = "idle_ms", with = "values::millis")]
    pub idle: Duration,
    /// For a caller to read an answer; it is noticed after once to twice this time.
    #[serde(rename = "send_ms", with = "values::millis")]
    pub send: Duration,
    /// For an answer, before the caller gets 60008 or 50005.
    #[serde(rename = "answer_ms", with = "values::millis")]
    pub answer: Duration,
    /// For the requests in flight, when the server stops.
    #[serde(rename = "drain_ms", with = "values::millis")]
    pub drain: Duration,
    /// For the reader of a backup to take the next part of it.
    #[serde(rename = "backup_stall_ms", with = "values::millis")]
    pub backup_stall: Duration,
    /// For the TLS handshake of a new connection.
    #[serde(rename = "tls_handshake_ms", with = "values::millis")]
    pub tls_handshake: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            header: Duration::from_secs(10),
            body: Duration::from_secs(10),
            idle: Duration::from_secs(75),
            send: Duration::from_secs(10),
            answer: Duration::from_secs(5),
            drain: Duration::from_secs(10),
            backup_stall: Duration::from_secs(60),
            tls_handshake: Duration::from_secs(10),
        }
    }
}
