//! Errors of calls and of settings, by the remedy that the caller has.

use std::{error::Error, time::Duration};

use pinfold_wire::{envelope::AnswerError, user_sig};

/// Why a call gave no response.
///
/// After [`CallError::Refused`] nothing was changed, unless the code says that the outcome is open (50004, 50005,
/// 60008). After the others it is mostly not known whether the call was carried out; repeating it does no harm.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// No connection, or one that broke. The source says why.
    #[error("the service could not be reached, or the connection broke")]
    Transport(#[source] Box<dyn Error + Send + Sync>),
    /// No whole answer in time.
    #[error("no answer within {} ms", .0.as_millis())]
    Timeout(Duration),
    /// Another HTTP status than 200. The service itself answers everything with 200: a proxy may have stepped in.
    #[error("HTTP status {0} instead of 200; this comes from something in between, not from the service")]
    Status(u16),
    /// An answer of more bytes than [`Settings::answer_bytes_max`](crate::Settings::answer_bytes_max).
    #[error("the answer has more than {0} bytes")]
    AnswerTooLong(usize),
    /// An answer that is not one of the protocol.
    #[error("the answer cannot be read")]
    Unreadable(#[source] serde_json::Error),
    /// The service said no.
    #[error("refused with {code}: {info}")]
    Refused {
        /// `ErrorCode`; see [`pinfold_wire::Code`].
        code: u32,
        /// `ErrorInfo`, a sentence.
        info: String,
    },
    /// The service ended a stream of changes, as it does when it stops, or when the signature has expired.
    #[error("the service ended the stream")]
    Ended,
    /// Nothing came on a stream of changes for [`Settings::silence_max`](crate::Settings::silence_max).
    #[error("nothing came for {} s", .0.as_secs_f64())]
    Silent(Duration),
    /// The account or the cursor of a watch is longer than any that there is; nothing was sent.
    #[error("the parameter {0} is too long")]
    ParameterTooLong(&'static str),
    /// Not a service and a command with a slash between them; nothing was sent.
    #[error("{0:?} is not a command; it must be like \"recentcontact/mark_contact\"")]
    NoCommand(String),
    /// No signature can be made, although the first one could.
    #[error("no signature can be made")]
    Signature(#[source] user_sig::Unreadable),
}

impl From<AnswerError> for CallError {
    fn from(error: AnswerError) -> Self {
        match error {
            AnswerError::Refused { code, info } => CallError::Refused { code, info },
            AnswerError::Unreadable(error) => CallError::Unreadable(error),
        }
    }
}

/// Why a client cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// Not `http://host:port` or `https://host:port`.
    #[error("{0:?} is not a base address; it must be like \"http://127.0.0.1:8080\" or \"https://chat.example.com\"")]
    BaseUrl(String),
    /// The identifier cannot stand in a signature.
    #[error("no signature can be made for this identifier")]
    Identifier(#[source] user_sig::Unreadable),
    /// Extra certificates that are not PEM, or hold no certificate.
    #[error("the extra root certificates cannot be used: {0}")]
    ExtraRoots(String),
    /// A certificate of the client that cannot be presented.
    #[error("the client certificate cannot be used: {0}")]
    ClientCertificate(String),
    /// HTTPS without any certificate to trust.
    #[error("there is no root certificate to trust: the system has none and no extra one is set")]
    NoRoots,
    /// The TLS library refuses its settings.
    #[error("TLS cannot be set up")]
    Tls(#[from] rustls::Error),
}
