//! `--config FILE`, which several subcommands take, and the default paths without it.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::{OsStringValueParser, TypedValueParser as _};
use pinfold_server::config::{self, Config, Loaded};

use crate::failure::Failure;
use crate::output;

/// Where a configuration is looked for that nothing names; the first one that is there is read.
const DEFAULT_PATHS: [&str; 2] = ["./pinfold.toml", "/etc/pinfold/pinfold.toml"];
const NOT_FOUND: &str = "no configuration file was read: there is neither ./pinfold.toml nor /etc/pinfold/pinfold.toml";

/// Where the configuration is.
#[derive(Args)]
pub(crate) struct ConfigFile {
    /// The configuration file; `PINFOLD_…` variables win over it, and may do without it. '' reads none
    /// [default: ./pinfold.toml or else /etc/pinfold/pinfold.toml, if there is one]
    #[arg(short = 'c', long = "config", value_name = "FILE", env = "PINFOLD_CONFIG", hide_env_values = true)]
    #[arg(value_parser = OsStringValueParser::new().map(trimmed))]
    path: Option<PathBuf>,
}

impl ConfigFile {
    /// Reads the file and the environment. A file that nothing named is told on stderr.
    pub(crate) fn load(&self) -> Result<Loaded, Failure> {
        let chosen = self.choose();
        if matches!(chosen, Chosen::Found(_)) {
            output::print_error(&chosen.notice());
        }
        chosen.load()
    }

    /// Which file is to be read.
    pub(crate) fn choose(&self) -> Chosen {
        match &self.path {
            Some(path) if path.as_os_str().is_empty() => Chosen::Unwanted,
            Some(path) => Chosen::Named(path.clone()),
            None => {
                let found = DEFAULT_PATHS.iter().map(Path::new).find(|path| exists(path));
                found.map_or(Chosen::NotFound, |path| Chosen::Found(path.to_owned()))
            }
        }
    }
}

/// The path without white space around it, which a variable may have.
fn trimmed(text: OsString) -> PathBuf {
    match text.to_str() {
        Some(text) => text.trim().into(),
        None => text.into(),
    }
}

/// A file that may not be looked at counts as there, so that reading it says why it cannot be read.
fn exists(path: &Path) -> bool {
    let is_missing = |error: &io::Error| matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory);
    path.metadata().map_or_else(|error| !is_missing(&error), |_| true)
}

/// The file that a process reads, now and when it is told to read it again.
pub(crate) enum Chosen {
    /// By an argument or a variable.
    Named(PathBuf),
    /// Where it is looked for.
    Found(PathBuf),
    /// There is none where it is looked for.
    NotFound,
    /// The empty path was named.
    Unwanted,
}

impl Chosen {
    /// Reads the file, if there is one, and the environment.
    pub(crate) fn load(&self) -> Result<Loaded, Failure> {
        Config::load(self.path(), config::variables()).map_err(|error| self.explain(&error.to_string()))
    }

    /// Which file was read, in words.
    pub(crate) fn notice(&self) -> String {
        match self {
            Self::Named(path) | Self::Found(path) => format!("the configuration is {}", path.display()),
            Self::NotFound => NOT_FOUND.to_owned(),
            Self::Unwanted => "no configuration file was read: its name is empty".to_owned(),
        }
    }

    fn path(&self) -> Option<&Path> {
        match self {
            Self::Named(path) | Self::Found(path) => Some(path),
            Self::NotFound | Self::Unwanted => None,
        }
    }

    /// Adds which file was read, where neither the operator nor the sentence names it.
    fn explain(&self, sentence: &str) -> Failure {
        let is_known = match self {
            Self::Named(_) | Self::Unwanted => true,
            Self::Found(path) => sentence.contains(&*path.to_string_lossy()),
            Self::NotFound => false,
        };
        Failure::new(if is_known { sentence.to_owned() } else { format!("{sentence}; {}", self.notice()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_taken_without_white_space_around_it() {
        assert_eq!(trimmed("pinfold.toml\n".into()), Path::new("pinfold.toml"));
        assert_eq!(trimmed(" ".into()), Path::new(""));
    }

    #[test]
    fn a_sentence_that_does_not_name_the_file_is_told_with_it() {
        let found = Chosen::Found("./pinfold.toml".into());
        assert_eq!(found.explain("no app").sentence(), "no app; the configuration is ./pinfold.toml");
        assert_eq!(found.explain("no (line 1 of ./pinfold.toml)").sentence(), "no (line 1 of ./pinfold.toml)");
        assert_eq!(Chosen::Named("x".into()).explain("no app").sentence(), "no app");
        assert_eq!(Chosen::NotFound.explain("no app").sentence(), format!("no app; {NOT_FOUND}"));
    }
}
