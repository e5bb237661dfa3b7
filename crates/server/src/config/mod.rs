//! The configuration: one TOML file, overlaid by the environment, read once into types that cannot be wrong.
//!
//! A key travels through four steps: `table` says that it exists, `file` and `environment` collect what was
//! set and where, `settings` turns that into a [`Config`], `rules` compares the keys with each other. Nothing
//! here writes a configuration. What an operator reads about it is `docs/operate/configure.md`.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::Path;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

pub(crate) mod addresses;
mod app;
mod characters;
mod describe;
mod environment;
mod error;
mod exposed;
mod file;
mod keys;
mod limits;
mod log_format;
mod paths;
mod reference;
mod reload;
mod rules;
mod secret;
mod service_link;
mod settings;
mod store;
mod suggest;
mod table;
mod transport;
mod values;

#[cfg(test)]
mod tests;

pub use app::AppConfig;
pub use describe::Loaded;
pub use environment::variables;
pub use error::{ConfigError, Origin};
pub use exposed::ExposedSecret;
pub use limits::LimitsConfig;
pub use log_format::LogFormat;
pub use paths::unexpanded;
pub use reference::reference_table;
pub use secret::{Password, Secret, keys_of, read_file as read_keys};
pub use store::{StoreConfig, StoreUrl};
pub use transport::{Timeouts, TlsConfig};

use keys::KeyPath;
use settings::Settings;

/// Everything that can be configured. [`Config::default`] holds the defaults and no app.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Addresses of the REST plane, at least one.
    #[serde(deserialize_with = "values::one_or_more")]
    pub listen: Vec<SocketAddr>,
    /// Address of the admin plane; none switches it off.
    #[serde(with = "values::address_or_none")]
    pub admin_listen: Option<SocketAddr>,
    /// Seconds between the signal to stop and the end of accepting.
    pub drain_delay_seconds: u32,
    /// Base URL of the collector that gets a span of each call (OTLP over HTTP); none switches that off.
    #[serde(with = "values::collector_or_none")]
    pub otlp_endpoint: Option<String>,
    /// What is logged, in the syntax of `tracing_subscriber::EnvFilter`; not checked here.
    pub log: String,
    /// How a line of the log is written.
    pub log_format: LogFormat,
    /// The largest request body.
    #[serde(deserialize_with = "values::above_zero")]
    pub body_bytes_max: u32,
    /// Memory for large bodies and unread answers of all calls together, in MiB.
    #[serde(deserialize_with = "values::above_zero")]
    pub calls_mib_max: u32,
    /// Memory for the heads of requests on all connections together, in MiB.
    #[serde(deserialize_with = "values::above_zero")]
    pub heads_mib_max: u32,
    /// Open connections of the REST plane.
    #[serde(deserialize_with = "values::above_zero")]
    pub connections_max: u32,
    /// Open connections of one caller: of an IPv4 address, or of an IPv6 network of 64 bits; 0 for no limit.
    pub connections_per_address_max: u32,
    /// Networks that may connect and call, whatever the app (60021); empty allows all.
    #[serde(deserialize_with = "values::networks")]
    pub allow_from: Vec<IpNet>,
    /// Networks of the proxies whose word counts for who is calling.
    #[serde(deserialize_with = "values::networks")]
    pub trusted_proxies: Vec<IpNet>,
    /// Those of `listen` where each connection begins with a header of the PROXY protocol.
    pub proxy_protocol: Vec<SocketAddr>,
    /// Failed signature checks of one address in a minute before it is refused without work (70050).
    #[serde(deserialize_with = "values::above_zero")]
    pub failed_signatures_per_minute_max: u32,
    /// Certificate of the REST plane; none means plain HTTP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<TlsConfig>,
    /// Where the data is kept.
    pub store: StoreConfig,
    /// How long the REST plane waits for what.
    pub timeouts: Timeouts,
    /// The apps, in the order of the file; no two have the same `sdkappid`.
    #[serde(rename = "app")]
    pub apps: Vec<AppConfig>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: vec![SocketAddr::from(([0, 0, 0, 0], 8080))],
            admin_listen: Some(SocketAddr::from(([127, 0, 0, 1], 9090))),
            drain_delay_seconds: 0,
            otlp_endpoint: None,
            log: "info".to_owned(),
            log_format: LogFormat::default(),
            body_bytes_max: 1024 * 1024,
            calls_mib_max: 256,
            heads_mib_max: 64,
            connections_max: 20_000,
            connections_per_address_max: 1000,
            allow_from: Vec::new(),
            trusted_proxies: Vec::new(),
            proxy_protocol: Vec::new(),
            failed_signatures_per_minute_max: 600,
            tls: None,
            store: StoreConfig::default(),
            timeouts: Timeouts::default(),
            apps: Vec::new(),
        }
    }
}

impl Config {
    /// Reads the file, if there is one, and lays the `PINFOLD_` variables of `environment` over it.
    ///
    /// Relative paths, the default ones included, are relative to the file's directory, without a file to the
    /// working directory. The files with keys and passwords are read; the TLS files are not.
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
        config.read_password_file(&settings)?;
        Ok(Loaded::new(config, settings.into_origins()))
    }

    /// Makes relative paths relative to `directory`.
    fn anchor(&mut self, directory: &Path) {
        self.store.url.anchor(directory);
        if let Some(tls) = &mut self.tls {
            tls.cert_file = directory.join(&tls.cert_file);
            tls.key_file = directory.join(&tls.key_file);
            tls.client_ca_file = tls.client_ca_file.as_ref().map(|file| directory.join(file));
        }
        self.store.password_file = self.store.password_file.as_ref().map(|file| directory.join(file));
        for app in &mut self.apps {
            app.keys_file = app.keys_file.as_ref().map(|file| directory.join(file));
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

    fn read_password_file(&mut self, settings: &Settings) -> Result<(), ConfigError> {
        if let Some(file) = &self.store.password_file {
            let path = KeyPath { app: None, name: "store.password_file" };
            let password = secret::read_password(file);
            self.store.password = Some(password.map_err(|error| error.of(path).at(settings.origin(path)))?);
        }
        Ok(())
    }
}
