//! `pinfold dev`: a server for trying out and for tests, with an app and a key of its own.
//!
//! ```text
//! DIR/key          the app's key, made once
//! DIR/store/       the store
//! DIR/tls/         with --tls: an authority, what is to be trusted, and the server's certificate
//! DIR/.gitignore   keeps all of it out of a repository
//! ```

mod authority;
mod files;
mod guide;
mod key;
mod leftovers;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use clap::builder::{OsStringValueParser, TypedValueParser as _};
use pinfold_core::{AppId, Messages};
use pinfold_server::config::{AppConfig, Config, LogFormat, Secret, StoreConfig, StoreUrl};

use self::leftovers::Leftovers;
use crate::failure::Failure;
use crate::{logging, output, running, values};

/// The one app there is.
const APP: AppId = AppId(1_400_000_001);
/// Its administrator.
const IDENTIFIER: &str = "administrator";
/// The directory of the store in that of `--data`.
const STORE: &str = "store";
/// Fits into the limit of open files of most systems.
const CONNECTIONS_MAX: u32 = 1000;

/// Runs a server for trying out: one app, a key made for it, data in a directory
///
/// Prints a signature and three curl lines that work when pasted. Data, key and certificates stay in the
/// directory, so a second start gives the same server. A start that fails leaves nothing that it made. Not for
/// production: use serve there.
#[derive(Args)]
#[command(after_help = "\
Examples:
  pinfold dev
  pinfold dev --listen 127.0.0.1:9000 --data /tmp/try-pinfold
  pinfold dev --tls")]
pub(crate) struct Arguments {
    /// Where to listen: an address with a port, or a port of this machine; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value_t = SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)))]
    #[arg(value_parser = values::listen)]
    listen: SocketAddr,
    /// Where data and keys are kept
    #[arg(long, value_name = "DIR", default_value = "./pinfold-dev")]
    #[arg(value_parser = OsStringValueParser::new().try_map(values::new_directory))]
    data: PathBuf,
    /// Speak https, with a certificate for localhost made once by an authority of the directory's own
    #[arg(long)]
    tls: bool,
    /// Filter of the log on stderr, such as debug
    #[arg(long, value_name = "FILTER", env = "PINFOLD_LOG", default_value = "info", hide_env_values = true)]
    log: String,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    logging::start(logging::filter(&arguments.log, "--log")?, LogFormat::Text, None)?;
    let directory = &arguments.data;
    let mut leftovers = Leftovers::begin(directory)
        .map_err(|error| Failure::new(format!("cannot create the directory {}: {error}", directory.display())))?;
    files::refuse_planted(directory)?;
    files::refuse_planted(&directory.join(STORE))?;
    let store = StoreConfig { url: StoreUrl::File(directory.join(STORE)), ..StoreConfig::default() };
    let prepare = || prepare(arguments, store.clone());
    running::run(&store, None, None, prepare, |config, addresses| {
        announce(config, addresses, directory)?;
        leftovers.keep();
        Ok(())
    })
}

/// Makes what is not there yet. The open store sees to it that no other process does the same at this moment.
fn prepare(arguments: &Arguments, store: StoreConfig) -> Result<Config, Failure> {
    let directory = &arguments.data;
    files::write(&directory.join(".gitignore"), "*\n", files::PUBLIC)?;
    let key = key::get_or_make(&directory.join("key"))?;
    let tls = if arguments.tls { Some(authority::certificate(&directory.join("tls"))?) } else { None };
    Ok(Config {
        listen: vec![arguments.listen],
        // Two development servers must not conflict over the port of an admin plane that was not asked for.
        admin_listen: None,
        connections_max: CONNECTIONS_MAX,
        tls,
        store,
        apps: vec![app(key)],
        ..Config::default()
    })
}

/// Messages are taken, so that a trial of the list of recent conversations finds something in it.
fn app(key: Secret) -> AppConfig {
    AppConfig { messages: Messages::Touch, ..AppConfig::new(APP, vec![key]) }
}

fn announce(config: &Config, addresses: &[SocketAddr], directory: &Path) -> Result<(), Failure> {
    let key: Option<&Secret> = config.apps.first().and_then(|app| app.keys.first());
    let (Some(key), Some(address)) = (key, addresses.first()) else {
        return Err(Failure::new("the server has no app or no address"));
    };
    let text = guide::text(*address, config.tls.is_some(), directory, key)?;
    Ok(output::print(&text)?)
}

/// A directory as a user has it, for tests, whatever the umask.
#[cfg(test)]
fn private_directory() -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt as _;

    tempfile::Builder::new().permissions(std::fs::Permissions::from_mode(0o700)).tempdir().unwrap()
}
