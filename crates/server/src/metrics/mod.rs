//! Metrics, served at `/metrics` in Prometheus' text format.
//!
//! A metric is declared once, in `counted` with the handle that counts it, or in `scraped` with where its value is read
//! from; registration and the table in `docs/operate/monitor.md` are made of the declaration. A call
//! measures by handles that were looked up before, which is a few atomic additions. Labels hold apps of the
//! configuration, commands, codes and reasons, never an account or anything else that callers make up.

mod call;
mod callbacks;
mod connections;
mod counted;
mod families;
mod history;
mod metric;
mod scraped;
mod table;
mod watch;
mod webhooks;

use pinfold_core::AppId;
use prometheus::{Registry, TextEncoder};

pub(crate) use call::{AppMetrics, CALLBACK, CallMeter, WATCH};
pub(crate) use callbacks::CallbackOutcome;
pub(crate) use connections::OpenConnection;
pub(crate) use history::HistoryRemoval;
pub(crate) use scraped::ScrapeInputs;
pub use table::metrics_table;
pub(crate) use watch::{WatchEnd, WatchMeter, WatchReset, WatchStart};
pub(crate) use webhooks::WebhookMeter;

use counted::Counted;

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
        meters.begin_history();
        apps.for_each(|app| meters.begin_app(app));
        meters
    }

    /// So many recent conversations were forgotten.
    pub(crate) fn trimmed(&self, entries: u64) {
        self.counted.recents_trimmed.inc_by(entries);
    }

    /// So many rows of deleted accounts were removed.
    pub(crate) fn swept(&self, rows: u64) {
        self.counted.swept_rows.inc_by(rows);
    }

    /// Everything as text.
    pub(crate) fn text(&self, inputs: &ScrapeInputs) -> String {
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

#[cfg(test)]
mod tests;
