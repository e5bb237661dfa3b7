//! Logs go to stderr, one line an event.

mod filter;

use std::io::{self, IsTerminal as _};

use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, Registry, reload};

use crate::traces::Traces;

pub(crate) use filter::{filter, filter_of};

/// The filter in use. It can be exchanged.
pub(crate) struct Filter(Box<dyn Fn(EnvFilter) + Send + Sync>);

impl Filter {
    pub(crate) fn exchange(&self, filter: EnvFilter) {
        (self.0)(filter);
    }
}

/// Begins to log what the filter lets through, the engine's own messages included, and to send spans of calls where
/// they are wanted.
pub(crate) fn start(filter: EnvFilter, traces: Option<&Traces>) -> Filter {
    let (filter, handle) = reload::Layer::new(filter);
    let logs = tracing_subscriber::fmt::layer().with_writer(io::stderr).with_ansi(io::stderr().is_terminal());
    // This fails only where somebody logs already, and nobody does before a subcommand runs.
    let _ = Registry::default().with(logs.with_filter(filter)).with(traces.map(Traces::layer)).try_init();
    // As does this where nobody logs any more.
    Filter(Box::new(move |filter| drop(handle.reload(filter))))
}
