//! The REST plane: connections, requests in the protocol's order of checks, answers.

mod activity;
mod answer;
mod body;
mod checks;
mod coding;
mod connection;
mod control;
mod dispatch;
mod doors;
mod forwarded;
mod frames;
#[doc(hidden)]
pub mod fuzzing;
mod heads;
mod incoming;
mod listener;
mod proxy_header;
mod request;
mod room;
mod tls;
mod unknown_path;
mod unsent;
mod watch;

pub(crate) use activity::{Activity, Patience};
pub(crate) use connection::{Bounds, HEADERS_MAX, serve as serve_connection};
pub use control::Control;
pub(crate) use heads::HeadShare;
pub(crate) use listener::{ACCEPT_PAUSE, listen};
pub use listener::{Plane, StartError};
pub(crate) use room::Room;
pub(crate) use tls::Tls;
pub use tls::{TlsError, TlsWarning, check as check_tls};

use std::sync::{Arc, PoisonError, RwLock};

use pinfold_core::AppId;
use pinfold_store::Store;

use crate::apps::{self, App, Apps};
use crate::config::{AppConfig, Config, Timeouts};
use crate::guesses::Guesses;
use crate::metrics::Meters;
use crate::refusals::Refusals;
use crate::signatures::Signatures;
use doors::Doors;

/// Unix time in seconds; a test may bring its own.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// What every request needs.
pub(crate) struct Service {
    /// Exchanged by a reload.
    apps: RwLock<Apps>,
    pub(crate) store: Store,
    pub(crate) signatures: Signatures,
    pub(crate) guesses: Guesses,
    pub(crate) doors: Doors,
    pub(crate) refusals: Arc<Refusals>,
    /// For large bodies and answers.
    pub(crate) room: Arc<Room>,
    pub(crate) bounds: Bounds,
    pub(crate) clock: Clock,
    pub(crate) body_bytes_max: usize,
    pub(crate) timeouts: Timeouts,
    pub(crate) meters: Meters,
}

impl Service {
    pub(crate) fn new(config: &Config, store: Store, clock: Clock) -> Self {
        let refusals = Arc::<Refusals>::default();
        let room = Room::of_mib(config.calls_mib_max);
        let bounds = Bounds {
            patience: Patience::of(&config.timeouts),
            heads: Room::of_mib(config.heads_mib_max),
            answers: Arc::clone(&room),
            refusals: Arc::clone(&refusals),
        };
        Self {
            apps: RwLock::new(apps::of(&config.apps, &Apps::new())),
            store,
            signatures: Signatures::new(),
            guesses: Guesses::new(config.failed_signatures_per_minute_max),
            doors: Doors::new(config, Arc::clone(&refusals)),
            refusals,
            room,
            bounds,
            clock,
            body_bytes_max: config.body_bytes_max as usize,
            timeouts: config.timeouts.clone(),
            meters: Meters::new(config.apps.iter().map(|app| app.sdkappid)),
        }
    }

    /// The app as it is configured now; a call keeps to what it began with.
    pub(crate) fn app(&self, id: AppId) -> Option<Arc<App>> {
        self.apps.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    /// Answers for these apps from now on.
    pub(crate) fn exchange_apps(&self, configs: &[AppConfig]) {
        let mut apps = self.apps.write().unwrap_or_else(PoisonError::into_inner);
        *apps = apps::of(configs, &apps);
        configs.iter().for_each(|app| self.meters.begin_app(app.sdkappid));
    }
}

/// The system's clock.
pub fn system_clock() -> Clock {
    Arc::new(|| std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs()))
}
