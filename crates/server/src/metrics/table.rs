//! Every metric there is, in the order in which the documents show them. A test compares this with a scrape.

use super::described::{Described, Kind, Part};

/// From a read out of memory to the longest answer.
const SECONDS: &[f64] =
    &[0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0];
const ITEMS: &[f64] = &[1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 300.0];

pub(super) const CALLS: Described = always(
    "pinfold_calls_total",
    Kind::Counter,
    &["app", "command", "code"],
    "Answered calls. Code 0 is success; app is other where the URL names none of the configured ones, command where it names none.",
);
pub(super) const CALL_SECONDS: Described = always(
    "pinfold_call_duration_seconds",
    Kind::Histogram(SECONDS),
    &["command"],
    "Time from the head of a call to its answer, the wait for the body included.",
);
pub(super) const CALL_ITEMS: Described = always(
    "pinfold_call_items",
    Kind::Histogram(ITEMS),
    &["command"],
    "Conversations, accounts or chat groups that one call names; 1 for a command without a list.",
);
pub(super) const REQUEST_BYTES: Described = always(
    "pinfold_request_bytes_total",
    Kind::Counter,
    &["command"],
    "Bytes of the bodies of calls that passed the checks.",
);
pub(super) const ANSWER_BYTES: Described = always(
    "pinfold_answer_bytes_total",
    Kind::Counter,
    &["command"],
    "Bytes of the bodies of answers, as they were sent.",
);
pub(super) const IN_FLIGHT: Described =
    always("pinfold_calls_in_flight", Kind::Gauge, &[], "Calls that are being answered.");
pub(super) const ABANDONED: Described = always(
    "pinfold_calls_abandoned_total",
    Kind::Counter,
    &[],
    "Calls whose client left before the answer; pinfold_calls_total does not have them.",
);
pub(super) const RATE_LIMITED: Described = always(
    "pinfold_rate_limit_refusals_total",
    Kind::Counter,
    &["app"],
    "Calls refused because the app makes too many (60007).",
);
pub(super) const FAILED_AUTHENTICATIONS: Described = always(
    "pinfold_failed_authentications_total",
    Kind::Counter,
    &["reason"],
    "Calls refused for who makes them: a signature that is not good, or somebody who may not call.",
);
pub(super) const CONNECTIONS_OPEN: Described =
    always("pinfold_connections_open", Kind::Gauge, &[], "Open connections of the REST plane.");
pub(super) const CONNECTIONS_ACCEPTED: Described =
    always("pinfold_connections_accepted_total", Kind::Counter, &[], "Connections accepted by the REST plane.");
pub(super) const REFUSALS: Described = always(
    "pinfold_refusals_total",
    Kind::Counter,
    &["reason"],
    "Connections and calls that were turned away, by the reasons that limits.md explains.",
);
pub(super) const CERTIFICATE_EXPIRY: Described = Described {
    part: Part::Tls,
    ..always(
        "pinfold_tls_certificate_expiry_timestamp_seconds",
        Kind::Gauge,
        &[],
        "When the certificate of the REST plane expires, as unix time.",
    )
};
pub(super) const CACHE_HITS: Described = always(
    "pinfold_cache_hits_total",
    Kind::Counter,
    &["cache"],
    "Questions a cache had the answer to. signatures: verified signatures; accounts: decoded accounts of the embedded store.",
);
pub(super) const CACHE_MISSES: Described =
    always("pinfold_cache_misses_total", Kind::Counter, &["cache"], "Questions a cache had no answer to.");
pub(super) const CACHE_EVICTIONS: Described =
    always("pinfold_cache_evictions_total", Kind::Counter, &["cache"], "What a cache threw out to make room.");
pub(super) const CACHE_ENTRIES: Described =
    always("pinfold_cache_entries", Kind::Gauge, &["cache"], "What is in a cache.");
pub(super) const CACHE_WEIGHT: Described =
    always("pinfold_cache_weight", Kind::Gauge, &["cache"], "How full a cache is, in bytes.");
pub(super) const CACHE_WEIGHT_MAX: Described =
    always("pinfold_cache_weight_max", Kind::Gauge, &["cache"], "How full a cache may be, in bytes.");
pub(super) const WRITABLE: Described = embedded(
    "pinfold_store_writable",
    Kind::Gauge,
    "1 while the store takes writes; 0 once one failed, until the store was opened anew, and while one takes too long.",
);
pub(super) const QUEUE_LENGTH: Described =
    embedded("pinfold_store_queue_length", Kind::Gauge, "Changes that wait for the writer.");
pub(super) const QUEUE_LENGTH_MAX: Described = embedded(
    "pinfold_store_queue_length_max",
    Kind::Gauge,
    "Changes that may wait for the writer; more are refused as overload (60018).",
);
pub(super) const QUEUE_BYTES: Described =
    embedded("pinfold_store_queue_bytes", Kind::Gauge, "Memory that changes which are not durable yet take.");
pub(super) const BATCH_CHANGES: Described =
    embedded("pinfold_store_batch_changes", Kind::Histogram(&[]), "Changes that one commit made durable.");
pub(super) const COMMIT_SECONDS: Described = embedded(
    "pinfold_store_commit_duration_seconds",
    Kind::Histogram(&[]),
    "Time to write and sync one commit; nearly all of it is the disk's.",
);
pub(super) const DISK_BYTES: Described =
    embedded("pinfold_store_disk_bytes", Kind::Gauge, "Size of the files of the store.");
pub(super) const DISK_FREE_BYTES: Described =
    embedded("pinfold_store_disk_free_bytes", Kind::Gauge, "What the file system of the store has left.");
pub(super) const POOL_OPEN: Described =
    database("pinfold_database_connections_open", Kind::Gauge, &[], "Open connections to the database.");
pub(super) const POOL_IN_USE: Described =
    database("pinfold_database_connections_in_use", Kind::Gauge, &[], "Connections that run a statement.");
pub(super) const POOL_MAX: Described =
    database("pinfold_database_connections_max", Kind::Gauge, &[], "Connections there may be (store.connections_max).");
pub(super) const POOL_WAITING: Described =
    database("pinfold_database_calls_waiting", Kind::Gauge, &[], "Calls that wait for a connection.");
pub(super) const POOL_MADE: Described = database(
    "pinfold_database_connections_made_total",
    Kind::Counter,
    &[],
    "Connections made to the database: the first ones, and those in the place of broken ones.",
);
pub(super) const POOL_WAIT_SECONDS: Described = database(
    "pinfold_database_connection_wait_seconds",
    Kind::Histogram(&[]),
    &[],
    "Time until a call had a connection, or was told that there is none.",
);
pub(super) const STATEMENT_SECONDS: Described = database(
    "pinfold_database_statement_duration_seconds",
    Kind::Histogram(&[]),
    &[],
    "Time from a statement to its answer or its failure.",
);
pub(super) const STATEMENTS_FAILED: Described = database(
    "pinfold_database_failures_total",
    Kind::Counter,
    &["reason"],
    "Statements without an answer: the connection broke (broken), no answer or no connection in time (timed_out), the database said no (refused).",
);
pub(super) const LOG_LINES_DROPPED: Described = always(
    "pinfold_log_lines_dropped_total",
    Kind::Counter,
    &["reason"],
    "Log lines that were not written: too many of their kind came (throttled), or stderr took no more (unread).",
);
pub(super) const BUILD_INFO: Described =
    always("pinfold_build_info", Kind::Gauge, &["version"], "Always 1; the label says which build runs.");

/// Of the process, where the system tells: on Linux.
const CPU_SECONDS: Described =
    always("process_cpu_seconds_total", Kind::Counter, &[], "Total user and system CPU time spent in seconds.");
const OPEN_FDS: Described = always("process_open_fds", Kind::Gauge, &[], "Number of open file descriptors.");
const MAX_FDS: Described = always("process_max_fds", Kind::Gauge, &[], "Maximum number of open file descriptors.");
const VIRTUAL_BYTES: Described =
    always("process_virtual_memory_bytes", Kind::Gauge, &[], "Virtual memory size in bytes.");
const RESIDENT_BYTES: Described =
    always("process_resident_memory_bytes", Kind::Gauge, &[], "Resident memory size in bytes.");
const STARTED: Described =
    always("process_start_time_seconds", Kind::Gauge, &[], "Start time of the process since unix epoch in seconds.");
const THREADS: Described = always("process_threads", Kind::Gauge, &[], "Number of OS threads in the process.");

/// Every metric.
pub(super) static METRICS: &[&Described] = &[
    &CALLS,
    &CALL_SECONDS,
    &CALL_ITEMS,
    &REQUEST_BYTES,
    &ANSWER_BYTES,
    &IN_FLIGHT,
    &ABANDONED,
    &RATE_LIMITED,
    &FAILED_AUTHENTICATIONS,
    &CONNECTIONS_OPEN,
    &CONNECTIONS_ACCEPTED,
    &REFUSALS,
    &CERTIFICATE_EXPIRY,
    &CACHE_HITS,
    &CACHE_MISSES,
    &CACHE_EVICTIONS,
    &CACHE_ENTRIES,
    &CACHE_WEIGHT,
    &CACHE_WEIGHT_MAX,
    &WRITABLE,
    &QUEUE_LENGTH,
    &QUEUE_LENGTH_MAX,
    &QUEUE_BYTES,
    &BATCH_CHANGES,
    &COMMIT_SECONDS,
    &DISK_BYTES,
    &DISK_FREE_BYTES,
    &POOL_OPEN,
    &POOL_IN_USE,
    &POOL_MAX,
    &POOL_WAITING,
    &POOL_MADE,
    &POOL_WAIT_SECONDS,
    &STATEMENT_SECONDS,
    &STATEMENTS_FAILED,
    &LOG_LINES_DROPPED,
    &BUILD_INFO,
    &CPU_SECONDS,
    &OPEN_FDS,
    &MAX_FDS,
    &VIRTUAL_BYTES,
    &RESIDENT_BYTES,
    &STARTED,
    &THREADS,
];

const fn always(name: &'static str, kind: Kind, labels: &'static [&'static str], help: &'static str) -> Described {
    Described { name, kind, labels, help, part: Part::Always }
}

const fn embedded(name: &'static str, kind: Kind, help: &'static str) -> Described {
    Described { name, kind, labels: &[], help, part: Part::Embedded }
}

const fn database(name: &'static str, kind: Kind, labels: &'static [&'static str], help: &'static str) -> Described {
    Described { name, kind, labels, help, part: Part::Database }
}
