//! TLS on the REST plane: one certificate, also for callers that name no server.

mod certificate;
mod error;
mod files;
mod pair;
mod warning;

pub use error::TlsError;
pub(crate) use pair::Pair;
pub use warning::TlsWarning;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio_rustls::TlsAcceptor;

use crate::clock::Clock;
use crate::config::TlsConfig;

/// How often the dates of the certificate are checked while the server runs.
const CHECK_EVERY: Duration = Duration::from_secs(24 * 60 * 60);

/// Reads the files as a start would do. What is returned is wrong, but does not keep a server from starting.
///
/// # Errors
/// [`TlsError`], a sentence for the operator.
pub fn check(config: &TlsConfig, clock: &Clock) -> Result<Vec<TlsWarning>, TlsError> {
    Ok(Pair::read(config)?.warnings(clock.seconds()))
}

/// The pair in use. A reload exchanges it for the handshakes to come; connections go on with theirs.
pub(crate) struct Tls {
    pair: RwLock<Arc<Pair>>,
    clock: Clock,
}

impl Tls {
    /// Begins with this pair, and logs what is wrong with it.
    pub(crate) fn new(pair: Pair, clock: Clock) -> Self {
        pair.warnings(clock.seconds()).into_iter().for_each(log);
        Self { pair: RwLock::new(Arc::new(pair)), clock }
    }

    /// Goes on with this pair, and logs what is wrong with it.
    pub(crate) fn exchange(&self, pair: Pair) {
        pair.warnings(self.clock.seconds()).into_iter().for_each(log);
        *self.pair.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(pair);
    }

    /// For the next handshake.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        self.pair().acceptor.clone()
    }

    /// When the certificate in use ends, in unix seconds.
    pub(crate) fn not_after(&self) -> u64 {
        self.pair().not_after()
    }

    /// Reports once a day a certificate in use that has expired or expires soon. Never returns.
    pub(crate) async fn watch(&self, report: impl Fn(TlsWarning)) {
        loop {
            tokio::time::sleep(CHECK_EVERY).await;
            self.pair().date_warning(self.clock.seconds()).map(&report);
        }
    }

    fn pair(&self) -> Arc<Pair> {
        Arc::clone(&self.pair.read().unwrap_or_else(PoisonError::into_inner))
    }
}

pub(crate) fn log(warning: TlsWarning) {
    tracing::warn!("{warning}");
}

#[cfg(test)]
mod tests;
