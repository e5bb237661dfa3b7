//! Metrics whose values other parts of the server keep: they are read at each scrape.

use pinfold_store::stats::{CacheStats, DiskStats, PoolStats, Stats, WriterStats};
use prometheus::proto::{MetricFamily, MetricType};

use super::families::Value::{self, Micros, Number, Numbers, Sizes};
use super::families::family;
use super::metric::Metric;

/// The values that other parts of the server keep, at the time of a scrape.
pub(crate) struct ScrapeInputs {
    pub(crate) signatures: CacheStats,
    pub(crate) store: Stats,
    /// Buckets of accounts that call for themselves.
    pub(crate) account_rate_buckets: u64,
    /// Connections and calls that were rejected, by reason.
    pub(crate) refusals: Vec<(&'static str, u64)>,
    /// Log lines that were not written, by reason.
    pub(crate) log_lines_dropped: Vec<(&'static str, u64)>,
    /// When the certificate in use ends, in unix seconds.
    pub(crate) certificate_not_after: Option<u64>,
}

/// Metrics that are read from one source. `servers` says which servers have it, as the beginning of a sentence.
struct Group<S: 'static> {
    servers: &'static str,
    metrics: &'static [Metric],
    /// In the order of `metrics`.
    read: &'static [for<'s> fn(&'s S) -> Value<'s>],
}

/// Declares a [`Group`]. A metric is its help text as a doc line, then `"name" [label]: KIND = |source| value`; only
/// [`Value::Numbers`] have a label.
///
/// ```text
/// scraped! {
///     const WELL: Group<WellStats>, "With a well. " {
///         /// Water in the well, in litres.
///         "well_water_litres": GAUGE = |well| Number(well.litres);
///         /// Strokes, by pump.
///         "well_strokes_total" ["pump"]: COUNTER = |well| Numbers(well.strokes());
///     }
/// }
/// ```
macro_rules! scraped {
    ($(const $group:ident: Group<$source:ty>, $servers:literal {
        $($(#[doc = $help:literal])+ $name:literal $([$label:literal])?: $kind:ident = $read:expr;)+
    })+) => { $(
        const $group: Group<$source> = Group {
            servers: $servers,
            metrics: &[$(Metric {
                name: $name,
                kind: MetricType::$kind,
                labels: &[$($label)?],
                help: concat!($($help),+).trim_ascii_start(),
            },)+],
            read: &[$($read,)+],
        };
    )+ };
}

scraped! {
    const SERVER: Group<ScrapeInputs>, "" {
        /// Connections and calls that were rejected, by the reasons that limits.md explains.
        "pinfold_refusals_total" ["reason"]: COUNTER = |inputs| Numbers(inputs.refusals.clone());
        /// Accounts that call for themselves (app.users) and whose call rate is kept, of at most 65,536.
        "pinfold_account_rate_buckets": GAUGE = |inputs| Number(inputs.account_rate_buckets);
        /// Log lines that were not written: too many of their kind came (throttled), or stderr took no more (unread).
        "pinfold_log_lines_dropped_total" ["reason"]: COUNTER = |inputs| Numbers(inputs.log_lines_dropped.clone());
        /// Always 1; the label says which build runs.
        "pinfold_build_info" ["version"]: GAUGE = |_| Numbers(vec![(env!("CARGO_PKG_VERSION"), 1)]);
        /// Lookups that a cache answered. signatures: verified signatures; accounts and lists: decoded accounts and lists
        /// of recent conversations of the embedded store.
        "pinfold_cache_hits_total" ["cache"]: COUNTER = |inputs| inputs.caches(|cache| cache.hits);
        /// Lookups that a cache could not answer.
        "pinfold_cache_misses_total" ["cache"]: COUNTER = |inputs| inputs.caches(|cache| cache.misses);
        /// Entries that a cache dropped to make room.
        "pinfold_cache_evictions_total" ["cache"]: COUNTER = |inputs| inputs.caches(|cache| cache.evictions);
        /// Entries in a cache.
        "pinfold_cache_entries" ["cache"]: GAUGE = |inputs| inputs.caches(|cache| cache.entries);
        /// How full a cache is, in bytes.
        "pinfold_cache_weight" ["cache"]: GAUGE = |inputs| inputs.caches(|cache| cache.weight);
        /// How full a cache may be, in bytes.
        "pinfold_cache_weight_max" ["cache"]: GAUGE = |inputs| inputs.caches(|cache| cache.weight_max);
    }
    const CERTIFICATE: Group<u64>, "With `[tls]`. " {
        /// When the certificate of the REST plane expires, as unix time.
        "pinfold_tls_certificate_expiry_timestamp_seconds": GAUGE = |seconds| Number(*seconds);
    }
    const WRITER: Group<WriterStats>, "Embedded store. " {
        /// 1 while the store takes writes; 0 once one failed, until the store was opened anew, and while one takes too
        /// long.
        "pinfold_store_writable": GAUGE = |writer| Number(writer.takes_writes.into());
        /// Changes that wait for the writer.
        "pinfold_store_queue_length": GAUGE = |writer| Number(writer.waiting);
        /// Changes that may wait for the writer; more are refused as overload (60018).
        "pinfold_store_queue_length_max": GAUGE = |writer| Number(writer.waiting_max);
        /// Memory taken by changes that are not durable yet, in bytes.
        "pinfold_store_queue_bytes": GAUGE = |writer| Number(writer.waiting_bytes);
        /// Changes that one commit made durable.
        "pinfold_store_batch_changes": HISTOGRAM = |writer| Sizes(&writer.batches);
        /// Time to write and sync one commit; nearly all of it is the disk's.
        "pinfold_store_commit_duration_seconds": HISTOGRAM = |writer| Micros(&writer.commits_us);
    }
    const DISK: Group<DiskStats>, "Embedded store. " {
        /// Size of the files of the store.
        "pinfold_store_disk_bytes": GAUGE = |disk| Number(disk.used_bytes);
        /// Free bytes on the file system of the store.
        "pinfold_store_disk_free_bytes": GAUGE = |disk| Number(disk.free_bytes);
    }
    const POOL: Group<PoolStats>, "Database. " {
        /// Open connections to the database.
        "pinfold_database_connections_open": GAUGE = |pool| Number(pool.open);
        /// Connections that run a statement.
        "pinfold_database_connections_in_use": GAUGE = |pool| Number(pool.in_use);
        /// Connections there may be (store.connections_max).
        "pinfold_database_connections_max": GAUGE = |pool| Number(pool.open_max);
        /// Calls that wait for a connection.
        "pinfold_database_calls_waiting": GAUGE = |pool| Number(pool.waiting);
        /// Connections made to the database: the first ones, and those in the place of broken ones.
        "pinfold_database_connections_made_total": COUNTER = |pool| Number(pool.made);
        /// Time until a call got a connection or failed to get one.
        "pinfold_database_connection_wait_seconds": HISTOGRAM = |pool| Micros(&pool.waits_us);
        /// Time from a statement to its answer or its failure.
        "pinfold_database_statement_duration_seconds": HISTOGRAM = |pool| Micros(&pool.statements_us);
        /// Statements without an answer: the connection broke (broken), no answer or no connection in time (timed_out),
        /// the database refused (refused).
        "pinfold_database_failures_total" ["reason"]: COUNTER = |PoolStats { failures, .. }| Numbers(vec![
            ("broken", failures.broken),
            ("timed_out", failures.timed_out),
            ("refused", failures.refused),
        ]);
    }
}

/// Every metric declared here, with the `servers` of its group.
pub(super) fn metrics() -> impl Iterator<Item = (&'static str, &'static Metric)> {
    let groups = [SERVER.listed(), CERTIFICATE.listed(), WRITER.listed(), DISK.listed(), POOL.listed()];
    groups.into_iter().flat_map(|(servers, metrics)| metrics.iter().map(move |metric| (servers, metric)))
}

impl<S> Group<S> {
    fn listed(&self) -> (&'static str, &'static [Metric]) {
        (self.servers, self.metrics)
    }

    /// Empty for a server without the source.
    fn families(&self, source: Option<&S>) -> Vec<MetricFamily> {
        let Some(source) = source else { return Vec::new() };
        self.metrics.iter().zip(self.read).map(|(metric, read)| family(metric, read(source))).collect()
    }
}

impl ScrapeInputs {
    /// Every value in the types of Prometheus' library.
    pub(super) fn families(&self) -> Vec<MetricFamily> {
        [
            SERVER.families(Some(self)),
            CERTIFICATE.families(self.certificate_not_after.as_ref()),
            WRITER.families(self.store.writer.as_ref()),
            DISK.families(self.store.disk.as_ref()),
            POOL.families(self.store.pool.as_ref()),
        ]
        .concat()
    }

    /// One number of each cache.
    fn caches(&self, number: fn(&CacheStats) -> u64) -> Value<'_> {
        let caches = [
            ("signatures", Some(&self.signatures)),
            ("accounts", self.store.accounts.as_ref()),
            ("lists", self.store.lists.as_ref()),
        ];
        Numbers(caches.into_iter().filter_map(|(name, cache)| Some((name, number(cache?)))).collect())
    }
}
