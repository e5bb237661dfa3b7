//! Connects to the first of several hosts that accepts, each in its share of the time.
//!
//! The driver's own time-out ends with the TCP connection. A host that takes that and says nothing, such as a server
//! that was stopped, would use up the time of the others.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rand::seq::SliceRandom as _;
use tokio::task::JoinHandle;
use tokio_postgres::config::{Host, LoadBalanceHosts, TargetSessionAttrs};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config, Error};

use super::failure::{is_full, told};
use super::password::Password;
use super::settings::Settings;
use super::tls::Tls;

/// The hosts of a URL.
pub(super) struct Hosts {
    each: Vec<Config>,
    in_any_order: bool,
    must_be_writable: bool,
    host_max: Duration,
    tls: Tls,
    /// What is set for each session; empty if the URL sets it.
    session: String,
    /// Whether a pooler refused that.
    session_refused: AtomicBool,
    password: Password,
}

impl Hosts {
    pub(super) fn of(settings: &Settings, tls: Tls) -> Self {
        let config = settings.url.config();
        let hosts = config.get_hosts().len().max(config.get_hostaddrs().len()).max(1);
        let host_max = settings.connect_max / u32::try_from(hosts).unwrap_or(u32::MAX);
        let each = if hosts == 1 { vec![config.clone()] } else { (0..hosts).map(|n| only(config, n)).collect() };
        let in_any_order = config.get_load_balance_hosts() == LoadBalanceHosts::Random;
        let must_be_writable = config.get_target_session_attrs() == TargetSessionAttrs::ReadWrite;
        let (session, session_refused) = (session(settings), AtomicBool::new(false));
        let password = settings.password.clone();
        Self { each, in_any_order, must_be_writable, host_max, tls, session, session_refused, password }
    }

    /// Whether only servers that take writes are connected to.
    pub(super) fn must_be_writable(&self) -> bool {
        self.must_be_writable
    }

    /// To the first host that takes us.
    pub(super) async fn connect(&self) -> Result<(Client, JoinHandle<()>), Error> {
        let mut each: Vec<_> = self.each.iter().collect();
        if self.in_any_order {
            each.shuffle(&mut rand::rng());
        }
        let (last, others) = each.split_last().expect("a URL names a host");
        let mut full = None;
        for host in others {
            match tokio::time::timeout(self.host_max, self.connect_to(host)).await {
                Ok(Ok(connected)) => return Ok(connected),
                Ok(Err(error)) if is_full(&error) => full = Some(error),
                Ok(Err(_)) | Err(_) => {}
            }
        }
        // The pool has a time-out around all of this. A full host says more than one that is the wrong one.
        self.connect_to(last).await.map_err(|error| full.unwrap_or(error))
    }

    /// Not every pooler lets a client set something for its session.
    async fn connect_to(&self, host: &Config) -> Result<(Client, JoinHandle<()>), Error> {
        if self.session.is_empty() || self.session_refused.load(Ordering::Relaxed) {
            return self.connect_with(host).await;
        }
        let options = host.get_options().unwrap_or_default();
        let refused = match self.connect_with(host.clone().options(format!("{options} {}", self.session))).await {
            Err(error) if error.code().is_some_and(is_of_session) => error,
            ended => return ended,
        };
        let connected = self.connect_with(host).await?;
        if !self.session_refused.swap(true, Ordering::Relaxed) {
            tracing::info!(error = told(&refused), "a pooler lets no client set lock_timeout; it is not set any more");
        }
        Ok(connected)
    }

    async fn connect_with(&self, config: &Config) -> Result<(Client, JoinHandle<()>), Error> {
        let (client, connection) = self.password.put_into(config).connect(self.tls.clone()).await?;
        let connection = tokio::spawn(async move {
            // The calls that wait for an answer get the error and report it.
            let _ = connection.await;
        });
        Ok((client, connection))
    }
}

/// A statement that waits for a lock does so for a part of its time, then it is known to have changed nothing. Where
/// everything is read, no time is bounded.
fn session(settings: &Settings) -> String {
    if settings.read_only {
        return "-c statement_timeout=0 -c lock_timeout=0".to_owned();
    }
    let set = settings.url.config().get_options().is_some_and(|options| options.contains("lock_timeout"));
    if set { String::new() } else { format!("-c lock_timeout={}", settings.lock_wait_max().as_millis().max(1)) }
}

/// Whether a refused log-in is about what was set for the session.
fn is_of_session(code: &SqlState) -> bool {
    let of_session = [
        SqlState::PROTOCOL_VIOLATION,
        SqlState::UNDEFINED_OBJECT,
        SqlState::INVALID_PARAMETER_VALUE,
        SqlState::FEATURE_NOT_SUPPORTED,
    ];
    of_session.contains(code)
}

/// The same with only the host at this place; the driver has no way to take one out.
fn only(config: &Config, place: usize) -> Config {
    let mut one = Config::new();
    match config.get_hosts().get(place) {
        Some(Host::Tcp(name)) => one.host(name),
        Some(Host::Unix(directory)) => one.host_path(directory),
        None => &mut one,
    };
    config.get_hostaddrs().get(place).map(|address| one.hostaddr(*address));
    let ports = config.get_ports();
    ports.get(place).or(ports.first()).map(|port| one.port(*port));
    config.get_user().map(|user| one.user(user));
    config.get_password().map(|password| one.password(password));
    config.get_dbname().map(|database| one.dbname(database));
    config.get_options().map(|options| one.options(options));
    config.get_application_name().map(|name| one.application_name(name));
    config.get_connect_timeout().map(|time| one.connect_timeout(*time));
    config.get_tcp_user_timeout().map(|time| one.tcp_user_timeout(*time));
    config.get_keepalives_interval().map(|time| one.keepalives_interval(time));
    config.get_keepalives_retries().map(|retries| one.keepalives_retries(retries));
    one.keepalives(config.get_keepalives()).keepalives_idle(config.get_keepalives_idle());
    one.ssl_mode(config.get_ssl_mode()).ssl_negotiation(config.get_ssl_negotiation());
    one.target_session_attrs(config.get_target_session_attrs()).channel_binding(config.get_channel_binding());
    one
}
