//! One case: a scenario over a transport with a number of connections, measured in turns.

use std::path::Path;
use std::time::Duration;

use crate::accounts::Size;
use crate::arguments::RunArguments;
use crate::caller::{Transport, connect};
use crate::history::History;
use crate::latency::Latencies;
use crate::load::{self, Source};
use crate::process::Server;
use crate::redis::Redis;
use crate::scenario::Scenario;
use crate::store::Store;
use crate::turns::Turns;
use crate::usage::Usage;
use crate::webdis::Webdis;
use crate::{floor, table};

/// Which store is measured with which accounts of it touched.
pub(crate) struct Contender {
    /// Its place among the stores of the run.
    pub(crate) store: usize,
    pub(crate) size: Size,
    pub(crate) history: History,
    /// Whether it is the binary that the others are compared with.
    pub(crate) is_first_binary: bool,
}

/// What is measured in turns with the stores.
pub(crate) struct Yardsticks<'a> {
    pub(crate) echo: &'a Server,
    pub(crate) redis: Option<&'a Redis>,
    pub(crate) webdis: Option<&'a Webdis>,
    /// A directory on the disk of the stores.
    pub(crate) disk: &'a Path,
}

/// What one case came to: of each series a value a round.
pub(crate) struct Case {
    pub(crate) scenario: Scenario,
    pub(crate) transport: Transport,
    pub(crate) connections: usize,
    pub(crate) echo: Vec<f64>,
    /// Empty where nothing of redis stands beside the scenario.
    pub(crate) redis: Vec<f64>,
    /// `None` where nothing of webdis stands beside the scenario.
    pub(crate) webdis: Option<Series>,
    /// Append and sync of the disk itself, in microseconds; only with one connection.
    pub(crate) floor_us: Vec<f64>,
    /// In the order of the contenders.
    pub(crate) series: Vec<Series>,
}

/// Time after the last turn of a case in which bytes that are written in the background still count for it.
const SETTLING: Duration = Duration::from_secs(1);

/// What one contender came to.
pub(crate) struct Series {
    pub(crate) per_second: Vec<f64>,
    /// As measured, without correction.
    pub(crate) p50_us: Vec<f64>,
    pub(crate) cpu_us: Vec<f64>,
    pub(crate) times: Latencies,
    /// From the first turn on, what is compacted and removed between the turns included.
    pub(crate) written_bytes: u64,
    /// What the server had written in all when `written_bytes` was counted last.
    counted_to: Option<u64>,
    pub(crate) requests: u64,
    pub(crate) rss_mib: f64,
}

impl Case {
    /// A case without a round.
    pub(crate) fn new(scenario: Scenario, transport: Transport, connections: usize, contenders: usize) -> Self {
        let series = (0..contenders).map(|_| Series::new()).collect();
        Self { scenario, transport, connections, echo: vec![], redis: vec![], webdis: None, floor_us: vec![], series }
    }

    /// Measures round after round: the yardsticks, then each contender.
    pub(crate) async fn measure(
        &mut self,
        arguments: &RunArguments,
        yardsticks: &Yardsticks<'_>,
        contenders: &[Contender],
        stores: &[Store],
    ) -> Result<(), String> {
        let time = Duration::from_secs_f64(arguments.seconds);
        for round in 1..=arguments.rounds {
            let sources = |size| {
                Turns::of(
                    self.scenario,
                    self.scenario.accounts(size),
                    self.connections,
                    time,
                    seed(self.scenario, round),
                )
            };
            let callers = connect(&yardsticks.echo.target, self.connections).await?;
            let of_echo = load::run(callers, sources(contenders[0].size)).await?;
            self.echo.push(of_echo.per_second());
            for (contender, series) in contenders.iter().zip(&mut self.series) {
                series.round(&stores[contender.store].server, self.connections, sources(contender.size)).await?;
            }
            self.measure_beside(arguments, yardsticks, round).await?;
        }
        tokio::time::sleep(SETTLING).await;
        for (contender, series) in contenders.iter().zip(&mut self.series) {
            series.count_written(&stores[contender.store].server.usage());
        }
        println!("{}", table::brief(self));
        Ok(())
    }

    async fn measure_beside(
        &mut self,
        arguments: &RunArguments,
        yardsticks: &Yardsticks<'_>,
        round: u64,
    ) -> Result<(), String> {
        let time = Duration::from_secs_f64(arguments.seconds);
        if self.connections == 1 && self.scenario == Scenario::Mark {
            self.floor_us.push(floor::append_and_sync_us(yardsticks.disk, time)?);
        }
        if self.transport != Transport::Plain {
            return Ok(());
        }
        if let Some(redis) = yardsticks.redis {
            let last = self.redis.last().copied();
            self.redis.extend(redis.per_second(self.scenario, self.connections, arguments.seconds, last));
        }
        if let Some(webdis) = yardsticks.webdis {
            webdis.round(&mut self.webdis, self.scenario, self.connections, time, round).await?;
        }
        Ok(())
    }
}

/// Other accounts in every round and scenario, the same for every contender.
pub(crate) fn seed(scenario: Scenario, round: u64) -> u64 {
    scenario as u64 * 1000 + round
}

impl Series {
    /// A series without a round.
    pub(crate) fn new() -> Self {
        Self {
            per_second: vec![],
            p50_us: vec![],
            cpu_us: vec![],
            times: Latencies::new(),
            written_bytes: 0,
            counted_to: None,
            requests: 0,
            rss_mib: 0.0,
        }
    }

    /// Measures one round more.
    pub(crate) async fn round(
        &mut self,
        server: &Server,
        connections: usize,
        sources: Vec<impl Source>,
    ) -> Result<(), String> {
        let callers = connect(&server.target, connections).await?;
        let before = server.usage();
        self.count_written(&before);
        let measured = load::run(callers, sources).await?;
        let after = server.usage();
        self.per_second.push(measured.per_second());
        self.p50_us.push(measured.times.measured_p50_us());
        self.cpu_us.push((after.cpu_seconds - before.cpu_seconds) * 1e6 / measured.requests as f64);
        self.count_written(&after);
        self.requests += measured.requests;
        self.rss_mib = after.rss_mib;
        self.times.add(&measured.times);
        Ok(())
    }

    /// Adds what was written since it was counted last.
    fn count_written(&mut self, usage: &Usage) {
        self.written_bytes += usage.written_bytes - self.counted_to.unwrap_or(usage.written_bytes);
        self.counted_to = Some(usage.written_bytes);
    }

    /// Bytes written for a request.
    pub(crate) fn written_per_request(&self) -> f64 {
        self.written_bytes as f64 / self.requests as f64
    }
}
