use std::collections::BTreeMap;
use std::sync::Arc;

use pinfold_store::stats::{CacheStats, DiskStats, Distribution, PoolFailures, PoolStats, Stats, WriterStats};
use pinfold_wire::Code;

use super::*;

const CACHE: CacheStats = CacheStats { hits: 7, misses: 3, evictions: 1, entries: 2, weight: 20, weight_max: 90 };

fn distribution() -> Distribution {
    Distribution { bounds: &[1000, 2500], counts: vec![2, 1, 4], sum: 50_000 }
}

/// A store that has every part there is.
fn stats() -> Stats {
    let writer = WriterStats {
        takes_writes: true,
        waiting: 1,
        waiting_max: 2,
        waiting_bytes: 3,
        batches: distribution(),
        commits_us: distribution(),
    };
    let pool = PoolStats {
        open: 3,
        in_use: 1,
        open_max: 16,
        waiting: 0,
        made: 5,
        waits_us: distribution(),
        statements_us: distribution(),
        failures: PoolFailures { broken: 1, timed_out: 2, refused: 3 },
    };
    let disk = DiskStats { used_bytes: 10, free_bytes: 20 };
    Stats { accounts: Some(CACHE), lists: Some(CACHE), writer: Some(writer), disk: Some(disk), pool: Some(pool) }
}

/// Everything happened at least once.
fn busy() -> Meters {
    let meters = Meters::new([AppId(7)].into_iter());
    let app = Arc::new(AppMetrics::new(AppId(7)));
    for refusal in [None, Some(Code::CommandTooOften), Some(Code::SigExpired)] {
        let call = meters.call(Some(3));
        call.of_app(&app);
        call.answered(refusal, 5);
    }
    drop(meters.connection());
    drop(meters.webhook(AppId(7)));
    meters
}

fn text(meters: &Meters, store: Stats, certificate_not_after: Option<u64>) -> String {
    let refusals = vec![("per_address", 0), ("reset", 2)];
    let log_lines_dropped = vec![("throttled", 0)];
    meters.text(&ScrapeInputs {
        signatures: CACHE,
        store,
        account_rate_buckets: 3,
        refusals,
        log_lines_dropped,
        certificate_not_after,
    })
}

#[test]
fn every_metric_that_is_declared_is_told_with_its_type_and_help_and_no_other() {
    let text = text(&busy(), stats(), Some(1_800_000_000));
    let told = |begin: &str| -> BTreeMap<String, String> {
        let lines = text.lines().filter_map(|line| line.strip_prefix(begin)?.split_once(' '));
        let ours = lines.filter(|(name, _)| name.starts_with("pinfold_"));
        ours.map(|(name, rest)| (name.to_owned(), rest.to_owned())).collect()
    };
    let declared = || table::all().map(|(_, metric)| metric);
    let kinds = declared().map(|metric| (metric.name.to_owned(), format!("{:?}", metric.kind).to_lowercase()));
    assert_eq!(told("# TYPE "), kinds.collect());
    assert_eq!(told("# HELP "), declared().map(|metric| (metric.name.to_owned(), metric.help.to_owned())).collect());
}

#[test]
fn a_distribution_becomes_a_histogram_in_seconds_that_counts_upwards() {
    let text = text(&busy(), stats(), Some(1_800_000_000));
    for line in [
        "pinfold_store_commit_duration_seconds_bucket{le=\"0.001\"} 2",
        "pinfold_store_commit_duration_seconds_bucket{le=\"0.0025\"} 3",
        "pinfold_store_commit_duration_seconds_bucket{le=\"+Inf\"} 7",
        "pinfold_store_commit_duration_seconds_sum 0.05",
        "pinfold_store_commit_duration_seconds_count 7",
        "pinfold_store_batch_changes_bucket{le=\"1000\"} 2",
        "pinfold_cache_hits_total{cache=\"accounts\"} 7",
        "pinfold_cache_hits_total{cache=\"lists\"} 7",
        "pinfold_database_failures_total{reason=\"timed_out\"} 2",
        "pinfold_refusals_total{reason=\"per_address\"} 0",
        "pinfold_account_rate_buckets 3",
        "pinfold_tls_certificate_expiry_timestamp_seconds 1800000000",
    ] {
        assert!(text.lines().any(|it| it == line), "no {line} in\n{text}");
    }
}

#[test]
fn a_store_in_memory_tells_nothing_of_disks_and_databases() {
    let text = text(&Meters::new([AppId(7)].into_iter()), Stats::default(), None);
    assert!(!text.contains("pinfold_store_") && !text.contains("pinfold_database_"), "{text}");
    assert!(!text.contains("pinfold_tls_") && !text.contains("cache=\"accounts\""), "{text}");
}

#[test]
fn a_call_that_ends_without_an_answer_is_abandoned_and_in_flight_no_more() {
    let meters = Meters::new([AppId(7)].into_iter());
    let call = meters.call(None);
    assert_eq!(meters.counted.in_flight.get(), 1);
    drop(call);
    assert_eq!((meters.counted.in_flight.get(), meters.counted.abandoned.get()), (0, 1));
    meters.call(None).answered(Some(Code::NoSuchCommand), 0);
    assert_eq!((meters.counted.in_flight.get(), meters.counted.abandoned.get()), (0, 1));
}

#[test]
fn an_app_whose_webhook_is_gone_is_told_of_no_more() {
    let meters = Meters::new([AppId(7)].into_iter());
    let webhook = meters.webhook(AppId(7));
    webhook.request(None, std::time::Duration::from_millis(3));
    let told = || text(&meters, Stats::default(), None);
    let line = "pinfold_webhook_requests_total{app=\"7\",outcome=\"sent\"} 1";
    assert!(told().lines().any(|it| it == line), "{}", told());
    meters.webhook_ends(AppId(7));
    webhook.request(None, std::time::Duration::from_millis(3));
    webhook.request(Some("status"), std::time::Duration::from_millis(3));
    assert!(!told().lines().any(|it| it.starts_with("pinfold_webhook_") && it.contains("app=")), "{}", told());
}
