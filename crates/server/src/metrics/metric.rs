//! The declaration of a metric.

use prometheus::proto::MetricType;

/// One metric, as it is declared.
pub(super) struct Metric {
    pub(super) name: &'static str,
    pub(super) kind: MetricType,
    pub(super) labels: &'static [&'static str],
    /// A sentence for an operator.
    pub(super) help: &'static str,
}
