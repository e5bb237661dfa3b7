//! What is needed, from the costs.

use std::fmt::Write;

use super::costs::{
    CITUS_COMMITS, GET, MARK, PLAIN_COMMITS, POSTGRES_RECORD_BYTES, RECORD_BYTES, SYNC_US, WRITER_US, WRITTEN_BYTES,
};
use super::simulation::{Setup, changes_per_second};

/// How busy processors may be: waiting grows fast beyond it, and an instance may fail.
const BUSY_MAX: f64 = 0.6;
/// Of ten calls.
const READS: f64 = 9.0;
const RECORDS: f64 = 20.0;
/// Decoded account of 20 records in the cache, of which 256 MiB held half of 100,000.
const CACHED_BYTES: f64 = 5400.0;

/// Changes a second, and what one waits, by processors and connections, with callers on machines of their own.
pub(super) fn embedded() -> String {
    const CONNECTIONS: [usize; 4] = [16, 64, 256, 1024];
    let mut text =
        "| processors, sync | 16 connections | 64 | 256 | 1,024 |\n| --- | --- | --- | --- | --- |\n".to_owned();
    for (processors, sync_us) in [2, 4, 8].into_iter().flat_map(|p| [(p, SYNC_US), (p, SYNC_US + 2000.0)]) {
        let _ = write!(text, "| {processors}, {:.2} ms |", sync_us / 1000.0);
        for connections in CONNECTIONS {
            let setup = Setup { connections, processors, slowness: 1.0, sync_us, generator_us: 0.0 };
            let rate = changes_per_second(setup, MARK);
            let _ = write!(text, " {:.1} k/s, {:.1} ms |", rate / 1000.0, connections as f64 * 1000.0 / rate);
        }
        text.push('\n');
    }
    text
}

/// Processor time of one commit over Citus: of the coordinator, client included, and of the worker. Both are upper
/// bounds, as everything shared two processors.
const CITUS_US: (f64, f64) = (2e6 / CITUS_COMMITS - 2e6 / PLAIN_COMMITS, 2e6 / PLAIN_COMMITS);

/// Changes a second that one embedded store is planned for: its writer is one thread.
fn store_per_second(processors: f64) -> f64 {
    BUSY_MAX * 1e6 / f64::max(WRITER_US, MARK.embedded_us / processors)
}

/// Processors for calls, by the way of storing.
pub(super) fn calls() -> String {
    let mut text = String::from(
        "| calls/s | embedded: stores, processors of all, MB/s written | instances over a database | one PostgreSQL \
         | Citus: coordinator, workers | Citus, workers as entry points |\n\
         | --- | --- | --- | --- | --- | --- |\n",
    );
    for (label, per_second) in [("1 k", 1e3), ("100 k", 1e5), ("1 M", 1e6)] {
        for (kind, reads) in [("changes", 0.0), ("nine reads to a change", READS)] {
            let _ = writeln!(text, "| {label}, {kind} | {} |", needs(per_second, reads));
        }
    }
    text
}

fn needs(per_second: f64, reads: f64) -> String {
    let changes = per_second / (reads + 1.0);
    let of = |change_us: f64, read_us: f64| changes * (change_us + reads * read_us) / 1e6 / BUSY_MAX;
    let number = |number: f64| format!("{:.0}", number.ceil());
    let (coordinator_us, worker_us) = CITUS_US;
    let stores = changes / store_per_second(f64::INFINITY);
    let embedded = of(MARK.embedded_us, GET.embedded_us);
    [
        format!("{}, {}, {:.1}", number(stores), number(embedded), changes * WRITTEN_BYTES / 1e6),
        number(of(MARK.instance_us, GET.instance_us)),
        number(of(MARK.database_us, GET.database_us)),
        format!("{}, {}", number(of(coordinator_us, coordinator_us)), number(of(worker_us, GET.database_us))),
        number(of(coordinator_us + worker_us, coordinator_us + GET.database_us)),
    ]
    .join(" | ")
}

/// Changes a second at which each way is as busy as planned.
pub(super) fn bends() -> String {
    let (coordinator_us, worker_us) = CITUS_US;
    let at = |us: f64| move |processors: f64| BUSY_MAX * 1e6 * processors / us;
    let mut text = "| way | 4 processors | 16 | 64 |\n| --- | --- | --- | --- |\n".to_owned();
    let mut line = |way: &str, per_second: &dyn Fn(f64) -> f64| {
        let rates = [4.0, 16.0, 64.0].map(|processors| format!("{:.1} k/s", per_second(processors) / 1000.0));
        let _ = writeln!(text, "| {way} | {} |", rates.join(" | "));
    };
    line("one embedded store", &store_per_second);
    line("one PostgreSQL", &at(MARK.database_us));
    line("a coordinator of Citus", &at(coordinator_us));
    line("each node of Citus, all of them entry points", &at(coordinator_us + worker_us));
    text
}

/// Room for accounts of 20 records.
pub(super) fn accounts() -> String {
    let mut text = String::from(
        "| accounts | records | disk, embedded: after a load; at most, while changes are written | disk, PostgreSQL, after a load | cache for a tenth of them | changes/s, each ten a day, the peak four times the mean |\n\
         | --- | --- | --- | --- | --- | --- |\n",
    );
    for (label, accounts, of_all) in [("1 M", 1e6, "20 M"), ("100 M", 1e8, "2 B"), ("1 B", 1e9, "20 B")] {
        let records = accounts * RECORDS;
        let gb = |bytes: f64| format!("{:.1} GB", bytes / 1e9);
        let _ = writeln!(
            text,
            "| {label} | {of_all} | {}, {} | {} | {} | {:.1} k |",
            gb(records * RECORD_BYTES.0),
            gb(records * RECORD_BYTES.1),
            gb(records * POSTGRES_RECORD_BYTES),
            gb(accounts / 10.0 * CACHED_BYTES),
            accounts * 10.0 * 4.0 / 86_400.0 / 1000.0,
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_needed_grows_with_the_calls() {
        let needed = |per_second| needs(per_second, 0.0).split(" | ").nth(2).unwrap().parse::<f64>().unwrap();
        assert!(needed(1e6) > 9.0 * needed(1e5));
    }
}
