//! What caches and store counted by themselves, as metrics.

use pinfold_store::stats::{CacheStats, DiskStats, Distribution, PoolStats, Stats, WriterStats};
use prometheus::proto::{Bucket, Counter, Gauge, Histogram, LabelPair, Metric, MetricFamily, MetricType};

use super::described::{Described, Kind};
use super::table;
use crate::log_counters::LOG_COUNTERS;
use crate::net::rejections::RejectionCounters;

const MICROSECONDS: f64 = 1e6;

/// What is counted elsewhere, as it is now.
pub(super) struct Elsewhere<'a> {
    pub(super) signatures: CacheStats,
    pub(super) store: Stats,
    pub(super) refusals: &'a RejectionCounters,
    /// When the certificate in use ends, in unix seconds.
    pub(super) certificate_not_after: Option<u64>,
}

/// All of it.
pub(super) fn all(elsewhere: &Elsewhere<'_>) -> Vec<MetricFamily> {
    let Elsewhere { signatures, store, refusals, certificate_not_after } = elsewhere;
    let mut families = vec![family(&table::BUILD_INFO, [(env!("CARGO_PKG_VERSION"), Value::Number(1))])];
    let reasons = refusals.by_reason();
    families.push(family(&table::REFUSALS, reasons.map(|(reason, count)| (reason, Value::Number(count)))));
    let reasons = LOG_COUNTERS.by_reason();
    families.push(family(&table::LOG_LINES_DROPPED, reasons.map(|(reason, count)| (reason, Value::Number(count)))));
    families.extend(certificate_not_after.map(|seconds| number(&table::CERTIFICATE_EXPIRY, seconds)));
    families.extend(caches(signatures, store.accounts.as_ref()));
    families.extend(store.writer.iter().flat_map(writer));
    families.extend(store.disk.iter().flat_map(disk));
    families.extend(store.pool.iter().flat_map(pool));
    families
}

fn caches(signatures: &CacheStats, accounts: Option<&CacheStats>) -> Vec<MetricFamily> {
    let of_each = |metric: &Described, value: fn(&CacheStats) -> u64| {
        let accounts = accounts.map(|cache| ("accounts", cache));
        let caches = [("signatures", signatures)].into_iter().chain(accounts);
        family(metric, caches.map(|(name, cache)| (name, Value::Number(value(cache)))))
    };
    vec![
        of_each(&table::CACHE_HITS, |cache| cache.hits),
        of_each(&table::CACHE_MISSES, |cache| cache.misses),
        of_each(&table::CACHE_EVICTIONS, |cache| cache.evictions),
        of_each(&table::CACHE_ENTRIES, |cache| cache.entries),
        of_each(&table::CACHE_WEIGHT, |cache| cache.weight),
        of_each(&table::CACHE_WEIGHT_MAX, |cache| cache.weight_max),
    ]
}

fn writer(writer: &WriterStats) -> Vec<MetricFamily> {
    vec![
        number(&table::WRITABLE, u64::from(writer.takes_writes)),
        number(&table::QUEUE_LENGTH, writer.waiting),
        number(&table::QUEUE_LENGTH_MAX, writer.waiting_max),
        number(&table::QUEUE_BYTES, writer.waiting_bytes),
        steps(&table::BATCH_CHANGES, &writer.batches, 1.0),
        steps(&table::COMMIT_SECONDS, &writer.commits_us, MICROSECONDS),
    ]
}

fn disk(disk: &DiskStats) -> Vec<MetricFamily> {
    vec![number(&table::DISK_BYTES, disk.used_bytes), number(&table::DISK_FREE_BYTES, disk.free_bytes)]
}

fn pool(pool: &PoolStats) -> Vec<MetricFamily> {
    let failures =
        [("broken", pool.failures.broken), ("timed_out", pool.failures.timed_out), ("refused", pool.failures.refused)];
    vec![
        number(&table::POOL_OPEN, pool.open),
        number(&table::POOL_IN_USE, pool.in_use),
        number(&table::POOL_MAX, pool.open_max),
        number(&table::POOL_WAITING, pool.waiting),
        number(&table::POOL_MADE, pool.made),
        steps(&table::POOL_WAIT_SECONDS, &pool.waits_us, MICROSECONDS),
        steps(&table::STATEMENT_SECONDS, &pool.statements_us, MICROSECONDS),
        family(&table::STATEMENTS_FAILED, failures.map(|(reason, count)| (reason, Value::Number(count)))),
    ]
}

enum Value<'a> {
    Number(u64),
    /// Measured in a unit that this many of make one of the metric's.
    Steps(&'a Distribution, f64),
}

fn number(metric: &Described, number: u64) -> MetricFamily {
    family(metric, [("", Value::Number(number))])
}

fn steps(metric: &Described, distribution: &Distribution, per_unit: f64) -> MetricFamily {
    family(metric, [("", Value::Steps(distribution, per_unit))])
}

/// A metric with a value for each value of its label; it has at most one.
fn family<'a>(metric: &Described, values: impl IntoIterator<Item = (&'a str, Value<'a>)>) -> MetricFamily {
    let mut family = MetricFamily::default();
    family.set_name(metric.name.to_owned());
    family.set_help(metric.help.to_owned());
    family.set_field_type(match metric.kind {
        Kind::Counter => MetricType::COUNTER,
        Kind::Gauge => MetricType::GAUGE,
        Kind::Histogram(_) => MetricType::HISTOGRAM,
    });
    family.set_metric(values.into_iter().map(|(label, value)| one(metric, label, value)).collect());
    family
}

fn one(metric: &Described, label: &str, value: Value<'_>) -> Metric {
    let mut one = Metric::default();
    if let [name] = metric.labels {
        let mut pair = LabelPair::default();
        pair.set_name((*name).to_owned());
        pair.set_value(label.to_owned());
        one.set_label(vec![pair]);
    }
    match (metric.kind, value) {
        (Kind::Counter, Value::Number(number)) => {
            let mut counter = Counter::default();
            counter.set_value(number as f64);
            one.set_counter(counter);
        }
        (Kind::Gauge | Kind::Histogram(_), Value::Number(number)) => {
            let mut gauge = Gauge::default();
            gauge.set_value(number as f64);
            one.set_gauge(gauge);
        }
        (_, Value::Steps(distribution, per_unit)) => one.set_histogram(histogram(distribution, per_unit)),
    }
    one
}

fn histogram(distribution: &Distribution, per_unit: f64) -> Histogram {
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
    histogram
}
