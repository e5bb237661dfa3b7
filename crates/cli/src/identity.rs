//! The signer of a call: an app, an account of it and a key, from the configuration or from arguments.
//!
//! A key is never an argument itself: every process of a machine can read those.

use std::path::{Path, PathBuf};

use clap::Args;
use pinfold_server::config::{AppConfig, Config, Secret, keys_of, read_keys};

use crate::config_file::ConfigFile;
use crate::failure::Failure;
use crate::values;

/// The account that signs where nothing else is said.
const IDENTIFIER: &str = "administrator";

/// Arguments that say who signs.
#[derive(Args)]
pub(crate) struct SignerArguments {
    #[command(flatten)]
    config: ConfigFile,
    /// The app; may be left out if the configuration has only one
    #[arg(long = "app", visible_alias = "sdkappid", value_name = "SDKAPPID")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    app: Option<u32>,
    /// The account that signs [default: the app's first administrator]
    #[arg(long, value_name = "ACCOUNT", value_parser = values::identifier)]
    identifier: Option<String>,
    /// A file whose first key signs, instead of a configuration; needs --app
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
}

/// An account and the key that it signs with.
pub(crate) struct Identity {
    pub(crate) sdkappid: u32,
    pub(crate) identifier: String,
    pub(crate) key: Secret,
    /// The configuration it came from, if it did not come from arguments.
    pub(crate) config: Option<Config>,
}

impl SignerArguments {
    /// Finds app, account and key. No configuration is read if there is a key file.
    pub(crate) fn identity(&self) -> Result<Identity, Failure> {
        match &self.key_file {
            Some(file) => self.of_key_file(file),
            None => self.of_config(self.config.load()?.config),
        }
    }

    fn of_key_file(&self, file: &Path) -> Result<Identity, Failure> {
        let Some(sdkappid) = self.app else {
            return Err(Failure::new("--key-file says nothing about the app; add --app SDKAPPID"));
        };
        let identifier = self.identifier.clone().unwrap_or_else(|| IDENTIFIER.to_owned());
        Ok(Identity { sdkappid, identifier, key: first_key(file)?, config: None })
    }

    fn of_config(&self, config: Config) -> Result<Identity, Failure> {
        let app = self.choose(&config.apps)?;
        // The configuration has no app without a key or an administrator.
        let key = app.keys.first().cloned().ok_or_else(|| Failure::new("the app has no key"))?;
        let first = app.administrators.first().map_or(IDENTIFIER, |account| account.as_str());
        let identifier = self.identifier.clone().unwrap_or_else(|| first.to_owned());
        Ok(Identity { sdkappid: app.sdkappid.0, identifier, key, config: Some(config) })
    }

    fn choose<'a>(&self, apps: &'a [AppConfig]) -> Result<&'a AppConfig, Failure> {
        let ids = apps.iter().map(|app| app.sdkappid.0.to_string()).collect::<Vec<_>>().join(", ");
        match (self.app, apps) {
            (None, [only]) => Ok(only),
            (None, _) => Err(Failure::new(format!("the configuration has several apps; choose one by --app: {ids}"))),
            (Some(id), apps) => apps
                .iter()
                .find(|app| app.sdkappid.0 == id)
                .ok_or_else(|| Failure::new(format!("the configuration has no app {id}, only {ids}"))),
        }
    }
}

/// The first key of a file of keys, all of which must be keys.
fn first_key(file: &Path) -> Result<Secret, Failure> {
    first(read_keys(file)?)
}

/// The same of this text, which is that of the file.
pub(crate) fn first_key_of(text: &str, file: &Path) -> Result<Secret, Failure> {
    first(keys_of(text, file)?)
}

fn first(keys: Vec<Secret>) -> Result<Secret, Failure> {
    // The list is never empty.
    keys.into_iter().next().ok_or_else(|| Failure::new("the key file holds no key"))
}
