//! `--config FILE`, which several subcommands take.

use std::path::PathBuf;

use clap::Args;
use pinfold_server::config::{self, Config, Loaded};

use crate::failure::Failure;

/// Where the configuration is.
#[derive(Args)]
pub(crate) struct ConfigFile {
    /// The configuration file; `PINFOLD_…` variables win over it, and may do without it
    #[arg(long = "config", value_name = "FILE", env = "PINFOLD_CONFIG", hide_env_values = true)]
    pub(crate) path: Option<PathBuf>,
}

impl ConfigFile {
    /// Reads the file, if one is named, and the environment.
    pub(crate) fn load(&self) -> Result<Loaded, Failure> {
        Ok(Config::load(self.path.as_deref(), config::variables())?)
    }
}
