//! The table of all metrics in `docs/operate/monitor.md`.

use std::fmt::Write;

use prometheus::proto::MetricType;

use super::metric::Metric;
use super::{Meters, counted, scraped};

/// Every declared metric. The first text says which servers have it, as the beginning of a sentence; empty for all.
pub(super) fn all() -> impl Iterator<Item = (&'static str, &'static Metric)> {
    counted::METRICS.iter().map(|metric| ("", metric)).chain(scraped::metrics())
}

/// Every metric with its type, labels and help text, as a Markdown table. Those of the process, which Prometheus'
/// library declares, come last.
pub fn metrics_table() -> String {
    let mut text = "| metric | type | labels | meaning |\n| --- | --- | --- | --- |\n".to_owned();
    for (servers, metric) in all() {
        let labels: Vec<_> = metric.labels.iter().map(|label| format!("`{label}`")).collect();
        row(&mut text, metric.name, metric.kind, &labels.join(", "), &format!("{servers}{}", metric.help));
    }
    let registered = Meters::new(std::iter::empty()).registry.gather();
    for family in registered.iter().filter(|family| family.name().starts_with("process_")) {
        row(&mut text, family.name(), family.get_field_type(), "", family.help());
    }
    text
}

fn row(text: &mut String, name: &str, kind: MetricType, labels: &str, help: &str) {
    let kind = format!("{kind:?}").to_lowercase();
    // Writing to a `String` cannot fail.
    let _ = writeln!(text, "| `{name}` | {kind} | {labels} | {help} |");
}
