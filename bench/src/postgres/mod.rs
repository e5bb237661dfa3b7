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

/// The app's `accounts`, of which each has an instance: the register is asked for each peer, or is not.
const REGISTRATIONS: [&str; 2] = ["imported", "any"];

/// What a run came to.
pub(crate) struct Compared {
    scenarios: Vec<Comparison>,
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
    registration: &'static str,
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
    let database = Database::start(place.directory.as_deref(), arguments.connections * (REGISTRATIONS.len() + 1) + 1)?;
    let directory = report::directory(place.directory.as_deref())?;
    let instances = start(arguments, &database, directory.path())?;
    let fill = Fill::new(arguments.accounts.stored, &[Scenario::Mark, Scenario::Get]);
    let per_second = fill::fill(&instances[0].target, &fill).await?;
    let by_hand = Pgbench::prepare(&database, arguments.connections, arguments.seconds, arguments.accounts)?;
    println!("loaded {} accounts, pinfold's at {per_second:.0}/s", arguments.accounts.stored);
    for sql in ["VACUUM (ANALYZE)", "CHECKPOINT"] {
        database.psql(sql)?;
    }
    let mut compared = Compared { scenarios: Vec::new() };
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

/// An instance over the database for each of [`REGISTRATIONS`].
fn start(arguments: &PostgresArguments, database: &Database, directory: &Path) -> Result<Vec<Server>, String> {
    let identity = Identity::make(directory)?;
    let instance = |registration| {
        let own = directory.join(registration);
        fs::create_dir(&own).map_err(|error| error.to_string())?;
        let store = format!("url = {:?}\nconnections_max = {}\n", database.url, arguments.connections);
        let setup = Setup { store, accounts: registration, messages: false, preload: None };
        Server::pinfold(&arguments.place.binary, &setup, &own, &identity, Transport::Plain)
    };
    REGISTRATIONS.into_iter().map(instance).collect()
}

impl Comparison {
    /// A read asks no register, so one instance is enough for it.
    fn new(scenario: Scenario) -> Self {
        let registrations = if scenario == Scenario::Mark { &REGISTRATIONS[..] } else { &REGISTRATIONS[..1] };
        let ours = registrations.iter().map(|registration| Ours {
            registration,
            series: Series::new(),
            database_cpu_us: Vec::new(),
        });
        Self { scenario, ours: ours.collect(), prepared: Theirs::default(), simple: Theirs::default() }
    }

    async fn round(
        &mut self,
        arguments: &PostgresArguments,
        database: &Database,
        instances: &[Server],
        by_hand: &Pgbench<'_>,
        seed: u64,
    ) -> Result<(), String> {
        let protocols = [(Protocol::Prepared, &mut self.prepared), (Protocol::Simple, &mut self.simple)];
        for (place, (protocol, theirs)) in protocols.into_iter().enumerate() {
            if let (Some(ours), Some(instance)) = (self.ours.get_mut(place), instances.get(place)) {
                let time = Duration::from_secs(arguments.seconds);
                let accounts = self.scenario.accounts(arguments.accounts);
                let sources = Turns::of(self.scenario, accounts, arguments.connections, time, seed);
                ours.round(instance, database, sources).await?;
            }
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
    pub(crate) fn of_prepared(&self, scenario: Scenario, registration: &str) -> Option<f64> {
        let comparison = self.scenarios.iter().find(|comparison| comparison.scenario == scenario)?;
        let ours = comparison.ours.iter().find(|ours| ours.registration == registration)?;
        Some(median_ratio(&ours.series.per_second, &comparison.prepared.per_second))
    }
}
