//! The log: one line an event, on stderr.
//!
//! Logging never blocks the thread that logs. An event that the [`mod@filter`] lets through is limited by its kind
//! ([`throttle`]), becomes a [`mod@line`] of bounded length, and goes into a bounded [`queue`]; a thread of its own writes
//! it. Lines that are lost on this way are counted, in the log and at `/metrics`.

mod bounded;
mod fields;
mod filter;
mod json;
mod layer;
mod line;
mod origin;
mod panics;
mod queue;
mod stderr;
mod text;
mod throttle;
mod writer;

#[cfg(test)]
mod tests;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use pinfold_server::TRACES_TARGET;
use pinfold_server::config::{Loaded, LogFormat};
use tracing::level_filters::LevelFilter;
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer, Registry, reload};

use crate::engine_errors::EngineErrors;
use crate::failure::Failure;
use crate::traces::Traces;
use layer::Lines;
use line::Style;
use queue::Queue;
use throttle::Throttle;

pub(crate) use filter::{filter, filter_of};
pub(crate) use stderr::takes_escapes;

/// Time for the lines that are left when the process ends. A reader that stands still must not keep it from ending.
const FLUSH_MAX: Duration = Duration::from_secs(1);

/// The log of this process, once there is one.
static LOG: OnceLock<Log> = OnceLock::new();

struct Log {
    queue: Arc<Queue>,
    style: Style,
}

/// The filter in use. It can be exchanged.
pub(crate) struct Filter(Box<dyn Fn(EnvFilter) + Send + Sync>);

impl Filter {
    pub(crate) fn exchange(&self, filter: EnvFilter) {
        (self.0)(filter);
    }
}

/// Begins to log what the filter lets through, panics and the engine's own messages included, and to send spans of
/// calls where they are wanted.
pub(crate) fn start(filter: EnvFilter, format: LogFormat, traces: Option<&Traces>) -> Result<Filter, Failure> {
    let style = stderr::style(format);
    let (queue, throttle) = (Arc::new(Queue::new()), Arc::new(Throttle::new()));
    writer::spawn(Arc::clone(&queue), Arc::clone(&throttle), style, stderr::file()?)?;
    let (filter, handle) = reload::Layer::new(filter);
    let lines = Lines::new(style, throttle, Arc::clone(&queue));
    // A process logs once: no subcommand starts this twice.
    let _ = layers(lines.with_filter(filter), traces).try_init();
    let _ = LOG.set(Log { queue, style });
    panics::log();
    Ok(Filter(Box::new(move |filter| drop(handle.reload(filter)))))
}

/// All that takes events and spans. Each layer has a filter, also that of traces where there are none: a layer without
/// one, be it `None`, has the spans of all calls made.
fn layers(lines: impl Layer<Registry> + Send + Sync, traces: Option<&Traces>) -> impl Subscriber + Send + Sync {
    let is_sent = traces.is_some();
    let of_calls = move |metadata: &Metadata<'_>| is_sent && metadata.target() == TRACES_TARGET;
    Registry::default()
        .with(lines)
        .with(EngineErrors.with_filter(LevelFilter::ERROR))
        .with(traces.map(Traces::layer).with_filter(filter_fn(of_calls)))
}

/// Tells of files with keys and passwords that should be closed to others.
pub(crate) fn warn_of_exposed_secrets(loaded: &Loaded) {
    for exposed in loaded.exposed_secrets() {
        tracing::warn!("{exposed}");
    }
}

/// Waits a moment for the lines that are not written yet.
pub(crate) fn flush() {
    if let Some(log) = LOG.get() {
        log.queue.flush(FLUSH_MAX);
    }
}

/// Ends the log: queues the last reports and waits a moment until they are written.
pub(crate) fn end() {
    if let Some(log) = LOG.get() {
        log.queue.end(FLUSH_MAX);
    }
}

/// Logs the sentence that ends the process, as the last line; false if there is no log yet.
pub(crate) fn final_error(sentence: &str) -> bool {
    let Some(log) = LOG.get() else { return false };
    // The lines before it, what is to be said about missing ones included. It should find room then.
    log.queue.end(FLUSH_MAX);
    log.queue.push(&log.style.sentence(sentence));
    true
}

/// The priority of an error if stderr is the journal, else nothing.
pub(crate) fn error_prefix() -> &'static str {
    stderr::style(LogFormat::Text).prefix(Level::ERROR)
}
