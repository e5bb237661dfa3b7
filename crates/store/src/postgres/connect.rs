//! To one of several hosts: the first that takes us, each in its share of the time.
//!
//! The driver's own time-out ends with the TCP connection. A host that takes that and says nothing, such as a server
//! that was stopped, would use up the time of the others.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use deadpool_postgres::Connect;
use rand::seq::SliceRandom as _;
use tokio::task::JoinHandle;
use tokio_postgres::config::{Host, LoadBalanceHosts};
use tokio_postgres::{Client, Config, Error};

use super::Settings;
use super::tls::Tls;

/// The hosts of a URL.
pub(super) struct Hosts {
    each: Vec<Config>,
    in_any_order: bool,
    host_max: Duration,
    tls: Tls,
}

impl Hosts {
    pub(super) fn of(settings: &Settings, tls: Tls) -> Self {
        let config = settings.url.config();
        let hosts = config.get_hosts().len().max(config.get_hostaddrs().len()).max(1);
        let host_max = settings.connect_max / u32::try_from(hosts).unwrap_or(u32::MAX);
        let each = if hosts == 1 { vec![config.clone()] } else { (0..hosts).map(|n| only(config, n)).collect() };
        let in_any_order = config.get_load_balance_hosts() == LoadBalanceHosts::Random;
        Self { each, in_any_order, host_max, tls }
    }

    async fn connect_to(&self, host: &Config) -> Result<(Client, JoinHandle<()>), Error> {
        let (client, connection) = host.connect(self.tls.clone()).await?;
        let connection = tokio::spawn(async move {
            // Whoever waits for an answer is told, and says so.
            let _ = connection.await;
        });
        Ok((client, connection))
    }

    async fn connect_to_first(&self) -> Result<(Client, JoinHandle<()>), Error> {
        let mut each: Vec<_> = self.each.iter().collect();
        if self.in_any_order {
            each.shuffle(&mut rand::rng());
        }
        let (last, others) = each.split_last().expect("a URL names a host");
        for host in others {
            if let Ok(Ok(connected)) = tokio::time::timeout(self.host_max, self.connect_to(host)).await {
                return Ok(connected);
            }
        }
        // The pool has a time-out around all of this.
        self.connect_to(last).await
    }
}

impl Connect for Hosts {
    fn connect(
        &self,
        _: &Config,
    ) -> Pin<Box<dyn Future<Output = Result<(Client, JoinHandle<()>), Error>> + Send + '_>> {
        Box::pin(self.connect_to_first())
    }
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
