//! Minutes of writing: what compaction, memory and stalls do over time.

use std::fmt::Write;
use std::time::{Duration, Instant};

use crate::arguments::SoakArguments;
use crate::caller::connect;
use crate::history::History;
use crate::latency::Latencies;
use crate::load::{self, Measured};
use crate::store::Store;
use crate::tls::Identity;
use crate::turns::Turns;
use crate::usage::Usage;
use crate::{marks, report};

const WINDOW: Duration = Duration::from_secs(10);

/// What a soak came to.
pub(crate) struct Soaked {
    pub(crate) p99_ms: f64,
    pub(crate) longest_ms: f64,
    pub(crate) disk_per_record: f64,
    pub(crate) disk_per_record_stopped: f64,
}

/// Loads accounts, writes, prints a line a window, and the table and marks at the end.
pub(crate) async fn soak(arguments: &SoakArguments) -> Result<(), String> {
    let directory = report::directory(arguments.servers.place.directory.as_deref())?;
    let identity = Identity::make(directory.path())?;
    let (servers, stored) = (&arguments.servers, arguments.accounts.stored);
    let mut store = Store::start(
        &servers.place.binary,
        stored,
        History::default(),
        &[arguments.scenario],
        servers,
        directory.path(),
        &identity,
    )?;
    store.fill(&[arguments.scenario]).await?;
    let mut text = String::from(
        "| s | req/s | p50 / p99 ms, corrected | longest ms | RSS MiB | CPU µs/req | disk MiB | disk bytes/record | written MiB |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    println!("{}", text.trim_end());
    let (mut times, began) = (Latencies::new(), Instant::now());
    let mut seed = 0;
    while began.elapsed().as_secs_f64() < arguments.minutes * 60.0 {
        seed += 1;
        let before = store.server.usage();
        let measured = window(arguments, &store, seed).await?;
        let line = line(began.elapsed(), &measured, &store, before);
        println!("{line}");
        let _ = writeln!(text, "{line}");
        times.add(&measured.times);
    }
    text += &summary(&mut store, &times, began.elapsed())?;
    report::publish(&text, servers.place.output.as_deref())
}

async fn window(arguments: &SoakArguments, store: &Store, seed: u64) -> Result<Measured, String> {
    let accounts = arguments.scenario.accounts(arguments.accounts);
    let sources = Turns::of(arguments.scenario, accounts, arguments.connections, WINDOW, seed);
    load::run(connect(&store.server.target, arguments.connections).await?, sources).await
}

fn line(at: Duration, measured: &Measured, store: &Store, before: Usage) -> String {
    let (usage, disk_bytes) = (store.server.usage(), store.disk_bytes());
    format!(
        "| {:.0} | {:.0} | {:.2} / {:.2} | {:.1} | {:.0} | {:.1} | {} | {:.0} | {} |",
        at.as_secs_f64(),
        measured.per_second(),
        measured.times.ms_at(0.5),
        measured.times.ms_at(0.99),
        measured.times.longest_ms(),
        usage.rss_mib,
        (usage.cpu_seconds - before.cpu_seconds) * 1e6 / measured.requests as f64,
        disk_bytes >> 20,
        store.per_record(disk_bytes),
        (usage.written_bytes - before.written_bytes) >> 20,
    )
}

/// Stops the server and says what it all came to.
fn summary(store: &mut Store, times: &Latencies, time: Duration) -> Result<String, String> {
    let (rss_mib, disk_per_record) = (store.server.usage().rss_mib, store.per_record(store.disk_bytes()));
    store.server.stop()?;
    let soaked = Soaked {
        p99_ms: times.ms_at(0.99),
        longest_ms: times.longest_ms(),
        disk_per_record,
        disk_per_record_stopped: store.per_record(store.disk_bytes()),
    };
    let mut text = format!(
        "\n{} requests in {:.0} s over {} accounts of {} records: p99.9 (corrected) {:.1} ms, longest stall {:.1} ms, \
         {rss_mib:.0} MiB RSS, {:.0} bytes a record on disk, {:.0} after a clean stop\n",
        times.count(),
        time.as_secs_f64(),
        store.stored,
        store.records,
        times.ms_at(0.999),
        soaked.longest_ms,
        soaked.disk_per_record,
        soaked.disk_per_record_stopped,
    );
    text += &marks::of_soak(&soaked);
    Ok(text)
}
