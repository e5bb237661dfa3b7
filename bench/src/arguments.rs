//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::accounts::Size;
use crate::caller::Transport;
use crate::history::History;
use crate::scenario::Scenario;

/// Measures pinfold beside a bare echo server; see bench/README.md.
#[derive(Parser)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Runs scenarios in turns with the echo server and prints tables and marks.
    Run(RunArguments),
    /// Writes for minutes and prints a line every ten seconds: rates, stalls, memory, disk.
    Soak(SoakArguments),
    /// Opens streams of changes and measures memory, delivery, marks meanwhile and the return after a restart.
    Watch(WatchArguments),
    /// Runs `mark` and `get` over a private PostgreSQL in turns with `pgbench`, which does the same by hand.
    Postgres(PostgresArguments),
    /// Prints what many accounts and calls need, by a simulation from measured costs.
    Capacity,
    /// The echo server: reads each body and answers a documented sample, nothing parsed.
    Echo {
        /// Address to listen on.
        #[arg(long)]
        listen: SocketAddr,
        /// Directory of certificate and key; plain HTTP/1.1 without it.
        #[arg(long)]
        tls_directory: Option<PathBuf>,
    },
}

/// What is measured, where it keeps its files, and where the result goes.
#[derive(Args, Clone)]
pub(crate) struct PlaceArguments {
    /// The binary to measure.
    #[arg(long, default_value = "target/release/pinfold")]
    pub(crate) binary: PathBuf,
    /// Where the stores get a directory of their own, removed at the end: a place on the disk to be measured. The
    /// system's temporary directory if not given.
    #[arg(long)]
    pub(crate) directory: Option<PathBuf>,
    /// Also writes what is printed at the end to this file.
    #[arg(long)]
    pub(crate) output: Option<PathBuf>,
}

/// How the embedded store is measured.
#[derive(Args, Clone)]
pub(crate) struct ServerArguments {
    #[command(flatten)]
    pub(crate) place: PlaceArguments,
    /// Cache of decoded accounts, in MiB.
    #[arg(long, default_value_t = 256)]
    pub(crate) cache_mib: u32,
    /// A library to preload into pinfold and redis, such as one that slows their syncs.
    #[arg(long)]
    pub(crate) preload: Option<PathBuf>,
}

/// What the servers keep of changes.
#[derive(Args, Clone)]
pub(crate) struct HistoryArguments {
    /// Days for which changes are kept. Several numbers, separated by commas, are stores measured in the same turns:
    /// `7,0` compares with and without a history. The server's default if not given.
    #[arg(long = "history", value_name = "DAYS", value_delimiter = ',')]
    days: Vec<u32>,
    /// Changes of an account that are kept at most. With a small number as much is removed as is written.
    #[arg(long = "history-changes-max", value_name = "NUMBER")]
    changes_max: Option<u32>,
}

impl HistoryArguments {
    /// At least one setting.
    pub(crate) fn each(&self) -> Vec<History> {
        History::each(&self.days, self.changes_max)
    }
}

/// What to measure, and how long.
#[derive(Args, Clone)]
pub(crate) struct RunArguments {
    #[command(flatten)]
    pub(crate) servers: ServerArguments,
    /// Another binary, measured in the same turns over a store of its own; the table shows its rate and CPU as
    /// ratios to the first. It is not told what --history says, as it may be from before that key.
    #[arg(long)]
    pub(crate) beside: Option<PathBuf>,
    /// Scenarios, separated by commas. If not given: over plain HTTP all, over TLS `mark` and `get`.
    #[arg(long, value_delimiter = ',')]
    pub(crate) scenarios: Vec<Scenario>,
    /// Transports, separated by commas. The servers are started anew for each, over the same stores.
    #[arg(long, value_delimiter = ',', default_value = "plain")]
    pub(crate) transport: Vec<Transport>,
    /// Connections, separated by commas.
    #[arg(long, value_delimiter = ',', default_value = "64")]
    pub(crate) connections: Vec<usize>,
    /// Accounts of 20 records to load first. Several numbers, separated by commas, are stores measured in the same
    /// turns and shown as ratios to the first. `1000000:1000` loads a million and touches only 1000 of them, spread
    /// evenly.
    #[arg(long, value_delimiter = ',', default_value = "1000")]
    pub(crate) accounts: Vec<Size>,
    #[command(flatten)]
    pub(crate) history: HistoryArguments,
    /// Rounds; each measures the echo server, then every store.
    #[arg(long, default_value_t = 5)]
    pub(crate) rounds: u64,
    /// Seconds of each measurement.
    #[arg(long, default_value_t = 5.0)]
    pub(crate) seconds: f64,
    /// Leaves redis and webdis out, even where they are installed.
    #[arg(long)]
    pub(crate) without_redis: bool,
}

/// How long to write, and into what.
#[derive(Args, Clone)]
pub(crate) struct SoakArguments {
    #[command(flatten)]
    pub(crate) servers: ServerArguments,
    /// Minutes of writing.
    #[arg(long, default_value_t = 10.0)]
    pub(crate) minutes: f64,
    /// Accounts of 20 records to load first.
    #[arg(long, default_value = "100000")]
    pub(crate) accounts: Size,
    /// Connections.
    #[arg(long, default_value_t = 64)]
    pub(crate) connections: usize,
    /// What to send. `writes` is 70 % marks, 20 % updates, 10 % groups created and deleted.
    #[arg(long, value_enum, default_value = "writes")]
    pub(crate) scenario: Scenario,
}

/// How many watch, and what goes on meanwhile.
#[derive(Args, Clone)]
pub(crate) struct WatchArguments {
    #[command(flatten)]
    pub(crate) servers: ServerArguments,
    /// Streams, each of an account of 20 records of its own.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) streams: u32,
    /// Accounts that are marked, the watched ones among them; as many as there are streams if missing.
    #[arg(long)]
    pub(crate) accounts: Option<u32>,
    /// What the streams and the marks travel over. A connection of HTTP/2 has 100 streams.
    #[arg(long, default_value = "plain")]
    pub(crate) transport: Transport,
    /// Connections that mark.
    #[arg(long, default_value_t = 64)]
    pub(crate) connections: usize,
    /// Rounds; each measures marks without streams, then with them.
    #[arg(long, default_value_t = 5)]
    pub(crate) rounds: u64,
    /// Seconds of each measurement.
    #[arg(long, default_value_t = 5)]
    pub(crate) seconds: u64,
    /// Seconds in which nothing changes before the memory is read. In 20 each stream gets a comment, whose buffers count.
    #[arg(long, default_value_t = 20)]
    pub(crate) idle_seconds: u64,
}

/// How to compare with `pgbench`.
#[derive(Args, Clone)]
pub(crate) struct PostgresArguments {
    #[command(flatten)]
    pub(crate) place: PlaceArguments,
    /// Connections of the load generator to pinfold, of pinfold to the database, and of `pgbench` to it.
    #[arg(long, default_value_t = 32)]
    pub(crate) connections: usize,
    /// Accounts of 20 records to load first, on both sides. `100000:1000` touches only 1000 of them.
    #[arg(long, default_value = "1000")]
    pub(crate) accounts: Size,
    #[command(flatten)]
    pub(crate) history: HistoryArguments,
    /// Rounds; each measures pinfold and both protocols of `pgbench`.
    #[arg(long, default_value_t = 5)]
    pub(crate) rounds: u64,
    /// Seconds of each measurement; `pgbench` knows whole ones only.
    #[arg(long, default_value_t = 5)]
    pub(crate) seconds: u64,
}
