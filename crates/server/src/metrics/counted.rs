//! Metrics that are counted here, while calls and connections are served.

use prometheus::core::Collector;
use prometheus::proto::MetricType;
use prometheus::{
    Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, Result,
};

use super::metric::Metric;

/// From a read out of memory to the longest answer.
const SECONDS: &[f64] =
    &[0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0];
const ITEMS: &[f64] = &[1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 300.0];

/// Declares the fields of [`Counted`]: the help text as a doc line, then `field: Type = "name" [labels] BUCKETS`, labels
/// and buckets only where the type has some.
///
/// ```text
/// counted! {
///     /// Strokes of a pump, by well.
///     strokes: IntCounterVec = "well_strokes_total" ["well"];
/// }
/// ```
macro_rules! counted {
    ($(
        $(#[doc = $help:literal])+
        $field:ident: $type:ty = $name:literal $([$($label:literal),+])? $($buckets:ident)?;
    )+) => {
        /// A handle for each metric that is counted here.
        pub(super) struct Counted {
            $($(#[doc = $help])+ pub(super) $field: $type,)+
        }

        pub(super) const METRICS: &[Metric] = &[$(Metric {
            name: $name,
            kind: <$type as Handle>::KIND,
            labels: &[$($($label),+)?],
            help: concat!($($help),+).trim_ascii_start(),
        },)+];

        impl Counted {
            /// Registers every metric.
            pub(super) fn new(registry: &Registry) -> Result<Self> {
                Ok(Self { $(
                    $field: register(registry, $name, concat!($($help),+), &[$($($label),+)?], &[$($buckets)?])?,
                )+ })
            }
        }
    };
}

counted! {
    /// Answered calls. Code 0 is success; app is other where the URL names none of the configured ones, command where it
    /// names none.
    calls: IntCounterVec = "pinfold_calls_total" ["app", "command", "code"];
    /// Time from the head of a call to its answer, the wait for the body included.
    call_seconds: HistogramVec = "pinfold_call_duration_seconds" ["command"] SECONDS;
    /// Conversations, accounts or chat groups that one call names; 1 for a command without a list.
    call_items: HistogramVec = "pinfold_call_items" ["command"] ITEMS;
    /// Bytes of the bodies of calls that passed the checks.
    request_bytes: IntCounterVec = "pinfold_request_bytes_total" ["command"];
    /// Bytes of the bodies of answers, as they were sent.
    answer_bytes: IntCounterVec = "pinfold_answer_bytes_total" ["command"];
    /// Calls that are being answered.
    in_flight: IntGauge = "pinfold_calls_in_flight";
    /// Calls whose client left before the answer; pinfold_calls_total does not count them.
    abandoned: IntCounter = "pinfold_calls_abandoned_total";
    /// Calls refused because the app makes too many (60007).
    rate_limited: IntCounterVec = "pinfold_rate_limit_refusals_total" ["app"];
    /// Callbacks that were answered with success, by what was made of them: taken, register, or why nothing was.
    callbacks: IntCounterVec = "pinfold_callbacks_total" ["app", "outcome"];
    /// Times of messages handed to the store: one for each list of recent conversations that a message renews, and one
    /// for its chat group, whatever the number of members.
    touches: IntCounterVec = "pinfold_touches_total" ["app"];
    /// Calls refused for who makes them: an invalid signature, or a caller without permission.
    failed_authentications: IntCounterVec = "pinfold_failed_authentications_total" ["reason"];
    /// Recent conversations of an account that were forgotten because so many newer ones are kept.
    recents_trimmed: IntCounter = "pinfold_recents_trimmed_total";
    /// Recent conversations of deleted accounts whose rows were removed from the store.
    swept_rows: IntCounter = "pinfold_swept_rows_total";
    /// Changes of accounts that were kept in their history.
    history_kept: IntCounter = "pinfold_history_changes_total";
    /// Bytes of those changes, as app.limits.history_bytes_max counts them.
    history_bytes: IntCounter = "pinfold_history_bytes_total";
    /// Changes that were removed from the history of accounts, by reason: older than app.history_days, or of a deleted
    /// account (age), or more than app.limits.history_changes_max and history_bytes_max allow (bounds).
    history_removed: IntCounterVec = "pinfold_history_removed_total" ["reason"];
    /// Open streams of `watch`.
    watchers: IntGaugeVec = "pinfold_watchers" ["app"];
    /// Streams that began: with what comes from now on (now), with what came since a cursor (cursor), or with a reset
    /// because that is not kept (reset).
    watch_starts: IntCounterVec = "pinfold_watch_starts_total" ["app", "from"];
    /// Changes sent to streams.
    watch_events: IntCounterVec = "pinfold_watch_events_total" ["app"];
    /// Resets sent to streams after they began: the account was deleted, replaced by another of its name, or what the
    /// stream missed is not kept (not_kept).
    watch_resets: IntCounterVec = "pinfold_watch_resets_total" ["app", "reason"];
    /// Streams that ended: the client left or did not read (left), its signature is not valid any more (signature), it
    /// may not watch any more (permission), the account was deleted, the server drains, the store failed.
    watch_ends: IntCounterVec = "pinfold_watch_ends_total" ["app", "reason"];
    /// Time from a durable change to its hand-over to the connection of a stream that waited for it.
    watch_delivery: Histogram = "pinfold_watch_delivery_seconds" SECONDS;
    /// Changes that wait to be sent to the app's webhook, counted every 15 seconds and up to 100,000. Of servers over one
    /// database each tells the same.
    webhook_waiting: IntGaugeVec = "pinfold_webhook_waiting" ["app"];
    /// Age of the oldest of these changes; 0 if none waits.
    webhook_oldest: IntGaugeVec = "pinfold_webhook_oldest_seconds" ["app"];
    /// Requests to the app's webhook, by outcome: sent, or why the receiver did not take it (troubleshoot.md).
    webhook_requests: IntCounterVec = "pinfold_webhook_requests_total" ["app", "outcome"];
    /// Time of one request to a webhook, with the time to connect.
    webhook_seconds: Histogram = "pinfold_webhook_request_duration_seconds" SECONDS;
    /// Changes that will not be sent to webhooks: they waited longer than app.history_days, or the history lost their content.
    webhook_given_up: IntCounter = "pinfold_webhook_given_up_total";
    /// 1 while the app's webhook is paused.
    webhook_paused: IntGaugeVec = "pinfold_webhook_paused" ["app"];
    /// 1 while the app's receiver takes nothing, so that it is only tried now and then.
    webhook_receiver_down: IntGaugeVec = "pinfold_webhook_receiver_down" ["app"];
    /// Of how many of the 16 shares of the app's accounts this server sends the changes.
    webhook_shares: IntGaugeVec = "pinfold_webhook_shares" ["app"];
    /// Open connections of the REST plane.
    connections_open: IntGauge = "pinfold_connections_open";
    /// Connections accepted by the REST plane.
    connections_accepted: IntCounter = "pinfold_connections_accepted_total";
}

/// A type of handle in Prometheus' library.
trait Handle: Collector + Clone + 'static {
    const KIND: MetricType;

    /// Only a histogram uses the buckets in `opts`.
    fn make(opts: HistogramOpts, labels: &[&str]) -> Result<Self>;
}

impl Handle for IntCounter {
    const KIND: MetricType = MetricType::COUNTER;

    fn make(opts: HistogramOpts, _: &[&str]) -> Result<Self> {
        Self::with_opts(opts.common_opts)
    }
}

impl Handle for IntCounterVec {
    const KIND: MetricType = MetricType::COUNTER;

    fn make(opts: HistogramOpts, labels: &[&str]) -> Result<Self> {
        Self::new(opts.common_opts, labels)
    }
}

impl Handle for IntGauge {
    const KIND: MetricType = MetricType::GAUGE;

    fn make(opts: HistogramOpts, _: &[&str]) -> Result<Self> {
        Self::with_opts(opts.common_opts)
    }
}

impl Handle for IntGaugeVec {
    const KIND: MetricType = MetricType::GAUGE;

    fn make(opts: HistogramOpts, labels: &[&str]) -> Result<Self> {
        Self::new(opts.common_opts, labels)
    }
}

impl Handle for Histogram {
    const KIND: MetricType = MetricType::HISTOGRAM;

    fn make(opts: HistogramOpts, _: &[&str]) -> Result<Self> {
        Self::with_opts(opts)
    }
}

impl Handle for HistogramVec {
    const KIND: MetricType = MetricType::HISTOGRAM;

    fn make(opts: HistogramOpts, labels: &[&str]) -> Result<Self> {
        Self::new(opts, labels)
    }
}

fn register<H: Handle>(registry: &Registry, name: &str, help: &str, labels: &[&str], buckets: &[&[f64]]) -> Result<H> {
    let opts = HistogramOpts { common_opts: Opts::new(name, help.trim_ascii_start()), buckets: buckets.concat() };
    let handle = H::make(opts, labels)?;
    registry.register(Box::new(handle.clone()))?;
    Ok(handle)
}
