//! The metrics of a server, read from its state at each scrape.

use std::sync::Arc;

use crate::log_counters::LOG_COUNTERS;
use crate::metrics::ScrapeInputs;
use crate::net::tls::Tls;
use crate::state::State;

/// The metrics of a [`Plane`](crate::Plane) for the plane that serves them.
#[derive(Clone)]
pub struct Metrics {
    state: Arc<State>,
    tls: Option<Arc<Tls>>,
}

impl Metrics {
    pub(crate) fn new(state: Arc<State>, tls: Option<Arc<Tls>>) -> Self {
        Self { state, tls }
    }

    /// Every metric as of now, in Prometheus' text format 0.0.4.
    pub async fn text(&self) -> String {
        let Self { state, tls } = self;
        state.meters.text(&ScrapeInputs {
            signatures: state.signatures.stats(),
            store: state.store.backend().stats().await,
            account_rate_buckets: state.account_rates.buckets(),
            refusals: state.net.rejections.by_reason().to_vec(),
            log_lines_dropped: LOG_COUNTERS.by_reason().to_vec(),
            certificate_not_after: tls.as_ref().map(|tls| tls.not_after()),
        })
    }
}
