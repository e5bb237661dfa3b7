//! The state that all requests of the REST plane share.

use std::sync::{Arc, PoisonError, RwLock};

use pinfold_core::AppId;
use pinfold_store::Store;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::config::{AppConfig, Config, Timeouts};
use crate::housekeeping::{HistoryTrims, TrimQueue};
use crate::listeners::Listeners;
use crate::live::Hub;
use crate::message_numbers::MessageNumbers;
use crate::metrics::Meters;
use crate::net::Net;
use crate::rest::account_rates::AccountRates;
use crate::rest::apps::{self, App, Apps};
use crate::rest::failed_signatures::FailedSignatureLimiter;
use crate::rest::signatures::Signatures;
use crate::webhooks::{Pace, Webhooks};

/// The state of a REST plane; its connections and calls share one.
pub(crate) struct State {
    /// Exchanged by a reload.
    apps: RwLock<Apps>,
    pub(crate) store: Store,
    pub(crate) signatures: Signatures,
    pub(crate) failed_signatures: FailedSignatureLimiter,
    pub(crate) account_rates: AccountRates,
    pub(crate) trims: TrimQueue,
    pub(crate) history_trims: HistoryTrims,
    pub(crate) net: Arc<Net>,
    pub(crate) clock: Clock,
    pub(crate) body_bytes_max: usize,
    pub(crate) timeouts: Timeouts,
    pub(crate) meters: Meters,
    pub(crate) message_numbers: MessageNumbers,
    /// The accounts that are watched.
    pub(crate) hub: Arc<Hub>,
    pub(crate) webhooks: Arc<Webhooks>,
    /// Cancelled when the plane begins to finish what is in flight.
    pub(crate) draining: CancellationToken,
}

impl State {
    pub(crate) fn new(config: &Config, store: Store, clock: Clock) -> Self {
        Self::with(config, store, clock, Webhooks::new(Pace::default()))
    }

    /// With webhooks that may have a pace of their own.
    pub(crate) fn with(config: &Config, store: Store, clock: Clock, webhooks: Arc<Webhooks>) -> Self {
        let hub = Hub::new();
        let listeners = Listeners { hub: Arc::clone(&hub), notices: Arc::clone(&webhooks.notices) };
        store.listen(Arc::new(listeners));
        Self {
            apps: RwLock::new(apps::of(&config.apps, &Apps::new())),
            store,
            signatures: Signatures::new(),
            failed_signatures: FailedSignatureLimiter::new(config.failed_signatures_per_minute_max),
            account_rates: AccountRates::new(),
            trims: TrimQueue::new(),
            history_trims: HistoryTrims::new(),
            net: Arc::new(Net::new(config)),
            clock,
            body_bytes_max: config.body_bytes_max as usize,
            timeouts: config.timeouts.clone(),
            message_numbers: MessageNumbers::new(),
            hub,
            webhooks,
            draining: CancellationToken::new(),
            meters: Meters::new(config.apps.iter().map(|app| app.sdkappid)),
        }
    }

    /// The app as it is configured now; a call keeps to what it began with.
    pub(crate) fn app(&self, id: AppId) -> Option<Arc<App>> {
        self.apps.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    /// Every app as it is configured now.
    pub(crate) fn apps(&self) -> Vec<Arc<App>> {
        self.apps.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// Answers for these apps from now on.
    pub(crate) fn exchange_apps(&self, configs: &[AppConfig]) {
        let mut apps = self.apps.write().unwrap_or_else(PoisonError::into_inner);
        *apps = apps::of(configs, &apps);
        configs.iter().for_each(|app| self.meters.begin_app(app.sdkappid));
    }
}
