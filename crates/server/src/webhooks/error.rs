//! Why a message was not delivered, in words for the operator.

use std::error::Error;
use std::io;
use std::time::Duration;

use hyper_util::client::legacy;
use pinfold_wire::webhook::ErrorCode;
use tokio_rustls::rustls;

/// Why a message was not delivered. The sentences hold neither the token nor a signature, nothing of the URL but its
/// host, and nothing of a body but the number `ErrorCode`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DeliveryError {
    /// There is no connection.
    #[error("no connection to {host}: {cause}")]
    NoConnection {
        /// With the port if the URL names one.
        host: String,
        /// What the system said.
        cause: String,
    },
    /// The certificate is not to be trusted.
    #[error("the certificate of {host} is not trusted: {cause}; app.webhook.ca_file names the authorities to trust")]
    Certificate {
        /// As above.
        host: String,
        /// What is wrong with it.
        cause: String,
    },
    /// There is a connection, and no whole answer on it in time.
    #[error("{host} did not answer within {} ms", timeout.as_millis())]
    NoAnswer {
        /// As above.
        host: String,
        /// How long it had, with the time to connect.
        timeout: Duration,
    },
    /// The connection broke before the answer was whole, or what came is not HTTP.
    #[error("the connection to {host} broke: {cause}")]
    Broken {
        /// As above.
        host: String,
        /// What the system said.
        cause: String,
    },
    /// A redirect.
    #[error(
        "{host} answered with HTTP status {status}; redirects are not followed, so set app.webhook.url to the place itself"
    )]
    Redirect {
        /// As above.
        host: String,
        /// From 300 to 399.
        status: u16,
    },
    /// Another HTTP status than 200 to 299.
    #[error("{host} answered with HTTP status {status}")]
    Status {
        /// As above.
        host: String,
        /// The status.
        status: u16,
    },
    /// A success of HTTP whose body refuses.
    #[error("{host} answered with an ErrorCode {code}; 0 is success")]
    Refused {
        /// As above.
        host: String,
        /// Not 0.
        code: ErrorCode,
    },
}

impl DeliveryError {
    /// Whether nothing was sent, so that every other message would meet the same. A time-out may be due to the message:
    /// the receiver may answer others.
    pub(crate) fn is_unreachable(&self) -> bool {
        match self {
            Self::NoConnection { .. } | Self::Certificate { .. } => true,
            Self::NoAnswer { .. }
            | Self::Broken { .. }
            | Self::Redirect { .. }
            | Self::Status { .. }
            | Self::Refused { .. } => false,
        }
    }

    /// The words of all of them in metrics.
    pub(crate) const LABELS: [&'static str; 7] =
        ["no_connection", "certificate", "no_answer", "broken", "redirect", "status", "refused"];

    /// Its word in metrics, one of [`Self::LABELS`].
    pub(crate) fn label(&self) -> &'static str {
        match self {
            Self::NoConnection { .. } => "no_connection",
            Self::Certificate { .. } => "certificate",
            Self::NoAnswer { .. } => "no_answer",
            Self::Broken { .. } => "broken",
            Self::Redirect { .. } => "redirect",
            Self::Status { .. } => "status",
            Self::Refused { .. } => "refused",
        }
    }

    /// What an error of the client means.
    pub(super) fn of_client(host: &str, error: &legacy::Error) -> Self {
        let (host, root) = (host.to_owned(), root(error));
        let cause = root.to_string();
        let is_certificate = matches!(root.downcast_ref(), Some(rustls::Error::InvalidCertificate(_)));
        match error.is_connect() {
            true if is_certificate => Self::Certificate { host, cause },
            true => Self::NoConnection { host, cause },
            false => Self::Broken { host, cause },
        }
    }

    /// What an error while a body is read means.
    pub(super) fn of_body(host: &str, error: &hyper::Error) -> Self {
        Self::Broken { host: host.to_owned(), cause: root(error).to_string() }
    }
}

/// The first cause, also through an [`io::Error`], which hides the error that it was made of.
fn root<'a>(error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    match inner.map(|inner| inner as &(dyn Error + 'static)).or_else(|| error.source()) {
        Some(cause) => root(cause),
        None => error,
    }
}
