//! `pinfold call`.

use std::io::{self, Read as _};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use pinfold_client::{Client, Settings};
use pinfold_wire::commands::COMMANDS;
use pinfold_wire::envelope::{self, AnswerError};
use tokio::runtime;

use crate::failure::{Failure, REFUSED};
use crate::service::ServiceArguments;
use crate::{output, pretty};

/// Sends one command and prints its answer
///
/// The exit code is 0 if the service did it, 1 if it refused (the answer says why), 2 if there was no answer or
/// the call could not be sent. A call of several items can be done although single items are refused: see
/// ResultCode in the answer.
#[derive(Args)]
#[command(after_help = "\
Examples:
  pinfold call --config pinfold.toml get_contact_group '{\"From_Account\":\"alice\"}'
  pinfold call --config pinfold.toml --client-cert backend.pem --client-key backend.key get_contact_group '{}'
  pinfold call --key-file pinfold-dev/key --app 1400000001 account_check '{\"CheckItem\":[{\"UserID\":\"bob\"}]}'
  pinfold call --config pinfold.toml recentcontact/mark_contact - < marks.json")]
pub(crate) struct Arguments {
    #[command(flatten)]
    service: ServiceArguments,
    /// How long to wait for the answer
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 10_000)]
    timeout_ms: u64,
    /// Print the answer as it came, not indented
    #[arg(long)]
    raw: bool,
    /// Such as mark_contact or recentcontact/mark_contact
    command: String,
    /// The body; - reads it from stdin
    json: String,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let answer = answer(arguments).map_err(Failure::unusable)?;
    let text = String::from_utf8_lossy(&answer);
    let outcome = envelope::parse_outcome(&answer);
    if let Err(AnswerError::Unreadable(error)) = outcome {
        return Err(Failure::new(format!("the answer is none of the protocol: {error}")).unusable());
    }
    let shown = if arguments.raw { text.into_owned() } else { pretty::indented(&text) };
    output::print(&format!("{shown}\n"))?;
    Ok(if outcome.is_ok() { ExitCode::SUCCESS } else { ExitCode::from(REFUSED) })
}

fn answer(arguments: &Arguments) -> Result<Vec<u8>, Failure> {
    let command = path(&arguments.command)?;
    let timeout = Duration::from_millis(arguments.timeout_ms);
    let client = Client::new(Settings { timeout, ..arguments.service.settings()? })?;
    let body = body(&arguments.json)?;
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(client.call_raw(&command, body))?)
}

/// The service and the command; a name without a slash is looked up.
fn path(command: &str) -> Result<String, Failure> {
    if ["watch", "pinfold/watch"].contains(&command) {
        return Err(Failure::new("watch is not a call: its answer has no end; use pinfold watch"));
    }
    if command.contains('/') {
        return Ok(command.to_owned());
    }
    let listed = COMMANDS.iter().find(|listed| listed.name == command);
    listed.map(|listed| format!("{}/{}", listed.service.path(), listed.name)).ok_or_else(|| {
        let names = COMMANDS.map(|listed| listed.name).join(", ");
        Failure::new(format!("{command:?} is not a command; there are {names}"))
    })
}

fn body(json: &str) -> Result<Vec<u8>, Failure> {
    if json != "-" {
        return Ok(json.as_bytes().to_vec());
    }
    let mut body = Vec::new();
    io::stdin().read_to_end(&mut body)?;
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_name_finds_its_service_and_a_path_stays_as_it_is() {
        assert_eq!(path("mark_contact").unwrap(), "recentcontact/mark_contact");
        assert_eq!(path("account_check").unwrap(), "im_open_login_svc/account_check");
        assert_eq!(path("list_groups").unwrap(), "pinfold/list_groups");
        assert_eq!(path("some_service/some_command").unwrap(), "some_service/some_command");
    }

    #[test]
    fn a_name_that_is_no_command_is_answered_with_all_that_are() {
        let refusal = path("mark").unwrap_err().to_string();
        for command in COMMANDS {
            assert!(refusal.contains(command.name), "{} is not in: {refusal}", command.name);
        }
    }

    #[test]
    fn a_stream_of_changes_is_left_to_the_command_that_prints_one() {
        for command in ["watch", "pinfold/watch"] {
            assert!(path(command).unwrap_err().to_string().ends_with("use pinfold watch"));
        }
    }
}
