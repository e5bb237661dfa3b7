//! `pinfold check-config`.

use std::process::ExitCode;

use clap::Args;
use pinfold_server::config::StoreUrl;
use pinfold_server::{check_tls, check_webhooks, system_clock};

use crate::config_file::{Chosen, ConfigFile};
use crate::failure::Failure;
use crate::{logging, output, owner, traces};

/// Prints the effective configuration with the origin of each value, keys masked
///
/// Also reads the key files, the log filter, the TLS files and what webhooks need. Opens no store and no port. A mistake, or a key for
/// what this build cannot do, is written to stderr, and the exit code is 1; a certificate that ends soon, or a file with
/// keys that every user can read, is written there too, and the exit code is 0, as is the file that was found without
/// --config.
#[derive(Args)]
#[command(after_help = "\
Example:
  pinfold check-config --config pinfold.toml")]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigFile,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let file = arguments.config.choose();
    let loaded = file.load()?;
    logging::filter_of(&loaded)?;
    traces::check(&loaded)?;
    let warnings = loaded.config.tls.as_ref().map(|tls| check_tls(tls, &system_clock())).transpose()?;
    check_webhooks(&loaded.config.apps)?;
    output::print(&loaded.describe())?;
    if !matches!(file, Chosen::Named(_)) {
        output::print_error(&file.notice());
    }
    if let StoreUrl::File(directory) = &loaded.config.store.url {
        owner::warn_of_another(directory);
    }
    let of_tls = warnings.into_iter().flatten().map(|warning| warning.to_string());
    for warning in of_tls.chain(loaded.exposed_secrets().iter().map(ToString::to_string)) {
        output::print_error(&format!("pinfold: warning: {warning}"));
    }
    Ok(ExitCode::SUCCESS)
}
