//! The configuration: one TOML file, overlaid by the environment, read once into types that hold valid values only.
//!
//! A key is declared once, with the macro `section!`: name, type, default, what it may hold, whether a reload takes it,
//! and a doc line. The reference in `docs/operate/configure.md` and `docs/operate/pinfold.example.toml` are generated
//! from the declarations. `file` and `environment` collect what was set and where, `settings` turns that into a
//! [`Config`], `rules` compares the keys with each other. The server never writes a configuration.

use std::net::{Ipv4Addr, SocketAddr};

use ipnet::IpNet;

pub(crate) mod addresses;
mod app;
mod characters;
mod describe;
mod environment;
mod error;
mod example;
mod exposed;
mod file;
mod keys;
mod kind;
mod kinds;
mod load;
mod log_format;
mod paths;
mod reference;
mod reload;
mod rules;
mod secret;
mod section;
mod sections;
mod service_link;
mod settings;
mod store;
mod suggest;
mod transport;
mod webhook;

#[cfg(test)]
mod tests;

pub use app::AppConfig;
pub use describe::Loaded;
pub use environment::variables;
pub use error::{ConfigError, Origin};
pub use example::example_file;
pub use exposed::ExposedSecret;
pub use log_format::LogFormat;
pub use paths::unexpanded;
pub use reference::reference_table;
pub use secret::{Password, Secret, keys_of, read_file as read_keys};
pub use store::{StoreConfig, StoreUrl};
pub use transport::{Timeouts, TlsConfig};
pub use webhook::WebhookConfig;

use kinds::{
    ADDRESS_OR_NONE, ADDRESSES, ADDRESSES_OR_NONE, COLLECTOR_OR_NONE, COUNT, COUNT_OR_ZERO, LOG_FILTER, LOG_FORMAT,
    RANGES,
};
use section::{Section, section};

section! {
    /// Everything that can be configured. [`Config::default`] holds the defaults and no app.
    pub struct Config in "" {
        /// Where the REST plane listens.
        listen: Vec<SocketAddr> = vec![SocketAddr::from((Ipv4Addr::UNSPECIFIED, 8080))], ADDRESSES, Restart;
        /// Where `/metrics`, `/healthz` and `/readyz` are served; `""` switches them off. Keep it away from callers.
        admin_listen: Option<SocketAddr> = Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 9090))), ADDRESS_OR_NONE, Restart;
        /// How long a server that stops still serves, with `/readyz` saying no, so that balancers turn away first.
        drain_delay_seconds: u32 = 0, COUNT_OR_ZERO, Restart;
        /// Collector that gets a span of each call, as OTLP over HTTP; `/v1/traces` is added to the URL.
        otlp_endpoint: Option<String> = None, COLLECTOR_OR_NONE, Restart;
        /// Filter of the log: a level (`error`, `warn`, `info`, `debug`, `trace`), or levels by module. Of the storage
        /// engine (`fjall`, `lsm_tree`) only warnings, unless it names them.
        log: String = "info".to_owned(), LOG_FILTER, Live;
        /// How a line is written: `text` for people, `json` for programs, as an object.
        log_format: LogFormat = LogFormat::default(), LOG_FORMAT, Restart;
        /// The largest request body; a larger one answers 60002.
        body_bytes_max: u32 = 1024 * 1024, COUNT, Restart;
        /// Memory for the bodies of calls, which count five times while they are worked on, and for answers that are not
        /// read yet, in MiB, those up to 16 KiB not counted. Further calls get 60018.
        calls_mib_max: u32 = 256, COUNT, Restart;
        /// Memory for the heads of requests, in MiB, the first 8 KiB of each connection not counted. Further ones are
        /// closed, or get 60018.
        heads_mib_max: u32 = 64, COUNT, Restart;
        /// Open connections of the REST plane.
        connections_max: u32 = 20_000, COUNT, Restart;
        /// Open connections of one IPv4 address or IPv6 /64; more are closed at once. Not for trusted proxies.
        /// 0 = no limit.
        connections_per_address_max: u32 = 1000, COUNT_OR_ZERO, Restart;
        /// Addresses that may connect at all; others are closed at once, or get 60021 behind a trusted proxy.
        /// Empty = all.
        allow_from: Vec<IpNet> = Vec::new(), RANGES, Restart;
        /// Addresses of the only proxies that are believed who is calling, by `X-Forwarded-For` or the PROXY protocol.
        trusted_proxies: Vec<IpNet> = Vec::new(), RANGES, Restart;
        /// Those of `listen` where every connection must begin with a PROXY protocol header, version 1 or 2, from a
        /// trusted proxy.
        proxy_protocol: Vec<SocketAddr> = Vec::new(), ADDRESSES_OR_NONE, Restart;
        /// Failed signature checks of one address in a minute; after that it gets 70050 without any check.
        failed_signatures_per_minute_max: u32 = 600, COUNT, Restart;
    } with {
        /// Certificate of the REST plane; none means plain HTTP.
        tls: Option<TlsConfig> = None;
        /// Where the data is kept.
        store: StoreConfig = StoreConfig::default();
        /// How long the REST plane waits.
        timeouts: Timeouts = Timeouts::default();
        /// The apps, in the order of the file; no two have the same `sdkappid`.
        apps: Vec<AppConfig> = Vec::new();
    }
}

impl Default for Config {
    fn default() -> Self {
        Self::defaults()
    }
}
