//! `pinfold user-sig`.

use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;
use pinfold_server::config::Secret;
use pinfold_wire::user_sig::{Claims, make};

use crate::failure::Failure;
use crate::identity::SignerArguments;
use crate::output;
use crate::values::{self, DAY_SECONDS};

/// Prints a signature (UserSig) for an account
///
/// Anyone who has the signature can act for the account until it expires. The key comes from the configuration or
/// from a file, never from the command line.
#[derive(Args)]
#[command(after_help = "\
Examples:
  pinfold user-sig --config pinfold.toml
  pinfold user-sig --config pinfold.toml --app 1400000001 --identifier alice --expire 12h
  pinfold user-sig --key-file pinfold-dev/key --app 1400000001")]
pub(crate) struct Arguments {
    #[command(flatten)]
    identity: SignerArguments,
    /// How long it is valid: 30s, 15m, 12h, 7d, or a number of seconds [default: 180d]
    #[arg(long, value_name = "TIME", value_parser = values::seconds)]
    expire: Option<u64>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let identity = arguments.identity.identity()?;
    let expire = arguments.expire.unwrap_or(180 * DAY_SECONDS);
    let signature = sign(identity.sdkappid, &identity.identifier, expire, &identity.key)?;
    output::print(&format!("{signature}\n"))?;
    Ok(ExitCode::SUCCESS)
}

/// A signature that is valid from now on.
pub(crate) fn sign(sdkappid: u32, identifier: &str, expire: u64, key: &Secret) -> Result<String, Failure> {
    let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let claims = Claims { sdkappid, identifier: identifier.to_owned(), time, expire, userbuf: None };
    Ok(make(key.expose(), &claims)?)
}
