//! Loads a [`Config`] from a file and the environment.

use std::ffi::OsString;
use std::path::Path;

use super::keys::KeyPath;
use super::settings::Settings;
use super::{Config, ConfigError, Loaded, environment, file, rules, secret};

impl Config {
    /// Reads the file, if there is one, and lays the `PINFOLD_` variables of `environment` over it.
    ///
    /// Relative paths, the default ones included, are relative to the file's directory, without a file to the
    /// working directory. The files with keys, tokens and passwords are read; the TLS files are not.
    ///
    /// # Errors
    /// One sentence about the first thing that is wrong: which key, which value, what is allowed, where it was set.
    pub fn load(
        path: Option<&Path>,
        environment: impl Iterator<Item = (String, OsString)>,
    ) -> Result<Loaded, ConfigError> {
        let mut settings = Settings::default();
        if let Some(path) = path {
            file::read(path, &mut settings)?;
        }
        environment::read(environment, &mut settings)?;
        settings.check_required()?;
        let mut config = settings.parse()?;
        config.anchor(path.and_then(Path::parent).unwrap_or(Path::new("")));
        rules::check(&config, &settings)?;
        config.read_keys_files(&settings)?;
        config.read_token_files(&settings)?;
        config.read_password_file(&settings)?;
        Ok(Loaded::new(config, settings.into_origins()))
    }

    /// Makes relative paths relative to `directory`.
    pub(super) fn anchor(&mut self, directory: &Path) {
        self.store.url.anchor(directory);
        if let Some(tls) = &mut self.tls {
            tls.cert_file = directory.join(&tls.cert_file);
            tls.key_file = directory.join(&tls.key_file);
            tls.client_ca_file = tls.client_ca_file.as_ref().map(|file| directory.join(file));
        }
        self.store.password_file = self.store.password_file.as_ref().map(|file| directory.join(file));
        for app in &mut self.apps {
            app.keys_file = app.keys_file.as_ref().map(|file| directory.join(file));
            app.callback_token_file = app.callback_token_file.as_ref().map(|file| directory.join(file));
            if let Some(webhook) = &mut app.webhook {
                webhook.token_file = webhook.token_file.as_ref().map(|file| directory.join(file));
                webhook.ca_file = webhook.ca_file.as_ref().map(|file| directory.join(file));
            }
        }
    }

    fn read_keys_files(&mut self, settings: &Settings) -> Result<(), ConfigError> {
        for (index, app) in self.apps.iter_mut().enumerate() {
            if let Some(file) = &app.keys_file {
                let path = KeyPath { app: Some(index), name: "app.keys_file" };
                app.keys = secret::read_file(file).map_err(|error| error.of(path).at(settings.origin(path)))?;
            }
        }
        Ok(())
    }

    fn read_token_files(&mut self, settings: &Settings) -> Result<(), ConfigError> {
        for (index, app) in self.apps.iter_mut().enumerate() {
            let token = |file: &Path, name| {
                let path = KeyPath { app: Some(index), name };
                secret::read_token(file).map_err(|error| error.of(path).at(settings.origin(path)))
            };
            if let Some(file) = &app.callback_token_file {
                app.callback_token = Some(token(file, "app.callback_token_file")?);
            }
            if let Some(webhook) = &mut app.webhook
                && let Some(file) = &webhook.token_file
            {
                webhook.token = Some(token(file, "app.webhook.token_file")?);
            }
        }
        Ok(())
    }

    fn read_password_file(&mut self, settings: &Settings) -> Result<(), ConfigError> {
        if let Some(file) = &self.store.password_file {
            let path = KeyPath { app: None, name: "store.password_file" };
            let password = secret::read_password(file);
            self.store.password = Some(password.map_err(|error| error.of(path).at(settings.origin(path)))?);
        }
        Ok(())
    }
}
