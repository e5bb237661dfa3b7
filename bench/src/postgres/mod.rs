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
    // Each instance has its pool, `pgbench` its connections, `psql` one.
    let database = Database::start(place.directory.as_deref(), arguments.connections * (KINDS.len() + 1) + 1)?;
    let directory = report::directory(place.directory.as_deref())?;
    let instances = start(arguments, &database, directory.path())?;
    let fill = Fill::new(arguments.accounts.stored, &[Scenario::Mark, Scenario::Get]);
    let per_second = fill::fill(&instances[0].target, &fill).await?;
    let by_hand = Pgbench::prepare(&database, arguments.connections, arguments.seconds, arguments.accounts)?;
    println!("loaded {} accounts, pinfold's at {per_second:.0}/s", arguments.accounts.stored);
    for sql in ["VACUUM (ANALYZE)", "CHECKPOINT"] {
        database.psql(sql)?;
    }
    let size = database.psql("SELECT pg_total_relation_size('pinfold_accounts')")?;
    let size: u64 = size.trim().parse().map_err(|error| format!("{size}: {error}"))?;
    let mut compared = Compared { scenarios: Vec::new(), record_bytes: size as f64 / fill.records() as f64 };
    for scenario in [Scenario::Mark, Scenario::Get] {
        let mut comparison = Comparison::new(scenario);
        for round in 1..=arguments.rounds {
            comparison.round(arguments, &database, &instances, &by_hand, seed(scenario, round)).await?;
        }
        println!("{}", table::brief(&comparison));
        compared.scenarios.push(comparison);
    }
    let text = table::all(&compared, arguments, &database.told()?) + &marks::of_postgres(&compared);
    report::publish(&text, place.output.as_deref())
}

/// An instance over the database for each of [`KINDS`].
fn start(arguments: &PostgresArguments, database: &Database, directory: &Path) -> Result<Vec<Server>, String> {
    let identity = Identity::make(directory)?;
    let instance = |kind: &Kind| {
        let own = directory.join(kind.name);
        fs::create_dir(&own).map_err(|error| error.to_string())?;
        let store = format!(
            "url = {:?}\nconnections_max = {}\nprepared_statements = {}\n",
            database.url, arguments.connections, kind.prepared_statements
        );
        let setup = Setup { store, accounts: kind.registration, messages: false, preload: None };
        Server::pinfold(&arguments.place.binary, &setup, &own, &identity, Transport::Plain)
    };
    KINDS.iter().map(instance).collect()
}

impl Comparison {
    fn new(scenario: Scenario) -> Self {
        let kinds = if scenario == Scenario::Mark { &KINDS[..] } else { &KINDS[..2] };
        let ours = kinds.iter().map(|kind| Ours { kind, series: Series::new(), database_cpu_us: Vec::new() });
        Self { scenario, ours: ours.collect(), prepared: Theirs::default(), simple: Theirs::default() }
    }

    fn per_second(&self, kind: &Kind) -> Option<&[f64]> {
        let ours = self.ours.iter().find(|ours| ours.kind == kind)?;
        Some(&ours.series.per_second)
    }

    async fn round(
        &mut self,
        arguments: &PostgresArguments,
        database: &Database,
        instances: &[Server],
        by_hand: &Pgbench<'_>,
        seed: u64,
    ) -> Result<(), String> {
        let time = Duration::from_secs(arguments.seconds);
        let accounts = self.scenario.accounts(arguments.accounts);
        for (ours, instance) in self.ours.iter_mut().zip(instances) {
            let sources = Turns::of(self.scenario, accounts, arguments.connections, time, seed);
            ours.round(instance, database, sources).await?;
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

    fn comparison(&self, scenario: Scenario) -> Option<&Comparison> {
        self.scenarios.iter().find(|comparison| comparison.scenario == scenario)
    }
}
