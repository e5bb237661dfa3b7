//! The REST plane: connections, requests in the protocol's order of checks, answers.

mod answer;
mod body;
mod checks;
mod connection;
mod dispatch;
#[doc(hidden)]
pub mod fuzzing;
mod listener;
mod request;
mod tls;
mod watch;

pub use listener::{Plane, StartError};
pub use tls::{TlsError, check as check_tls};

use std::sync::Arc;
use std::time::Duration;

use pinfold_store::Store;

use crate::apps::Apps;
use crate::config::{Config, Timeouts};
use crate::signatures::{Guesses, Signatures};

/// Unix time in seconds; a test may bring its own.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// What every request needs.
pub(crate) struct Service {
    pub(crate) apps: Apps,
    pub(crate) store: Store,
    pub(crate) signatures: Signatures,
    pub(crate) guesses: Guesses,
    pub(crate) clock: Clock,
    pub(crate) body_bytes_max: usize,
    pub(crate) timeouts: Timeouts,
}

impl Service {
    pub(crate) fn new(config: &Config, store: Store, clock: Clock) -> Self {
        Self {
            apps: config.apps.iter().map(|app| (app.sdkappid, crate::apps::App::new(app))).collect(),
            store,
            signatures: Signatures::new(),
            guesses: Guesses::new(config.failed_signatures_per_minute_max),
            clock,
            body_bytes_max: config.body_bytes_max as usize,
            timeouts: config.timeouts.clone(),
        }
    }

    pub(crate) fn answer_max(&self) -> Duration {
        self.timeouts.answer
    }
}

/// The system's clock.
pub fn system_clock() -> Clock {
    Arc::new(|| std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs()))
}
