//! A store of pinfold, the server over it, and what becomes of both in a run.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::accounts::{Accounts, Size};
use crate::arguments::ServerArguments;
use crate::caller::{Transport, connect};
use crate::fill::{self, Fill};
use crate::history::History;
use crate::load;
use crate::process::{Server, Setup};
use crate::scenario::Scenario;
use crate::tls::Identity;
use crate::turns::Turns;

/// How long marks are written before the server is killed.
const TIME_BEFORE_KILL: Duration = Duration::from_secs(2);
/// Reading accounts before a measurement ends here; no cache of a usual size holds more.
const WARMED_ACCOUNTS_MAX: u32 = 100_000;

/// A store with its server.
pub(crate) struct Store {
    pub(crate) binary: PathBuf,
    pub(crate) stored: u32,
    pub(crate) records: u64,
    pub(crate) server: Server,
    directory: PathBuf,
    arguments: ServerArguments,
    pub(crate) history: History,
    messages: bool,
    pub(crate) facts: Facts,
}

/// What was seen of a store.
#[derive(Default)]
pub(crate) struct Facts {
    pub(crate) idle_rss_mib: f64,
    pub(crate) loaded_rss_mib: f64,
    /// The most seen after the load.
    pub(crate) rss_mib: f64,
    pub(crate) loaded_disk_bytes: u64,
    pub(crate) accounts_per_second: f64,
    pub(crate) start_after_stop_s: f64,
    pub(crate) start_after_kill_s: f64,
    /// After the last clean stop.
    pub(crate) disk_bytes: u64,
}

impl Store {
    /// An empty store below `parent` for these scenarios, served in plain.
    pub(crate) fn start(
        binary: &Path,
        stored: u32,
        history: History,
        scenarios: &[Scenario],
        arguments: &ServerArguments,
        parent: &Path,
        identity: &Identity,
    ) -> Result<Self, String> {
        let directory = tempfile::tempdir_in(parent).map_err(|error| error.to_string())?.keep();
        let messages = scenarios.iter().any(|scenario| scenario.needs_messages());
        let setup = setup(arguments, history, messages);
        let server = Server::pinfold(binary, &setup, &directory, identity, Transport::Plain)?;
        let facts = Facts { idle_rss_mib: server.usage().rss_mib, ..Facts::default() };
        let (binary, arguments) = (binary.to_owned(), arguments.clone());
        Ok(Self { binary, stored, records: 0, server, directory, arguments, history, messages, facts })
    }

    /// Loads the accounts that these scenarios need.
    pub(crate) async fn fill(&mut self, scenarios: &[Scenario]) -> Result<(), String> {
        let fill = Fill::new(self.stored, scenarios);
        println!("loading {} accounts for {}", self.stored, self.binary.display());
        self.facts.accounts_per_second = fill::fill(&self.server.target, &fill).await?;
        self.records = fill.records();
        self.facts.loaded_rss_mib = self.server.usage().rss_mib;
        self.facts.loaded_disk_bytes = self.disk_bytes();
        println!(
            "loaded at {:.0} accounts/s: {:.1} MiB RSS, {} MiB on disk, {:.0} bytes a record",
            self.facts.accounts_per_second,
            self.facts.loaded_rss_mib,
            self.facts.loaded_disk_bytes >> 20,
            self.per_record(self.facts.loaded_disk_bytes)
        );
        Ok(())
    }

    /// Starts the server again over another transport, and reads accounts until its cache is as warm as it was.
    pub(crate) async fn serve_over(&mut self, transport: Transport, identity: &Identity) -> Result<(), String> {
        self.serve_cold_over(transport, identity)?;
        self.warm().await
    }

    /// Starts the server again over another transport, with nothing in its cache. How long that took, seconds.
    pub(crate) fn serve_cold_over(&mut self, transport: Transport, identity: &Identity) -> Result<f64, String> {
        self.note_rss();
        self.server.stop()?;
        self.start_again(transport, identity)
    }

    /// Reads accounts until the cache is as warm as it was after the load.
    pub(crate) async fn warm(&self) -> Result<(), String> {
        fill::read(&self.server.target, self.stored.min(WARMED_ACCOUNTS_MAX)).await
    }

    /// How long the server takes to come back, after a clean stop and after a kill while marks are written. Stops it.
    pub(crate) async fn try_restarts(&mut self, identity: &Identity) -> Result<(), String> {
        self.note_rss();
        self.server.stop()?;
        self.facts.start_after_stop_s = self.start_again(Transport::Plain, identity)?;
        self.kill_under_load().await?;
        self.facts.start_after_kill_s = self.start_again(Transport::Plain, identity)?;
        self.server.stop()?;
        self.facts.disk_bytes = self.disk_bytes();
        Ok(())
    }

    fn start_again(&mut self, transport: Transport, identity: &Identity) -> Result<f64, String> {
        let setup = setup(&self.arguments, self.history, self.messages);
        self.server = Server::pinfold(&self.binary, &setup, &self.directory, identity, transport)?;
        Ok(self.server.started_in.as_secs_f64())
    }

    async fn kill_under_load(&mut self) -> Result<(), String> {
        let callers = connect(&self.server.target, 64).await?;
        let accounts = Accounts::usual(Size { stored: self.stored, touched: self.stored });
        // Longer than it can last: the kill ends it, and its connections break.
        let sources = Turns::of(Scenario::Mark, accounts, 64, TIME_BEFORE_KILL * 10, 0);
        let writing = tokio::spawn(load::run(callers, sources));
        tokio::time::sleep(TIME_BEFORE_KILL).await;
        self.server.kill();
        match writing.await.map_err(|error| error.to_string())? {
            Ok(_) => Err("the server was killed and yet answered everything".into()),
            Err(_) => Ok(()),
        }
    }

    /// Takes the memory in use into the facts.
    fn note_rss(&mut self) {
        self.facts.rss_mib = self.facts.rss_mib.max(self.server.usage().rss_mib);
    }

    /// What the store takes on disk now: allocated blocks, not apparent sizes.
    pub(crate) fn disk_bytes(&self) -> u64 {
        disk_bytes(&self.directory)
    }

    /// A share of bytes for each record that was loaded.
    pub(crate) fn per_record(&self, bytes: u64) -> f64 {
        bytes as f64 / self.records as f64
    }
}

fn setup(arguments: &ServerArguments, history: History, messages: bool) -> Setup<'_> {
    let store = format!("url = \"file:store\"\ncache_mib = {}\n", arguments.cache_mib);
    Setup { store, accounts: "imported", messages, history, preload: arguments.preload.as_deref() }
}

fn disk_bytes(directory: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(directory) else { return 0 };
    let of = |entry: fs::DirEntry| match entry.metadata() {
        Ok(meta) if meta.is_dir() => disk_bytes(&entry.path()),
        Ok(meta) => meta.blocks() * 512,
        Err(_) => 0,
    };
    entries.flatten().map(of).sum()
}
