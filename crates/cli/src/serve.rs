//! `pinfold serve`.

use std::process::ExitCode;

use clap::Args;

use crate::config_file::ConfigFile;
use crate::failure::Failure;
use crate::sighup::Reload;
use crate::traces::Traces;
use crate::{logging, open_files, running};

/// Runs the server until SIGTERM or SIGINT
///
/// The server logs to stderr. At the first signal it takes no new connections, finishes the requests in flight,
/// closes the store and exits with 0; a second signal ends it at once with 1. SIGHUP has it read the configuration
/// and the certificate again. If a write to the store fails, reads go on, writes answer 50004 and /readyz says 503
/// with the reason. If the disk was full, the store goes on by itself once there is room.
#[derive(Args)]
#[command(after_help = "\
Examples:
  pinfold serve
  pinfold serve --config pinfold.toml
  PINFOLD_APP__0__SDKAPPID=1400000001 PINFOLD_APP__0__KEYS_FILE=app.keys pinfold serve")]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigFile,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let file = arguments.config.choose();
    let loaded = file.load()?;
    let traces = Traces::start(&loaded)?;
    let filter = logging::start(logging::filter_of(&loaded)?, loaded.config.log_format, traces.as_ref())?;
    tracing::info!("{}", file.notice());
    if !loaded.ignored_variables().is_empty() {
        tracing::debug!(variables = ?loaded.ignored_variables(), "variables that tell of other services are ignored");
    }
    logging::warn_of_exposed_secrets(&loaded);
    open_files::check(&loaded)?;
    let reload = Reload::new(file, filter);
    let (config, store) = (loaded.config.clone(), &loaded.config.store);
    let admin = config.admin_listen.map(|address| (address, config.timeouts.clone()));
    let ended = running::run(store, admin, Some(reload), || Ok(config), |_, _| Ok(()));
    if let Some(traces) = traces {
        traces.end();
    }
    ended
}
