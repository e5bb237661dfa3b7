//! `[store]`: where the data is kept.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use pinfold_store::postgres::PostgresUrl;

use super::kinds::{COUNT, FILE_PATH, FLAG, MILLIS, PASSWORD, STORE_URL};
use super::section::{Section, section};
use super::{Password, paths};

section! {
    /// Where the data is kept. All keys but the first two are for a database.
    pub struct StoreConfig in "store." {
        /// A directory, a PostgreSQL database that several instances share, or memory, which is gone after a stop.
        url: StoreUrl = StoreUrl::File("./pinfold-data".into()), STORE_URL, Restart;
        /// Memory for decoded accounts, in MiB. Over a database for copies, each of which the database confirms.
        cache_mib: u32 = 256, COUNT, Restart;
        /// Password for the database, instead of one in the URL. This or `password_file`.
        password: Option<Password> = None, PASSWORD, Exchange, for example r#""…""#;
        /// File whose first line is the password for the database.
        password_file: Option<PathBuf> = None, FILE_PATH, Exchange, for example r#""database.password""#;
        /// Connections of this instance to the database; up to half as many more while commits wait for it.
        connections_max: u32 = 16, COUNT, Restart;
        /// Time to connect to the database, log-in included.
        connect as connect_ms: Duration = Duration::from_secs(3), MILLIS, Restart;
        /// Time to wait for a free connection; after that a call gets 50005.
        acquire as acquire_ms: Duration = Duration::from_secs(2), MILLIS, Restart;
        /// Time for a statement; after that a call gets 50005.
        statement as statement_ms: Duration = Duration::from_secs(3), MILLIS, Restart;
        /// Prepared statements are about twice as fast. `false` for a pooler in transaction mode that does not know them.
        prepared_statements: bool = true, FLAG, Restart;
        /// Whether a start creates or upgrades the tables. If not, `pinfold migrate` does.
        migrate: bool = true, FLAG, Restart;
    }
}

impl Default for StoreConfig {
    fn default() -> Self {
        Self::defaults()
    }
}

/// A store this build can open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreUrl {
    /// `file:DIRECTORY`: the embedded store.
    File(PathBuf),
    /// `memory:`: gone when the server stops.
    Memory,
    /// `postgres://USER@HOST/DATABASE`: a database that several instances share.
    Postgres(PostgresUrl),
}

impl StoreUrl {
    /// Makes relative paths relative to `base`.
    pub(super) fn anchor(&mut self, base: &Path) {
        match self {
            // Through its components, which takes a `/./` out of the middle.
            Self::File(directory) => *directory = base.join(&*directory).components().collect(),
            Self::Memory => {}
            Self::Postgres(url) => url.anchor(base),
        }
    }
}

impl FromStr for StoreUrl {
    /// Says what is wrong, without any part of a database's URL.
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(why) = unexpanded(text) {
            return Err(why.to_owned());
        }
        match text.split_once(':') {
            Some(("memory", "")) => Ok(Self::Memory),
            // `file://host/path` names a file of another machine; `file:///path` and `file:/path` are one.
            Some(("file", path)) if path.starts_with("//") && !path.starts_with("///") => {
                Err("it names a directory of another machine".into())
            }
            Some(("file", path)) if !path.is_empty() => Ok(Self::File(PathBuf::from(path))),
            Some(("postgres" | "postgresql", _)) => text.parse().map(Self::Postgres),
            _ => Err("it is not a store of this build".into()),
        }
    }
}

/// Says what a shell would have expanded in a path of the URL.
fn unexpanded(url: &str) -> Option<&'static str> {
    match url.split_once(':') {
        Some(("file", path)) => paths::unexpanded(path),
        Some(("postgres" | "postgresql", rest)) => {
            let (_, query) = rest.split_once('?')?;
            query.split('&').filter_map(|pair| pair.strip_prefix("sslrootcert=")).find_map(paths::unexpanded)
        }
        _ => None,
    }
}

impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(directory) => write!(f, "file:{}", directory.display()),
            Self::Memory => f.write_str("memory:"),
            Self::Postgres(url) => url.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_may_follow_file_with_or_without_the_slashes_of_a_url() {
        assert_eq!("file:data".parse(), Ok(StoreUrl::File("data".into())));
        assert_eq!("file:///var/lib/pinfold".parse(), Ok(StoreUrl::File("/var/lib/pinfold".into())));
    }

    #[test]
    fn what_a_shell_would_have_replaced_is_no_path_of_a_store() {
        for text in ["file:~/data", "file:$HOME/data", "postgres://me@h/d?sslmode=require&sslrootcert=~/ca.pem"] {
            assert!(text.parse::<StoreUrl>().is_err(), "{text}");
        }
        assert!("postgres://me:$word~@h/d".parse::<StoreUrl>().is_ok());
        assert_eq!("file:./~".parse(), Ok(StoreUrl::File("./~".into())));
    }

    #[test]
    fn a_file_of_another_host_and_no_directory_are_no_stores() {
        for text in ["file://host/data", "file:", "memory:x", "data", "", "postgres://", "postgres://me@h/?sslmode=on"]
        {
            assert!(text.parse::<StoreUrl>().is_err(), "{text}");
        }
    }
}
