//! What is measured, and how it is told at `/metrics` in Prometheus' text format.
//!
//! Everything on the way of a call is a handle that was looked up before: measuring is adding to a few atomic
//! numbers. What caches and store count by themselves is asked for when somebody looks. Labels hold apps of the
//! configuration, commands, codes and reasons, never an account or anything else that callers make up.

mod call;
mod connections;
mod described;
mod families;
mod table;

use std::sync::Arc;

use pinfold_core::AppId;
use prometheus::{IntCounter, IntCounterVec, IntGauge, Registry, TextEncoder};

pub(crate) use call::{CallMeter, OfApp};
pub(crate) use connections::OpenConnection;
pub use described::metrics_table;

use crate::net::tls::Tls;
use crate::state::State;
use families::Elsewhere;

/// What one server counts.
pub(crate) struct Meters {
    registry: Registry,
    calls: IntCounterVec,
    /// By the place of the command; the last is for calls of none.
    by_command: Vec<call::OfCommand>,
    in_flight: IntGauge,
    abandoned: IntCounter,
    rate_limited: IntCounterVec,
    failed_authentications: IntCounterVec,
    connections_open: IntGauge,
    connections_accepted: IntCounter,
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
        let meters = Self {
            calls: table::CALLS.counters(&registry),
            by_command: call::OfCommand::all(&registry),
            in_flight: table::IN_FLIGHT.gauge(&registry),
            abandoned: table::ABANDONED.counter(&registry),
            rate_limited: table::RATE_LIMITED.counters(&registry),
            failed_authentications: table::FAILED_AUTHENTICATIONS.counters(&registry),
            connections_open: table::CONNECTIONS_OPEN.gauge(&registry),
            connections_accepted: table::CONNECTIONS_ACCEPTED.counter(&registry),
            registry,
        };
        meters.begin_refusals();
        apps.for_each(|app| meters.begin_app(app));
        meters
    }

    /// Everything as text.
    fn text(&self, elsewhere: &Elsewhere<'_>) -> String {
        let mut families = self.registry.gather();
        families.extend(families::all(elsewhere));
        families.sort_by(|one, other| one.name().cmp(other.name()));
        let mut text = String::new();
        if let Err(error) = TextEncoder::new().encode_utf8(&families, &mut text) {
            tracing::error!(cause = %error, "metrics cannot be told");
        }
        text
    }
}

/// The metrics of a [`Plane`](crate::Plane), for whoever serves them.
#[derive(Clone)]
pub struct Metrics {
    state: Arc<State>,
    tls: Option<Arc<Tls>>,
}

impl Metrics {
    pub(crate) fn new(state: Arc<State>, tls: Option<Arc<Tls>>) -> Self {
        Self { state, tls }
    }

    /// Everything there is to tell now, in Prometheus' text format 0.0.4.
    pub async fn text(&self) -> String {
        let Self { state, tls } = self;
        state.meters.text(&Elsewhere {
            signatures: state.signatures.stats(),
            store: state.store.backend().stats().await,
            refusals: &state.net.rejections,
            certificate_not_after: tls.as_ref().map(|tls| tls.not_after()),
        })
    }
}

#[cfg(test)]
mod tests;
