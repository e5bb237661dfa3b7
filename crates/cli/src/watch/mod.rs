//! `pinfold watch`.

mod line;

use std::process::ExitCode;

use clap::Args;
use pinfold_client::{CallError, Client, Cursor, Watch, Watched};
use tokio::runtime;
use tokio::signal::unix::{SignalKind, signal};

use crate::failure::{self, Failure};
use crate::service::ServiceArguments;
use crate::{output, values};

/// Prints the changes of an account as they happen, until Ctrl-C
///
/// A line a change: its revision, its time in UTC, who made it, through what, the command, and what changed. Whether
/// the service is reached is told on stderr. An interruption loses nothing as long as the service keeps the changes
/// (history_days); after "reset" some may be missing.
///
/// The exit code is 0 after Ctrl-C or SIGTERM, 1 if the service refuses, 2 if its answer cannot be read or the command
/// line is wrong. A service that is not reached is tried again.
#[derive(Args)]
#[command(after_help = "\
Examples:
  pinfold watch --config pinfold.toml alice
  pinfold watch --config pinfold.toml --json alice
  pinfold watch --key-file pinfold-dev/key --app 1400000001 --identifier alice alice")]
pub(crate) struct Arguments {
    #[command(flatten)]
    service: ServiceArguments,
    /// Begin after this cursor, not with what happens from now on
    #[arg(long, value_name = "CURSOR")]
    after: Option<String>,
    /// Print an object of JSON a line: event is began, change or reset, id the cursor, data the change
    #[arg(long)]
    json: bool,
    /// Whose changes; one that is not an administrator may watch its own
    #[arg(value_parser = values::identifier)]
    account: String,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let client = Client::new(arguments.service.settings().map_err(Failure::unusable)?);
    let client = client.map_err(|error| Failure::from(error).unusable())?;
    let watch = client.watch(Some(&arguments.account), arguments.after.clone().map(Cursor::from));
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            ended = print_all(watch, arguments.json) => ended?,
            interrupted = tokio::signal::ctrl_c() => interrupted?,
            _ = terminate.recv() => {}
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// Prints what is told until the service refuses, or the reader of stdout goes away.
async fn print_all(mut watch: Watch, json: bool) -> Result<(), Failure> {
    while let Some(told) = watch.next().await {
        let told = told.map_err(ended)?;
        if let Some(line) = note(&told) {
            output::print_error(&format!("pinfold: {line}"));
        }
        let line = if json { line::json(&told)? } else { line::text(&told) };
        if let Some(line) = line
            && !output::print_if_read(&format!("{line}\n"))?
        {
            break;
        }
    }
    Ok(())
}

/// What people are told of the connection.
fn note(told: &Watched) -> Option<String> {
    match told {
        Watched::Began(cursor) => Some(format!("watching; what comes after cursor {cursor} is told")),
        Watched::Waiting(cause, delay) => {
            Some(format!("{}; trying again in {:.1} s", failure::told(cause), delay.as_secs_f64()))
        }
        Watched::Change(..) | Watched::Reset(_) => None,
    }
}

/// A refusal is told apart from everything else by the exit code.
fn ended(error: CallError) -> Failure {
    let refused = matches!(error, CallError::Refused { .. });
    let failure = Failure::from(error);
    if refused { failure } else { failure.unusable() }
}
