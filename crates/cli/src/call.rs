//! `pinfold call`.

use std::io::{self, Read as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use pinfold_client::{Client, Settings};
use pinfold_server::config::Config;
use pinfold_server::reachable;
use pinfold_store::small_file;
use pinfold_wire::commands::COMMANDS;
use pinfold_wire::envelope::{self, AnswerError};
use tokio::runtime;

use crate::failure::{Failure, REFUSED};
use crate::identity::{Identity, SignerArguments};
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
    identity: SignerArguments,
    /// The service [default: what the configuration listens on, else http://127.0.0.1:8080]
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Certificates in PEM to trust besides those of the system: of an authority, or the server's own
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// The certificate in PEM to present where the service asks for one, then those above it
    #[arg(long, value_name = "FILE")]
    client_cert: Option<PathBuf>,
    /// Its private key in PEM [default: the file of --client-cert holds it too]
    #[arg(long, value_name = "FILE", requires = "client_cert")]
    client_key: Option<PathBuf>,
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
    let client = Client::new(settings(arguments, arguments.identity.identity()?)?)?;
    let body = body(&arguments.json)?;
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(client.call_raw(&command, body))?)
}

/// The service and the command; a name without a slash is looked up.
fn path(command: &str) -> Result<String, Failure> {
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

fn settings(arguments: &Arguments, identity: Identity) -> Result<Settings, Failure> {
    let url = arguments.url.clone().unwrap_or_else(|| url(identity.config.as_ref()));
    let mut settings = Settings::new(url, identity.sdkappid, identity.identifier, identity.key.expose());
    settings.timeout = Duration::from_millis(arguments.timeout_ms);
    if let Some(file) = &arguments.ca_file {
        settings.extra_roots_pem = read("certificates", file)?;
    }
    if let Some(file) = &arguments.client_cert {
        let mut pem = read("client certificate", file)?;
        if let Some(file) = &arguments.client_key {
            pem.push(b'\n');
            pem.extend(read("key of the client certificate", file)?);
        }
        settings.client_certificate_pem = Some(pem);
    }
    Ok(settings)
}

fn read(what: &str, file: &Path) -> Result<Vec<u8>, Failure> {
    small_file::read(file).map_err(|error| Failure::new(format!("cannot read the {what} {}: {error}", file.display())))
}

/// Where a server with this configuration is found from its own machine.
fn url(config: Option<&Config>) -> String {
    let address = config.and_then(|config| config.listen.first().copied());
    let address = address.unwrap_or(SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)));
    base_url(config.is_some_and(|config| config.tls.is_some()), address)
}

/// The base URL of an address of this machine's.
pub(crate) fn base_url(tls: bool, address: SocketAddr) -> String {
    let scheme = if tls { "https" } else { "http" };
    format!("{scheme}://{}", reachable(address))
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
    fn a_base_url_has_the_scheme_and_an_address_that_can_be_called() {
        assert_eq!(base_url(false, "0.0.0.0:8080".parse().unwrap()), "http://127.0.0.1:8080");
        assert_eq!(base_url(true, "[::]:8443".parse().unwrap()), "https://[::1]:8443");
        assert_eq!(base_url(false, "192.0.2.1:80".parse().unwrap()), "http://192.0.2.1:80");
    }
}
