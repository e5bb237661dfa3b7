//! The origin of a value, and the error that ends a start.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use super::keys::KeyPath;

/// A configuration was refused. `Display` is one sentence for an operator, without secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);

impl ConfigError {
    pub(super) fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }

    /// Adds the place where the value was set.
    pub(super) fn at(self, origin: &Origin) -> Self {
        Self(format!("{} ({origin})", self.0))
    }

    /// Prefixes the sentence with the key it is about.
    pub(super) fn of(self, path: KeyPath) -> Self {
        Self(format!("{path}: {}", self.0))
    }
}

/// Where an effective value came from. `Display` is short: `default`, `line 3 of pinfold.toml`, `PINFOLD_LISTEN`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The value was not set.
    Default,
    /// The configuration file.
    File {
        /// The file as it was named at the start.
        path: Arc<Path>,
        /// Counted from 1.
        line: usize,
    },
    /// An environment variable, by name.
    Variable(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line } => write!(f, "line {line} of {}", path.display()),
            Self::Variable(name) => f.write_str(name),
        }
    }
}
