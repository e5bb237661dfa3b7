//! `[store]`: where the data is kept.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::values;

/// The store and its cache.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StoreConfig {
    /// Which store.
    pub url: StoreUrl,
    /// Memory for decoded accounts, in MiB, at least 1.
    #[serde(deserialize_with = "values::above_zero")]
    pub cache_mib: u32,
}

impl Default for StoreConfig {
    fn default() -> Self {
        Self { url: StoreUrl::File(PathBuf::from("./pinfold-data")), cache_mib: 256 }
    }
}

/// A store this build can open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreUrl {
    /// `file:DIRECTORY`: the embedded store.
    File(PathBuf),
    /// `memory:`: gone when the server stops.
    Memory,
}

impl StoreUrl {
    /// Makes a relative directory relative to `base`.
    pub(super) fn anchor(&mut self, base: &Path) {
        if let Self::File(directory) = self {
            // Through its components, which takes a `/./` out of the middle.
            *directory = base.join(&*directory).components().collect();
        }
    }
}

impl FromStr for StoreUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            Some(("memory", "")) => Ok(Self::Memory),
            // `file://host/path` names a file of another machine; `file:///path` and `file:/path` are one.
            Some(("file", path)) if path.starts_with("//") && !path.starts_with("///") => Err("another host"),
            Some(("file", path)) if !path.is_empty() => Ok(Self::File(PathBuf::from(path))),
            _ => Err("no store of this build"),
        }
    }
}

impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(directory) => write!(f, "file:{}", directory.display()),
            Self::Memory => f.write_str("memory:"),
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
    fn a_file_of_another_host_and_no_directory_are_no_stores() {
        for text in ["file://host/data", "file:", "memory:x", "data", ""] {
            assert!(text.parse::<StoreUrl>().is_err(), "{text}");
        }
    }
}
