//! One run: load the accounts, then measure echo and pinfold in turns.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::SmallRng;

use crate::load::{self, Until};
use crate::process::Server;
use crate::scenario::Scenario;
use crate::table::{Line, markdown, median};
use crate::{RunArguments, floor, prepare, redis};

/// Requests prepared for each scenario.
const PREPARED: u32 = 20_000;

/// Runs what was asked for, prints the table and writes it.
pub(crate) async fn run(arguments: &RunArguments) -> Result<(), String> {
    let temporary = tempfile::tempdir().map_err(|error| error.to_string())?;
    let directory = arguments.directory.as_deref().unwrap_or(temporary.path());
    fs::create_dir_all(directory).map_err(|error| format!("{}: {error}", directory.display()))?;
    let echo = Server::echo()?;
    let pinfold = Server::pinfold(arguments, directory)?;
    println!("idle: {:.1} MiB RSS, started in {} ms", pinfold.usage().rss_mib, pinfold.started_in.as_millis());
    load_accounts(arguments, &pinfold).await?;
    println!("loaded: {:.1} MiB RSS, {} MiB on disk", pinfold.usage().rss_mib, disk_mib(directory));
    let chosen = if arguments.scenarios.is_empty() { &Scenario::ALL[..] } else { &arguments.scenarios };
    let mut lines = Vec::new();
    for scenario in chosen {
        for connections in &arguments.connections {
            lines.push(measure(arguments, *scenario, *connections, &echo, &pinfold).await?);
        }
    }
    let mut text = markdown(&lines);
    text += &format!("\nappend and fdatasync on this disk: {} µs (median)\n", floor::append_and_sync_us(directory)?);
    for connections in &arguments.connections {
        if let Some((hset, hgetall)) = redis::measure(arguments, temporary.path(), *connections) {
            text += &format!(
                "\nredis, synced, {connections} connections: HSET {hset:.0}/s, HGETALL of 20 {hgetall:.0}/s\n"
            );
        }
    }
    text += &restart(arguments, directory, pinfold).await?;
    println!("\n{text}");
    match &arguments.output {
        Some(path) => fs::write(path, text).map_err(|error| format!("{}: {error}", path.display())),
        None => Ok(()),
    }
}

/// Imports accounts and peers, gives each account its 20 records and a group.
async fn load_accounts(arguments: &RunArguments, pinfold: &Server) -> Result<(), String> {
    let signature = prepare::signature();
    let names: Vec<_> = (0..arguments.accounts).map(prepare::account).chain((0..100).map(prepare::peer)).collect();
    let import = |names: &[String]| {
        let body = format!(r#"{{"Accounts":["{}"]}}"#, names.join("\",\""));
        prepare::request(&signature, "im_open_login_svc", "multiaccount_import", &body, 1)
    };
    let recent = |command, body: String| prepare::request(&signature, "recentcontact", command, &body, 1);
    let accounts = || names[..arguments.accounts as usize].iter();
    let steps: [Vec<Vec<u8>>; 3] = [
        names.chunks(100).map(import).collect(),
        accounts().map(|account| recent("mark_contact", prepare::load(account))).collect(),
        accounts().map(|account| recent("create_contact_group", prepare::create_work(account))).collect(),
    ];
    for requests in steps {
        load::run(pinfold.address, Arc::new(requests), 64, Until::AllSent).await?;
    }
    Ok(())
}

async fn measure(
    arguments: &RunArguments,
    scenario: Scenario,
    connections: usize,
    echo: &Server,
    pinfold: &Server,
) -> Result<Line, String> {
    let requests = Arc::new(prepared(scenario, arguments.accounts));
    let until = Until::Elapsed(Duration::from_secs_f64(arguments.seconds));
    let (mut per_second, mut echo_per_second, mut cpu) = (Vec::new(), Vec::new(), Vec::new());
    let (mut written, mut sent) = (0, 0);
    let mut times = None;
    for _ in 0..arguments.rounds {
        let of_echo = load::run(echo.address, Arc::clone(&requests), connections, until).await?;
        echo_per_second.push(of_echo.per_second());
        let before = pinfold.usage();
        let of_pinfold = load::run(pinfold.address, Arc::clone(&requests), connections, until).await?;
        let after = pinfold.usage();
        per_second.push(of_pinfold.per_second());
        cpu.push((after.cpu_seconds - before.cpu_seconds) * 1e6 / of_pinfold.requests as f64);
        written += after.written_bytes - before.written_bytes;
        sent += of_pinfold.requests;
        match &mut times {
            None => times = Some(of_pinfold.times_us),
            Some(all) => all.add(of_pinfold.times_us).map_err(|error| error.to_string())?,
        }
    }
    let times = times.ok_or("there were no rounds")?;
    println!("{scenario:?} × {connections}: {:.0}/s, echo {:.0}/s", median(&per_second), median(&echo_per_second));
    Ok(Line {
        name: format!("{scenario:?} ({} items)", scenario.items()),
        connections,
        per_second,
        echo_per_second,
        p50_us: times.value_at_quantile(0.5),
        p99_us: times.value_at_quantile(0.99),
        p999_us: times.value_at_quantile(0.999),
        longest_us: times.max(),
        cpu_us_per_request: median(&cpu),
        rss_mib: pinfold.usage().rss_mib,
        written_per_request: written as f64 / sent as f64,
    })
}

fn prepared(scenario: Scenario, accounts: u32) -> Vec<Vec<u8>> {
    let mut random = SmallRng::seed_from_u64(7);
    let signature = prepare::signature();
    let one = |turn| {
        let (command, body) = scenario.request(&mut random, accounts, turn);
        prepare::request(&signature, "recentcontact", command, &body, turn)
    };
    (0..PREPARED).map(one).collect()
}

/// How long the server takes to come back, after a kill and after a clean stop.
async fn restart(arguments: &RunArguments, directory: &Path, pinfold: Server) -> Result<String, String> {
    pinfold.kill();
    let killed = Server::pinfold(arguments, directory)?;
    let after_kill = killed.started_in.as_millis();
    killed.stop();
    let stopped = Server::pinfold(arguments, directory)?;
    let after_stop = stopped.started_in.as_millis();
    stopped.stop();
    Ok(format!(
        "\nstart after a kill: {after_kill} ms; after a clean stop: {after_stop} ms; {} MiB on disk\n",
        disk_mib(directory)
    ))
}

/// What a directory takes on disk: allocated blocks, not apparent sizes.
fn disk_mib(directory: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt;
    fn bytes(directory: &Path) -> u64 {
        let Ok(entries) = fs::read_dir(directory) else { return 0 };
        entries
            .flatten()
            .map(|entry| match entry.metadata() {
                Ok(meta) if meta.is_dir() => bytes(&entry.path()),
                Ok(meta) => meta.blocks() * 512,
                Err(_) => 0,
            })
            .sum()
    }
    bytes(directory) >> 20
}
