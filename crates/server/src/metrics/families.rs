//! Converts values that other code counted to the types of Prometheus' library.

use pinfold_store::stats::Distribution;
use prometheus::proto::{Bucket, Counter, Gauge, Histogram, LabelPair, Metric as Sample, MetricFamily, MetricType};

use super::metric::Metric;

const MICROSECONDS: f64 = 1e6;

/// What was measured.
pub(super) enum Value<'s> {
    Number(u64),
    /// A number for each value of the metric's only label.
    Numbers(Vec<(&'static str, u64)>),
    /// Sizes in the unit of the metric.
    Sizes(&'s Distribution),
    /// Times in microseconds; the metric is in seconds.
    Micros(&'s Distribution),
}

/// A metric with its value, or with a value for each value of its label.
pub(super) fn family(metric: &Metric, value: Value<'_>) -> MetricFamily {
    let samples = match value {
        Value::Number(number) => vec![sample(metric.kind, number)],
        Value::Numbers(numbers) => numbers.into_iter().map(|(label, number)| labelled(metric, label, number)).collect(),
        Value::Sizes(distribution) => vec![histogram(distribution, 1.0)],
        Value::Micros(distribution) => vec![histogram(distribution, MICROSECONDS)],
    };
    let mut family = MetricFamily::default();
    family.set_name(metric.name.to_owned());
    family.set_help(metric.help.to_owned());
    family.set_field_type(metric.kind);
    family.set_metric(samples);
    family
}

fn sample(kind: MetricType, number: u64) -> Sample {
    let mut sample = Sample::default();
    if kind == MetricType::COUNTER {
        let mut counter = Counter::default();
        counter.set_value(number as f64);
        sample.set_counter(counter);
    } else {
        let mut gauge = Gauge::default();
        gauge.set_value(number as f64);
        sample.set_gauge(gauge);
    }
    sample
}

fn labelled(metric: &Metric, value: &str, number: u64) -> Sample {
    let pair = |name: &&str| {
        let mut pair = LabelPair::default();
        pair.set_name((*name).to_owned());
        pair.set_value(value.to_owned());
        pair
    };
    let mut sample = sample(metric.kind, number);
    sample.set_label(metric.labels.iter().map(pair).collect());
    sample
}

/// `per_unit` converts the measured unit into the metric's.
fn histogram(distribution: &Distribution, per_unit: f64) -> Sample {
    let mut count = 0;
    let bucket = |(bound, in_step): (&u64, &u64)| {
        count += in_step;
        let mut bucket = Bucket::default();
        bucket.set_upper_bound(*bound as f64 / per_unit);
        bucket.set_cumulative_count(count);
        bucket
    };
    let mut histogram = Histogram::default();
    histogram.set_bucket(distribution.bounds.iter().zip(&distribution.counts).map(bucket).collect());
    histogram.set_sample_count(distribution.count());
    histogram.set_sample_sum(distribution.sum as f64 / per_unit);
    let mut sample = Sample::default();
    sample.set_histogram(histogram);
    sample
}
