//! Signing keys, tokens and passwords that do not print themselves, and the files they are kept in.

use std::fmt;
use std::path::Path;

use pinfold_store::small_file;

use super::ConfigError;
use super::characters::{self, KEY_CHARACTERS_MIN};

pub(super) const MASK: &str = "****";
/// A signing key or a token of an app. `Debug` gives four stars, never a part of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a key of 16 or more visible characters, without quotes or a name around it; none for any other text.
    pub fn new(text: impl Into<String>) -> Option<Self> {
        let text = text.into();
        characters::wrong_in_key(&text).is_none().then_some(Self(text))
    }

    /// The key itself, for signing and verifying only.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

/// A password of a database. `Debug` gives four stars.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// Takes any text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The password itself, for the log-in only.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

/// Reads a token from a file: its first line, without white space around it.
pub(super) fn read_token(path: &Path) -> Result<Secret, ConfigError> {
    let text = small_file::read_text(path)
        .map_err(|error| ConfigError::new(format!("cannot read the token file {}: {error}", path.display())))?;
    let line = text.lines().next().unwrap_or_default().trim();
    match characters::wrong_in_key(line) {
        None => Ok(Secret(line.to_owned())),
        Some(wrong) => Err(ConfigError::new(format!(
            "the first line of the token file {} is not a token: {wrong}; allowed are {KEY_CHARACTERS_MIN} or more characters \
             without white space",
            path.display()
        ))),
    }
}

/// Reads a password from a file: its first line, without white space around it. Never empty.
pub(super) fn read_password(path: &Path) -> Result<Password, ConfigError> {
    let text = small_file::read_text(path)
        .map_err(|error| ConfigError::new(format!("cannot read the password file {}: {error}", path.display())))?;
    match text.lines().next().map(str::trim) {
        Some(line) if let Some(wrong) = characters::invisible(line) => Err(ConfigError::new(format!(
            "the first line of the password file {} is not a password: {wrong}",
            path.display()
        ))),
        Some(line) if !line.is_empty() => Ok(Password::new(line)),
        _ => Err(ConfigError::new(format!("the first line of the password file {} is empty", path.display()))),
    }
}

/// Reads keys from a file: one a line; blank lines and lines that begin with `#` are skipped. Never empty.
///
/// # Errors
/// A sentence that names the file and the line, and nothing of a key.
pub fn read_file(path: &Path) -> Result<Vec<Secret>, ConfigError> {
    let text = small_file::read_text(path)
        .map_err(|error| ConfigError::new(format!("cannot read the key file {}: {error}", path.display())))?;
    keys_of(&text, path)
}

/// Reads keys from the text of the file at `path`.
///
/// # Errors
/// As for [`read_file`].
pub fn keys_of(text: &str, path: &Path) -> Result<Vec<Secret>, ConfigError> {
    let lines = text.lines().map(str::trim).enumerate();
    let keys = lines
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(index, line)| match characters::wrong_in_key(line) {
            Some(wrong) => Err(no_key(path, index + 1, &wrong)),
            None => Ok(Secret(line.to_owned())),
        })
        .collect::<Result<Vec<_>, _>>()?;
    if keys.is_empty() {
        Err(ConfigError::new(format!("the key file {} holds no key", path.display())))
    } else {
        Ok(keys)
    }
}

fn no_key(path: &Path, line: usize, wrong: &str) -> ConfigError {
    ConfigError::new(format!(
        "line {line} of the key file {} is not a key: {wrong}; allowed are {KEY_CHARACTERS_MIN} or more characters without \
         white space",
        path.display()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_16_characters_or_more_and_no_white_space() {
        assert!(Secret::new("k".repeat(15)).is_none());
        assert!(Secret::new("k".repeat(16)).is_some());
        assert!(Secret::new(format!("{} x", "k".repeat(16))).is_none());
        assert!(Secret::new(format!("{}\0", "k".repeat(16))).is_none());
    }

    #[test]
    fn a_key_never_prints_itself() {
        let key = Secret::new("0123456789abcdef").unwrap();
        assert_eq!(format!("{key:?}"), "****");
        assert_eq!(key.expose(), "0123456789abcdef");
    }
}
