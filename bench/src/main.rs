//! Measures pinfold beside a bare echo server, in turns and in one run, and prints tables in Markdown.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line program that prints its results")]

mod accounts;
mod arguments;
mod caller;
mod capacity;
mod case;
mod echo;
mod fill;
mod floor;
mod history;
mod latency;
mod load;
mod marks;
mod postgres;
mod prepare;
mod process;
mod redis;
mod report;
mod request;
mod run;
mod scenario;
mod soak;
mod store;
mod table;
mod tls;
mod turns;
mod usage;
mod watch;
mod webdis;

use clap::Parser;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::arguments::{Arguments, Command};

fn main() -> Result<(), String> {
    let command = Arguments::parse().command;
    allow_open_files();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    match command {
        Command::Echo { listen, tls_directory } => runtime.block_on(echo::serve(listen, tls_directory.as_deref())),
        Command::Run(arguments) => runtime.block_on(run::run(&arguments)),
        Command::Soak(arguments) => runtime.block_on(soak::soak(&arguments)),
        Command::Capacity => {
            capacity::tables().into_iter().for_each(|(name, table)| println!("{name}:\n\n{table}"));
            Ok(())
        }
        Command::Watch(arguments) => runtime.block_on(watch::watch(&arguments)),
        Command::Postgres(arguments) => runtime.block_on(postgres::run(&arguments)),
    }
}

/// Every connection is an open file, here and in the servers, which inherit the limit. Where it cannot be raised, a
/// connection that fails says so.
fn allow_open_files() {
    let maximum = getrlimit(Resource::Nofile).maximum;
    let _ = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
}
