//! What a metric is: its name, its kind, its labels, and how one is made.

use std::fmt::Write;

use prometheus::core::Collector;
use prometheus::{HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, Opts, Registry};

use super::table::METRICS;

/// One metric.
pub(super) struct Described {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) labels: &'static [&'static str],
    /// One sentence for an operator.
    pub(super) help: &'static str,
    pub(super) part: Part,
}

#[derive(Clone, Copy)]
pub(super) enum Kind {
    Counter,
    Gauge,
    /// With the upper bounds of its steps; none where the store brings its own.
    Histogram(&'static [f64]),
}

/// Which servers have a metric.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Always,
    /// With a certificate.
    Tls,
    /// With the embedded store.
    Embedded,
    /// With a database.
    Database,
}

const GOOD: &str = "the table has good names, each once; a test makes them all";

impl Described {
    pub(super) fn counters(&self, registry: &Registry) -> IntCounterVec {
        registered(registry, IntCounterVec::new(self.opts(), self.labels).expect(GOOD))
    }

    pub(super) fn counter(&self, registry: &Registry) -> IntCounter {
        registered(registry, IntCounter::with_opts(self.opts()).expect(GOOD))
    }

    pub(super) fn gauge(&self, registry: &Registry) -> IntGauge {
        registered(registry, IntGauge::with_opts(self.opts()).expect(GOOD))
    }

    pub(super) fn histograms(&self, registry: &Registry) -> HistogramVec {
        let steps = match self.kind {
            Kind::Histogram(steps) => steps.to_vec(),
            Kind::Counter | Kind::Gauge => Vec::new(),
        };
        let opts = HistogramOpts::new(self.name, self.help).buckets(steps);
        registered(registry, HistogramVec::new(opts, self.labels).expect(GOOD))
    }

    fn opts(&self) -> Opts {
        Opts::new(self.name, self.help)
    }
}

fn registered<C: Collector + Clone + 'static>(registry: &Registry, collector: C) -> C {
    registry.register(Box::new(collector.clone())).expect(GOOD);
    collector
}

/// Every metric with its type, its labels and what it says, as a Markdown table.
pub fn metrics_table() -> String {
    let mut text = "| metric | type | labels | meaning |\n| --- | --- | --- | --- |\n".to_owned();
    for metric in METRICS {
        let labels: Vec<_> = metric.labels.iter().map(|label| format!("`{label}`")).collect();
        let part = match metric.part {
            Part::Always => "",
            Part::Tls => "With `[tls]`. ",
            Part::Embedded => "Embedded store. ",
            Part::Database => "Database. ",
        };
        let kind = match metric.kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram(_) => "histogram",
        };
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "| `{}` | {kind} | {} | {part}{} |", metric.name, labels.join(", "), metric.help);
    }
    text
}
