//! The binary `pinfold`: the server, a local stand-in for it, and the tools around them.
//!
//! Each subcommand has a module of its own, those on all data in `data`. It returns the exit code of the process, or a
//! [`failure::Failure`]: one sentence for people with its exit code.

mod admin_plane;
mod call;
mod check_config;
mod config_file;
mod data;
mod dates;
mod dev;
mod engine_errors;
mod failure;
mod health;
mod identity;
mod logging;
mod migrate;
mod open_files;
mod open_store;
mod output;
mod owner;
mod pretty;
mod reload;
mod running;
mod serve;
mod service;
mod serving;
mod sighup;
mod signals;
#[cfg(feature = "otlp")]
mod traces;
#[cfg(not(feature = "otlp"))]
#[path = "traces/absent.rs"]
mod traces;
mod unconfigured_apps;
mod user_sig;
mod values;
mod version;
mod watch;
mod webhook;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use rustix::fs::Mode;

use failure::Failure;

/// Chosen by measurement: bench/JOURNAL.md.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Keeps how the users of a chat app arrange their conversations: groups, marks, pins.
#[derive(Parser)]
#[command(name = "pinfold", version, long_version = version::LONG.as_str(), after_help = EXIT_CODES, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Serve(serve::Arguments),
    Dev(dev::Arguments),
    CheckConfig(check_config::Arguments),
    Health(health::Arguments),
    Reload(reload::Arguments),
    Migrate(migrate::Arguments),
    UserSig(user_sig::Arguments),
    Call(call::Arguments),
    Watch(watch::Arguments),
    Webhook(webhook::Arguments),
    Backup(data::backup::Arguments),
    Restore(data::restore::Arguments),
    Check(data::check::Arguments),
    Export(data::export::Arguments),
    Import(data::import::Arguments),
    DropApp(data::drop_app::Arguments),
}

const EXIT_CODES: &str = "\
Exit codes:
  0  done; a server was stopped and had finished its work
  1  refused: by the service (call, watch), or because something is wrong, which is said on stderr
  2  the command line is wrong; or a call got no answer, or none that can be read";

fn main() -> ExitCode {
    // Stores, dumps and keys are readable by their owner only.
    rustix::process::umask(Mode::from_raw_mode(0o077));
    let ended = match Cli::parse().command {
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Dev(arguments) => dev::run(&arguments),
        Command::CheckConfig(arguments) => check_config::run(&arguments),
        Command::Health(arguments) => health::run(&arguments),
        Command::Reload(arguments) => reload::run(&arguments),
        Command::Migrate(arguments) => migrate::run(&arguments),
        Command::UserSig(arguments) => user_sig::run(&arguments),
        Command::Call(arguments) => call::run(&arguments),
        Command::Watch(arguments) => watch::run(&arguments),
        Command::Webhook(arguments) => webhook::run(&arguments),
        Command::Backup(arguments) => data::backup::run(&arguments),
        Command::Restore(arguments) => data::restore::run(&arguments),
        Command::Check(arguments) => data::check::run(&arguments),
        Command::Export(arguments) => data::export::run(&arguments),
        Command::Import(arguments) => data::import::run(&arguments),
        Command::DropApp(arguments) => data::drop_app::run(&arguments),
    };
    let code = ended.unwrap_or_else(|failure: Failure| output::report(&failure));
    logging::end();
    code
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_arguments_do_not_contradict_each_other() {
        super::Cli::command().debug_assert();
    }
}
