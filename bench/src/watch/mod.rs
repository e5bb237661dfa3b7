//! Many watchers: what they cost, how soon they are told, and how they come back.

mod deliveries;
mod streams;

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::accounts::{Accounts, Size};
use crate::arguments::WatchArguments;
use crate::case::{Series, seed};
use crate::history::History;
use crate::latency::Latencies;
use crate::load::Source;
use crate::request::Request;
use crate::scenario::Scenario;
use crate::store::Store;
use crate::table::{median_ratio, spread};
use crate::tls::Identity;
use crate::turns::Turns;
use crate::{marks, report};
use deliveries::Deliveries;
use streams::Streams;

/// Of a thousand marks, as many may change nothing and so tell nothing. Marks are drawn by chance.
const UNTOLD_OF_1000_MAX: usize = 1;

/// What it came to.
pub(crate) struct Watched {
    pub(crate) streams: u32,
    /// With nothing in the cache and no stream.
    before_rss_mib: f64,
    /// The same with all streams, each of which got a comment.
    pub(crate) idle_rss_mib: f64,
    opened_in: Duration,
    /// A server without streams, over a store of its own.
    pub(crate) without: Series,
    pub(crate) with: Series,
    pub(crate) delivery: Latencies,
    untold: usize,
    back: Back,
}

/// How the watchers came back after a restart with changes that they had missed.
struct Back {
    missed: u64,
    /// Until each stream stood.
    stood_in: Duration,
    /// Until each had been told what it missed.
    told_in: Duration,
}

/// Requests that are noted when they are answered.
struct Noted {
    turns: Turns,
    deliveries: Arc<Deliveries>,
}

impl Source for Noted {
    fn next(&mut self, elapsed: Duration) -> Option<&Request> {
        self.turns.next(elapsed)
    }

    fn answered(&mut self) {
        self.deliveries.answered(self.turns.account());
    }
}

/// Measures and prints the table and the marks.
pub(crate) async fn watch(arguments: &WatchArguments) -> Result<(), String> {
    if accounts_count(arguments) < arguments.streams {
        return Err("each stream watches an account of its own: --accounts must not be below --streams".to_owned());
    }
    let directory = report::directory(arguments.servers.place.directory.as_deref())?;
    let identity = Identity::make(directory.path())?;
    let start = || {
        let servers = &arguments.servers;
        let (history, scenarios) = (History::default(), &[Scenario::Mark]);
        Store::start(
            &servers.place.binary,
            accounts_count(arguments),
            history,
            scenarios,
            servers,
            directory.path(),
            &identity,
        )
    };
    let (mut quiet, mut watched) = (start()?, start()?);
    for store in [&mut quiet, &mut watched] {
        store.fill(&[Scenario::Mark]).await?;
        store.serve_cold_over(arguments.transport, &identity)?;
    }
    let result = measure(arguments, &quiet, &mut watched, &identity).await?;
    let text = table(arguments, &result) + &marks::of_watch(&result);
    report::publish(&text, arguments.servers.place.output.as_deref())
}

async fn measure(
    arguments: &WatchArguments,
    quiet: &Store,
    store: &mut Store,
    identity: &Identity,
) -> Result<Watched, String> {
    let (accounts, deliveries) = (accounts(arguments), Arc::new(Deliveries::new(arguments.streams)));
    let before_rss_mib = store.server.usage().rss_mib;
    let began = Instant::now();
    let standings = (0..arguments.streams).map(|account| (account, None)).collect();
    let streams = streams::open(&store.server.target, accounts, standings, &deliveries).await?;
    let opened_in = began.elapsed();
    println!("{} streams opened in {:.1} s", arguments.streams, opened_in.as_secs_f64());
    tokio::time::sleep(Duration::from_secs(arguments.idle_seconds)).await;
    let idle_rss_mib = store.server.usage().rss_mib;
    quiet.warm().await?;
    store.warm().await?;
    let (mut without, mut with, mut untold) = (Series::new(), Series::new(), 0);
    for round in 0..arguments.rounds {
        without.round(&quiet.server, arguments.connections, turns(arguments, round)).await?;
        with.round(&store.server, arguments.connections, noted(arguments, round, &deliveries)).await?;
        untold += deliveries.settle().await;
        check(&streams, untold, &with)?;
    }
    let delivery = deliveries.take();
    let back = come_back(arguments, store, streams, &deliveries, identity).await?;
    let streams = arguments.streams;
    Ok(Watched { streams, before_rss_mib, idle_rss_mib, opened_in, without, with, delivery, untold, back })
}

/// A stream that ended, or changes that were not told, would make everything else look good.
fn check(streams: &Streams, untold: usize, with: &Series) -> Result<(), String> {
    if streams.ended() > 0 {
        return Err(format!("{} streams have ended", streams.ended()));
    }
    if untold * 1000 > with.requests as usize * UNTOLD_OF_1000_MAX {
        return Err(format!("{untold} of {} marks were not told", with.requests));
    }
    Ok(())
}

/// Stops the server as an operator would, changes accounts while no stream is open, and opens all streams again.
async fn come_back(
    arguments: &WatchArguments,
    store: &mut Store,
    streams: Streams,
    deliveries: &Arc<Deliveries>,
    identity: &Identity,
) -> Result<Back, String> {
    store.serve_cold_over(arguments.transport, identity)?;
    let standings = streams.standings().await?;
    let mut missed = Series::new();
    missed.round(&store.server, arguments.connections, noted(arguments, arguments.rounds, deliveries)).await?;
    let began = Instant::now();
    let streams = streams::open(&store.server.target, accounts(arguments), standings, deliveries).await?;
    let stood_in = began.elapsed();
    let untold = deliveries.settle().await;
    // The wait for what does not come any more is not counted.
    let told_in = deliveries.last_told().saturating_duration_since(began).max(stood_in);
    check(&streams, untold, &missed)?;
    Ok(Back { missed: missed.requests, stood_in, told_in })
}

fn accounts(arguments: &WatchArguments) -> Accounts {
    let count = accounts_count(arguments);
    Accounts::usual(Size { stored: count, touched: count })
}

fn accounts_count(arguments: &WatchArguments) -> u32 {
    arguments.accounts.unwrap_or(arguments.streams)
}

fn turns(arguments: &WatchArguments, round: u64) -> Vec<Turns> {
    let time = Duration::from_secs(arguments.seconds);
    Turns::of(Scenario::Mark, accounts(arguments), arguments.connections, time, seed(Scenario::Mark, round))
}

fn noted(arguments: &WatchArguments, round: u64, deliveries: &Arc<Deliveries>) -> Vec<Noted> {
    let note = |turns| Noted { turns, deliveries: Arc::clone(deliveries) };
    turns(arguments, round).into_iter().map(note).collect()
}

fn table(arguments: &WatchArguments, watched: &Watched) -> String {
    let Watched { delivery, back, with, without, .. } = watched;
    let each_kib = (watched.idle_rss_mib - watched.before_rss_mib) * 1024.0 / f64::from(watched.streams);
    let s = |time: Duration| time.as_secs_f64();
    format!(
        "| streams, accounts | opened in s | RSS MiB before, idle, under marks | KiB a stream | marks/s without, with | × without | answer to watcher p50 / p99 / p99.9 / longest ms | marks not told | back in s, told in s |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n\
         | {}, {}, {:?} | {:.1} | {:.0}, {:.0}, {:.0} | {each_kib:.1} | {}, {} | {:.2} | {:.2} / {:.2} / {:.2} / {:.1} | {} of {} | {:.1}, {:.1} with {} missed changes |\n",
        watched.streams,
        accounts_count(arguments),
        arguments.transport,
        s(watched.opened_in),
        watched.before_rss_mib,
        watched.idle_rss_mib,
        with.rss_mib,
        spread(&without.per_second),
        spread(&with.per_second),
        median_ratio(&with.per_second, &without.per_second),
        delivery.measured_ms_at(0.5),
        delivery.measured_ms_at(0.99),
        delivery.measured_ms_at(0.999),
        delivery.longest_ms(),
        watched.untold,
        with.requests,
        s(back.stood_in),
        s(back.told_in),
        back.missed,
    )
}
