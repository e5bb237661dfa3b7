//! `[store]`: where the data is kept.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use pinfold_store::postgres::PostgresUrl;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{Password, paths, values};

/// The store, its cache, and how a database is used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StoreConfig {
    /// Which store.
    pub url: StoreUrl,
    /// Memory for decoded accounts, in MiB, at least 1.
    #[serde(deserialize_with = "values::above_zero")]
    pub cache_mib: u32,
    /// The database user's password, in place of that of the URL. Read from `password_file` if that is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<Password>,
    /// The file `password` came from.
    #[serde(deserialize_with = "values::some_path", serialize_with = "values::some_path_text")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_file: Option<PathBuf>,
    /// Connections to the database, at least 1.
    #[serde(deserialize_with = "values::above_zero")]
    pub connections_max: u32,
    /// To connect to the database, log-in included.
    #[serde(rename = "connect_ms", with = "values::millis")]
    pub connect: Duration,
    /// To wait for a free connection.
    #[serde(rename = "acquire_ms", with = "values::millis")]
    pub acquire: Duration,
    /// For one statement.
    #[serde(rename = "statement_ms", with = "values::millis")]
    pub statement: Duration,
    /// Whether statements are prepared once a connection.
    pub prepared_statements: bool,
    /// Whether a start brings the database's schema up to this build's.
    pub migrate: bool,
}

impl Default for StoreConfig {
    fn default() -> Self {
        Self {
            url: StoreUrl::File(PathBuf::from("./pinfold-data")),
            cache_mib: 256,
            password: None,
            password_file: None,
            connections_max: 16,
            connect: Duration::from_secs(3),
            acquire: Duration::from_secs(2),
            statement: Duration::from_secs(3),
            prepared_statements: true,
            migrate: true,
        }
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
    /// What is wrong with it; of a database's URL never a part.
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

/// What a shell would have replaced in a path of the URL.
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

impl<'de> Deserialize<'de> for StoreUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl Serialize for StoreUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
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
