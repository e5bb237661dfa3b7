//! pinfold over PostgreSQL beside the same by hand, in turns over one server.

mod database;
mod pgbench;
mod table;

use std::fs;
use std::path::Path;
use std::time::Duration;

use self::database::Database;
use self::pgbench::{Pgbench, Protocol};
use crate::arguments::PostgresArguments;
use crate::caller::Transport;
use crate::case::{Series, seed};
use crate::fill::{self, Fill};
use crate::history::History;
use crate::process::{Server, Setup};
use crate::scenario::Scenario;
use crate::table::median_ratio;
use crate::tls::Identity;
use crate::turns::Turns;
use crate::{marks, report};

/// How an instance of pinfold is set up.
#[derive(PartialEq, Eq)]
pub(crate) struct Kind {
    /// In the table, and the instance's directory.
    name: &'static str,
    /// The app's `accounts`: the register is asked for each peer, or is not.
    registration: &'static str,
    /// `false` as behind a pooler that does not keep named statements.
    prepared_statements: bool,
}

impl Kind {
    const fn new(name: &'static str, registration: &'static str, prepared_statements: bool) -> Self {
        Self { name, registration, prepared_statements }
    }

    fn setup(&self, history: History, url: &str, connections: usize) -> Setup<'static> {
        let prepared = self.prepared_statements;
        let store = format!("url = {url:?}\nconnections_max = {connections}\nprepared_statements = {prepared}\n");
        Setup { store, accounts: self.registration, messages: false, history, preload: None }
    }
}

/// The default.
pub(crate) const IMPORTED: Kind = Kind::new("imported", "imported", true);
/// Without a register.
pub(crate) const ANY: Kind = Kind::new("any", "any", true);
/// The default without named statements.
pub(crate) const IMPORTED_UNNAMED: Kind = Kind::new("imported, unnamed", "imported", false);
/// Without a register and named statements.
pub(crate) const ANY_UNNAMED: Kind = Kind::new("any, unnamed", "any", false);

/// The instances of a run. Reads ask no register, so the first two are enough for them.
static KINDS: [Kind; 4] = [IMPORTED, IMPORTED_UNNAMED, ANY, ANY_UNNAMED];

/// A running instance.
struct Instance {
    kind: &'static Kind,
    history: History,
    server: Server,
}

/// What a run came to.
pub(crate) struct Compared {
    scenarios: Vec<Comparison>,
    /// What the table of accounts and its index take on disk after the load, divided by the records.
    record_bytes: f64,
}

/// What one scenario came to.
struct Comparison {
    scenario: Scenario,
    ours: Vec<Ours>,
    prepared: Theirs,
    simple: Theirs,
}

/// What an instance came to; a value a round.
struct Ours {
    kind: &'static Kind,
    history: History,
    series: Series,
    database_cpu_us: Vec<f64>,
}

/// What `pgbench` came to; a value a round.
#[derive(Default)]
struct Theirs {
    per_second: Vec<f64>,
    database_cpu_us: Vec<f64>,
}

/// Runs all rounds, prints the table and the marks, and writes them.
pub(crate) async fn run(arguments: &PostgresArguments) -> Result<(), String> {
    let place = &arguments.place;
    let planned = planned(arguments);
    // Each instance has its pool, `pgbench` its connections, `psql` one.
    let database = Database::start(place.directory.as_deref(), arguments.connections * (planned.len() + 1) + 1)?;
    let directory = report::directory(place.directory.as_deref())?;
    let instances = start(arguments, &planned, &database, directory.path())?;
    let fill = Fill::new(arguments.accounts.stored, &[Scenario::Mark, Scenario::Get]);
    let mut per_second = 0.0;
    for first in instances.chunk_by(|one, next| one.history == next.history).map(|of_database| &of_database[0]) {
        per_second = fill::fill(&first.server.target, &fill).await?;
    }
    let by_hand = Pgbench::prepare(&database, arguments.connections, arguments.seconds, arguments.accounts)?;
    println!("loaded {} accounts, pinfold's at {per_second:.0}/s", arguments.accounts.stored);
    for sql in ["VACUUM (ANALYZE)", "CHECKPOINT"] {
        database.psql(sql)?;
    }
    let size = database.psql("SELECT pg_total_relation_size('pinfold_accounts')")?;
    let size: u64 = size.trim().parse().map_err(|error| format!("{size}: {error}"))?;
    let mut compared = Compared { scenarios: Vec::new(), record_bytes: size as f64 / fill.records() as f64 };
    for scenario in [Scenario::Mark, Scenario::Get] {
        let mut comparison = Comparison::new(scenario, &instances);
        for round in 1..=arguments.rounds {
            comparison.round(arguments, &database, &instances, &by_hand, seed(scenario, round)).await?;
        }
        println!("{}", table::brief(&comparison));
        compared.scenarios.push(comparison);
    }
    let text = table::all(&compared, arguments, &database.told()?) + &marks::of_postgres(&compared);
    report::publish(&text, place.output.as_deref())
}

/// Each of [`KINDS`] with the first history, and those with named statements with every other one. Those of one
/// history stand together.
fn planned(arguments: &PostgresArguments) -> Vec<(&'static Kind, History)> {
    let histories = arguments.history.each();
    let of_first = KINDS.iter().map(|kind| (kind, histories[0]));
    let named = || KINDS.iter().filter(|kind| kind.prepared_statements);
    let of_others = histories[1..].iter().flat_map(|history| named().map(|kind| (kind, *history)));
    of_first.chain(of_others).collect()
}

/// The instances, those of each history over a database of their own: one that keeps no changes removes those of others.
fn start(
    arguments: &PostgresArguments,
    planned: &[(&'static Kind, History)],
    database: &Database,
    directory: &Path,
) -> Result<Vec<Instance>, String> {
    let identity = Identity::make(directory)?;
    let mut instances = Vec::new();
    for (place, of_database) in planned.chunk_by(|one, next| one.1 == next.1).enumerate() {
        let url = if place == 0 { database.url.clone() } else { database.another(&format!("history_{place}"))? };
        for (kind, history) in of_database {
            let own = directory.join(format!("{} {place}", kind.name));
            fs::create_dir(&own).map_err(|error| error.to_string())?;
            let setup = kind.setup(*history, &url, arguments.connections);
            let server = Server::pinfold(&arguments.place.binary, &setup, &own, &identity, Transport::Plain)?;
            instances.push(Instance { kind, history: *history, server });
        }
    }
    Ok(instances)
}

impl Comparison {
    fn new(scenario: Scenario, instances: &[Instance]) -> Self {
        let instances = if scenario == Scenario::Mark { instances } else { &instances[..2] };
        let ours = instances.iter().map(|Instance { kind, history, .. }| Ours {
            kind,
            history: *history,
            series: Series::new(),
            database_cpu_us: Vec::new(),
        });
        Self { scenario, ours: ours.collect(), prepared: Theirs::default(), simple: Theirs::default() }
    }

    /// Of the first history.
    fn per_second(&self, kind: &Kind) -> Option<&[f64]> {
        let ours = self.ours.iter().find(|ours| ours.kind == kind)?;
        Some(&ours.series.per_second)
    }

    fn per_second_if(&self, kind: &Kind, is_kept: bool) -> Option<&[f64]> {
        let ours = self.ours.iter().find(|ours| ours.kind == kind && ours.history.is_kept() == Some(is_kept))?;
        Some(&ours.series.per_second)
    }

    async fn round(
        &mut self,
        arguments: &PostgresArguments,
        database: &Database,
        instances: &[Instance],
        by_hand: &Pgbench<'_>,
        seed: u64,
    ) -> Result<(), String> {
        let time = Duration::from_secs(arguments.seconds);
        let accounts = self.scenario.accounts(arguments.accounts);
        for (ours, instance) in self.ours.iter_mut().zip(instances) {
            let sources = Turns::of(self.scenario, accounts, arguments.connections, time, seed);
            ours.round(&instance.server, database, sources).await?;
        }
        let protocols = [(Protocol::Prepared, &mut self.prepared), (Protocol::Simple, &mut self.simple)];
        for (protocol, theirs) in protocols {
            theirs.round(arguments, database, || by_hand.per_second(self.scenario, protocol, seed))?;
        }
        Ok(())
    }
}

impl Ours {
    async fn round(&mut self, instance: &Server, database: &Database, sources: Vec<Turns>) -> Result<(), String> {
        let (before, requests) = (database.cpu_seconds(), self.series.requests);
        self.series.round(instance, sources.len(), sources).await?;
        let used = database.cpu_seconds() - before;
        self.database_cpu_us.push(used * 1e6 / (self.series.requests - requests) as f64);
        Ok(())
    }
}

impl Theirs {
    fn round(
        &mut self,
        arguments: &PostgresArguments,
        database: &Database,
        turn: impl FnOnce() -> Result<f64, String>,
    ) -> Result<(), String> {
        let before = database.cpu_seconds();
        let per_second = turn()?;
        let used = database.cpu_seconds() - before;
        self.per_second.push(per_second);
        self.database_cpu_us.push(used * 1e6 / (per_second * arguments.seconds as f64));
        Ok(())
    }
}

impl Compared {
    /// pinfold's rate as a share of the prepared rate of `pgbench`.
    pub(crate) fn of_prepared(&self, scenario: Scenario, kind: &Kind) -> Option<f64> {
        let comparison = self.comparison(scenario)?;
        Some(median_ratio(comparison.per_second(kind)?, &comparison.prepared.per_second))
    }

    /// The rate of one kind of instance as a share of that of another.
    pub(crate) fn of_other(&self, scenario: Scenario, kind: &Kind, other: &Kind) -> Option<f64> {
        let comparison = self.comparison(scenario)?;
        Some(median_ratio(comparison.per_second(kind)?, comparison.per_second(other)?))
    }

    /// The rate of one kind of instance with a history as a share of that without.
    pub(crate) fn of_history(&self, scenario: Scenario, kind: &Kind) -> Option<f64> {
        let comparison = self.comparison(scenario)?;
        Some(median_ratio(comparison.per_second_if(kind, true)?, comparison.per_second_if(kind, false)?))
    }

    fn comparison(&self, scenario: Scenario) -> Option<&Comparison> {
        self.scenarios.iter().find(|comparison| comparison.scenario == scenario)
    }
}
