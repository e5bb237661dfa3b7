//! `postgres://user@host/database`: which database, and how sure to be that it is the right one.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

use super::url_check;

/// An idle connection tells that it is alive after this time, and again at this interval, and is dead after so many.
const KEEPALIVES_IDLE: Duration = Duration::from_secs(30);
const KEEPALIVES_INTERVAL: Duration = Duration::from_secs(10);
const KEEPALIVES_RETRIES: u32 = 3;
/// How long the peer's system may take to acknowledge what was sent.
const UNACKNOWLEDGED_MAX: Duration = Duration::from_secs(30);

/// A database, as libpq's URLs name it. `Display` and `Debug` hold no password.
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresUrl {
    config: Box<Config>,
    tls: TlsMode,
    root_cert: Option<PathBuf>,
}

/// The URL's `sslmode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TlsMode {
    Disable,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

impl TlsMode {
    const ALL: [Self; 5] = [Self::Disable, Self::Prefer, Self::Require, Self::VerifyCa, Self::VerifyFull];

    fn as_str(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Prefer => "prefer",
            Self::Require => "require",
            Self::VerifyCa => "verify-ca",
            Self::VerifyFull => "verify-full",
        }
    }
}

impl PostgresUrl {
    /// Whether it holds a password.
    pub fn has_password(&self) -> bool {
        self.config.get_password().is_some()
    }

    /// Makes a relative `sslrootcert` relative to `directory`.
    pub fn anchor(&mut self, directory: &Path) {
        self.root_cert = self.root_cert.as_ref().map(|file| directory.join(file));
    }

    pub(super) fn config(&self) -> &Config {
        &self.config
    }

    pub(super) fn tls_mode(&self) -> TlsMode {
        self.tls
    }

    pub(super) fn root_cert(&self) -> Option<&Path> {
        self.root_cert.as_deref()
    }

    /// The user, as a message names it.
    pub(super) fn user(&self) -> &str {
        self.config.get_user().unwrap_or_default()
    }

    /// The database, as a message names it; it is the user's if none is named.
    pub(super) fn database(&self) -> &str {
        self.config.get_dbname().unwrap_or_else(|| self.user())
    }

    fn places(&self) -> String {
        let ports = self.config.get_ports();
        let place = |(index, host): (usize, &Host)| {
            let port = ports.get(index).or(ports.first()).map_or_else(String::new, |port| format!(":{port}"));
            match host {
                Host::Tcp(name) if name.contains(':') => format!("[{name}]{port}"),
                Host::Tcp(name) => format!("{name}{port}"),
                Host::Unix(directory) => format!("{}{port}", directory.display().to_string().replace('/', "%2F")),
            }
        };
        self.config.get_hosts().iter().enumerate().map(place).collect::<Vec<_>>().join(",")
    }
}

impl FromStr for PostgresUrl {
    /// What is wrong with it; never a part of it, because a mistyped URL may show a password.
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
            return Err("it does not begin with postgres://".into());
        }
        let (base, query) = text.split_once('?').unwrap_or((text, ""));
        url_check::credentials(base)?;
        let (mut tls, mut root_cert, mut others) = (TlsMode::Prefer, None, Vec::new());
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=') {
                Some(("sslmode", mode)) => {
                    let known = TlsMode::ALL.into_iter().find(|known| known.as_str() == mode);
                    tls = known.ok_or("sslmode is disable, prefer, require, verify-ca or verify-full")?;
                }
                Some(("sslrootcert", "system")) => root_cert = None,
                Some(("sslrootcert", file)) => root_cert = Some(PathBuf::from(file)),
                other => {
                    url_check::parameter(other.map_or(pair, |(name, _)| name))?;
                    others.push(pair);
                }
            }
        }
        let config = format!("{base}?{}", others.join("&")).parse();
        let mut config: Config = config.map_err(|error| url_check::value(&error))?;
        match (config.get_hosts().is_empty(), config.get_user()) {
            (true, _) => return Err("it names no host: postgres://USER@HOST/DATABASE".into()),
            (_, None) => return Err("it names no user: postgres://USER@HOST/DATABASE".into()),
            (false, Some(_)) => {}
        }
        // As libpq does: a URL that names the root certificate asks for its check.
        if tls == TlsMode::Require && root_cert.is_some() {
            tls = TlsMode::VerifyCa;
        }
        config.ssl_mode(match tls {
            TlsMode::Disable => SslMode::Disable,
            TlsMode::Prefer => SslMode::Prefer,
            TlsMode::Require | TlsMode::VerifyCa | TlsMode::VerifyFull => SslMode::Require,
        });
        if config.get_application_name().is_none() {
            config.application_name("pinfold");
        }
        notice_silence(&mut config, &others);
        Ok(Self { config: Box::new(config), tls, root_cert })
    }
}

/// A firewall or a NAT in between may forget connections without a word: these are told to be alive, and found to be
/// dead, within a minute. What the URL sets is left alone.
fn notice_silence(config: &mut Config, set: &[&str]) {
    let is_set = |key: &str| set.iter().any(|pair| pair.split('=').next() == Some(key));
    if !is_set("keepalives_idle") {
        config.keepalives_idle(KEEPALIVES_IDLE);
    }
    if !is_set("keepalives_interval") {
        config.keepalives_interval(KEEPALIVES_INTERVAL);
    }
    if !is_set("keepalives_retries") {
        config.keepalives_retries(KEEPALIVES_RETRIES);
    }
    if !is_set("tcp_user_timeout") {
        config.tcp_user_timeout(UNACKNOWLEDGED_MAX);
    }
}

impl fmt::Display for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let password = if self.has_password() { ":****" } else { "" };
        write!(f, "postgres://{}{password}@{}/{}", self.user(), self.places(), self.database())?;
        write!(f, "?sslmode={}", self.tls.as_str())?;
        self.root_cert.as_ref().map_or(Ok(()), |file| write!(f, "&sslrootcert={}", file.display()))
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> PostgresUrl {
        text.parse().unwrap()
    }

    #[test]
    fn a_url_is_shown_without_its_password() {
        let shown = url("postgres://me:geheim@db.example:6432/pinfold?sslmode=verify-full&sslrootcert=ca.pem");
        let expected = "postgres://me:****@db.example:6432/pinfold?sslmode=verify-full&sslrootcert=ca.pem";
        assert_eq!((shown.to_string(), format!("{shown:?}")), (expected.to_owned(), expected.to_owned()));
        let hidden = url("postgres://me@h/?password=geheim").to_string();
        assert_eq!(hidden, "postgres://me:****@h:5432/me?sslmode=prefer");
    }

    #[test]
    fn a_socket_and_several_hosts_are_places() {
        assert_eq!(url("postgres://me@%2Fpg/db").to_string(), "postgres://me@%2Fpg:5432/db?sslmode=prefer");
        let two = url("postgres://me@a:1,b:2/db?target_session_attrs=read-write&sslmode=disable");
        assert_eq!(two.to_string(), "postgres://me@a:1,b:2/db?sslmode=disable");
    }

    #[test]
    fn who_names_a_root_wants_it_checked() {
        assert_eq!(url("postgres://me@h/db?sslmode=require").tls, TlsMode::Require);
        assert_eq!(url("postgres://me@h/db?sslmode=require&sslrootcert=ca.pem").tls, TlsMode::VerifyCa);
    }

    #[test]
    fn dead_connections_are_noticed_within_a_minute_unless_the_url_says_otherwise() {
        let silence = |config: &Config| {
            let idle = config.get_keepalives().then(|| config.get_keepalives_idle());
            (
                idle,
                config.get_keepalives_interval(),
                config.get_keepalives_retries(),
                config.get_tcp_user_timeout().copied(),
            )
        };
        let seconds = Duration::from_secs;
        let default = (Some(seconds(30)), Some(seconds(10)), Some(3), Some(seconds(30)));
        assert_eq!(silence(&url("postgres://me@h/db").config), default);
        let set = "keepalives_idle=300&keepalives_interval=7&keepalives_retries=9&tcp_user_timeout=90";
        let expected = (Some(seconds(300)), Some(seconds(7)), Some(9), Some(seconds(90)));
        assert_eq!(silence(&url(&format!("postgres://me@h/db?{set}")).config), expected);
        assert_eq!(silence(&url("postgres://me@h/db?keepalives=0").config).0, None);
    }

    #[test]
    fn what_is_no_url_of_a_database_is_refused_without_being_shown() {
        for text in
            ["mysql://h", "postgres://", "postgres://me@h/db?sslmode=on", "postgres://h/db", "postgres://me@h/?x=y"]
        {
            assert!(text.parse::<PostgresUrl>().is_err(), "{text}");
        }
    }
}
