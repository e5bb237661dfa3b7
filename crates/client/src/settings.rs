//! The settings of a client.

use std::{fmt, time::Duration};

/// Where to call, as whom, and with what bounds. Start from [`Settings::new`] and change fields.
#[derive(Clone)]
pub struct Settings {
    /// `http://host:port` or `https://host:port`, without a path.
    pub base_url: String,
    /// The app.
    pub sdkappid: u32,
    /// The calling account; the commands ask for an administrator of the app.
    pub identifier: String,
    /// A secret key of the app, as its text. Every signature is made with it.
    pub key: String,
    /// Certificates in PEM that are trusted besides those of the system, for a private authority. Only for HTTPS.
    pub extra_roots_pem: Vec<u8>,
    /// Certificate of this client in PEM, those above it, and its private key. Only for HTTPS, where the service asks.
    pub client_certificate_pem: Option<Vec<u8>>,
    /// How long a call may take in all, connecting included. 10 s; the service answers within 5 s.
    pub timeout: Duration,
    /// Most bytes of an answer, and of a change that is watched. 16 MiB.
    pub answer_bytes_max: usize,
    /// How long nothing may come while changes are watched. 45 s; the service sends something every 15 s.
    pub silence_max: Duration,
    /// How long a signature is valid, seconds. One day; a new one is made after half of it.
    pub signature_seconds: u64,
}

impl Settings {
    /// Settings with the usual bounds.
    pub fn new(
        base_url: impl Into<String>,
        sdkappid: u32,
        identifier: impl Into<String>,
        key: impl Into<String>,
    ) -> Self {
        Self {
            base_url: base_url.into(),
            sdkappid,
            identifier: identifier.into(),
            key: key.into(),
            extra_roots_pem: Vec::new(),
            client_certificate_pem: None,
            timeout: Duration::from_secs(10),
            answer_bytes_max: 16 * 1024 * 1024,
            silence_max: Duration::from_secs(45),
            signature_seconds: 24 * 60 * 60,
        }
    }
}

/// Shows everything but the keys.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("base_url", &self.base_url)
            .field("sdkappid", &self.sdkappid)
            .field("identifier", &self.identifier)
            .field("extra_roots_pem_bytes", &self.extra_roots_pem.len())
            .field("has_client_certificate", &self.client_certificate_pem.is_some())
            .field("timeout", &self.timeout)
            .field("answer_bytes_max", &self.answer_bytes_max)
            .field("silence_max", &self.silence_max)
            .field("signature_seconds", &self.signature_seconds)
            .finish_non_exhaustive()
    }
}
