//! Configurations as an operator would write them, and the sentences that come back.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::{Config, Loaded};

mod database;
mod described;
mod environment;
mod exposed;
mod file;
mod keys;
mod token;
mod values;
mod webhook;

/// An app that is complete, to which a test adds lines.
const APP: &str = "[[app]]\nsdkappid = 1400000001\nkeys = [\"0123456789abcdef\"]\n";

/// A directory with a file `pinfold.toml`.
pub(super) struct Directory(TempDir);

impl Directory {
    pub(super) fn new(text: &str) -> Self {
        let directory = Self(tempfile::tempdir().unwrap());
        directory.write("pinfold.toml", text);
        directory
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(super) fn write(&self, name: &str, text: &str) {
        fs::write(self.0.path().join(name), text).unwrap();
    }

    /// The configuration, or the sentence with `DIR` for the directory.
    pub(super) fn load(&self, variables: &[(&str, &str)]) -> Result<Loaded, String> {
        self.load_with(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())))
    }

    fn load_with(&self, variables: impl Iterator<Item = (String, OsString)>) -> Result<Loaded, String> {
        let directory = self.0.path().to_str().unwrap();
        Config::load(Some(&self.0.path().join("pinfold.toml")), variables)
            .map_err(|error| error.to_string().replace(directory, "DIR"))
    }
}

pub(super) fn docs() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "../../docs/operate"].iter().collect()
}

fn load(text: &str) -> Config {
    Directory::new(text).load(&[]).unwrap().config
}

fn refused(text: &str) -> String {
    Directory::new(text).load(&[]).unwrap_err()
}

/// The sentence for one more line at the end of [`APP`], which is line 4.
fn refused_in_app(line: &str) -> String {
    refused(&format!("{APP}{line}\n"))
}
