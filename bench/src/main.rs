//! Measures pinfold beside a bare echo server, in turns and in one run, and prints a table in Markdown.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line program that prints its results")]

mod echo;
mod floor;
mod load;
mod prepare;
mod process;
mod redis;
mod run;
mod scenario;
mod table;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// Measures pinfold beside a bare echo server; see bench/README.md.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs scenarios in turns with the echo server and prints a table.
    Run(RunArguments),
    /// The echo server: reads each body and answers a documented sample, nothing parsed.
    Echo {
        /// Address to listen on.
        #[arg(long)]
        listen: std::net::SocketAddr,
    },
}

/// What to measure, and how long.
#[derive(Parser, Clone)]
pub(crate) struct RunArguments {
    /// The binary to measure.
    #[arg(long, default_value = "target/release/pinfold")]
    pub(crate) binary: PathBuf,
    /// Scenarios, separated by commas; all if not given.
    #[arg(long, value_delimiter = ',')]
    pub(crate) scenarios: Vec<scenario::Scenario>,
    /// Connections, separated by commas.
    #[arg(long, value_delimiter = ',', default_value = "64")]
    pub(crate) connections: Vec<usize>,
    /// Accounts of 20 records to load first.
    #[arg(long, default_value_t = 1000)]
    pub(crate) accounts: u32,
    /// Cache of decoded accounts, in MiB.
    #[arg(long, default_value_t = 256)]
    pub(crate) cache_mib: u32,
    /// Rounds; each measures the echo server, then pinfold.
    #[arg(long, default_value_t = 5)]
    pub(crate) rounds: usize,
    /// Seconds of each measurement.
    #[arg(long, default_value_t = 5.0)]
    pub(crate) seconds: f64,
    /// Leaves redis out, even where it is installed.
    #[arg(long)]
    pub(crate) without_redis: bool,
    /// A library to preload into the server, such as one that slows its syncs.
    #[arg(long)]
    pub(crate) preload: Option<PathBuf>,
    /// Directory for the store; a temporary one if not given. Choose one on the disk to be measured.
    #[arg(long)]
    pub(crate) directory: Option<PathBuf>,
    /// Also writes the table to this file.
    #[arg(long)]
    pub(crate) output: Option<PathBuf>,
}

fn main() -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    match Arguments::parse().command {
        Command::Echo { listen } => runtime.block_on(echo::serve(listen)),
        Command::Run(arguments) => runtime.block_on(run::run(&arguments)),
    }
}
