//! Metrics, served at `/metrics` in Prometheus' text format.
//!
//! A metric is declared once, in `counted` with the handle that counts it, or in `scraped` with where its value is read
//! from; registration and the table in `docs/operate/monitor.md` are made of the declaration. A call
//! measures by handles that were looked up before, which is a few atomic additions. Labels hold apps of the
//! configuration, commands, codes and reasons, never an account or anything else that callers make up.

mod call;
mod connections;
mod counted;
mod families;
mod metric;
mod scraped;

use std::sync::Arc;

use pinfold_core::AppId;
use prometheus::{Registry, TextEncoder};

pub(crate) use call::{AppMetrics, CallMeter};
pub(crate) use connections::OpenConnection;
pub use metric::metrics_table;

use crate::log_counters::LOG_COUNTERS;
use crate::net::tls::Tls;
use crate::state::State;
use counted::Counted;
use scraped::ScrapeInputs;

/// The metrics of one server.
pub(crate) struct Meters {
    registry: Registry,
    counted: Counted,
    /// In the order of the commands; the last is for calls of no command.
    by_command: Vec<call::CommandMetrics>,
}

impl Meters {
    /// For a server with these apps.
    pub(crate) fn new(apps: impl Iterator<Item = AppId>) -> Self {
        let registry = Registry::new();
        #[cfg(target_os = "linux")]
        {
            let of_process = prometheus::process_collector::ProcessCollector::for_self();
            registry.register(Box::new(of_process)).expect("nothing else has these names");
        }
        let counted =
            Counted::new(&registry).expect("the declared names are valid and unique; a test registers them all");
        let meters = Self { by_command: call::CommandMetrics::all(&counted), counted, registry };
        meters.begin_refusals();
        apps.for_each(|app| meters.begin_app(app));
        meters
    }

    /// Everything as text.
    fn text(&self, inputs: &ScrapeInputs) -> String {
        let mut families = self.registry.gather();
        families.extend(inputs.families());
        families.sort_by(|one, other| one.name().cmp(other.name()));
        let mut text = String::new();
        if let Err(error) = TextEncoder::new().encode_utf8(&families, &mut text) {
            tracing::error!(cause = %error, "metrics cannot be encoded");
        }
        text
    }
}

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
            refusals: state.net.rejections.by_reason().to_vec(),
            log_lines_dropped: LOG_COUNTERS.by_reason().to_vec(),
            certificate_not_after: tls.as_ref().map(|tls| tls.not_after()),
        })
    }
}

#[cfg(test)]
mod tests;
