//! What a key is: its name, its place, its environment variable, and what it may hold.

use std::fmt;

use super::table::KEYS;

/// One key of the configuration, whichever app it is set for.
#[derive(Debug)]
pub(super) struct Key {
    /// Dotted, without the index of the app: `app.limits.pins_max`.
    pub(super) name: &'static str,
    /// What it may hold.
    pub(super) kind: Kind,
    /// For the reference table.
    pub(super) meaning: &'static str,
}

/// What a key may hold. The type of the field decides; this names it for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Addresses,
    AddressesOrNone,
    AddressOrNone,
    CollectorOrNone,
    LogFilter,
    LogFormat,
    Path,
    StoreUrl,
    Count,
    CountOrZero,
    Flag,
    Edition,
    Registration,
    Secrets,
    Password,
    AccountIds,
    Ranges,
}

/// How the text of an environment variable is read.
pub(super) enum Shape {
    Text,
    Number,
    Flag,
    List,
}

impl Kind {
    /// Completes the sentence "allowed is …".
    pub(super) fn allowed(self) -> &'static str {
        match self {
            Self::Addresses => r#"a list of one or more addresses such as "0.0.0.0:8080" or "[::1]:8080""#,
            Self::AddressesOrNone => "a list of addresses of `listen`",
            Self::AddressOrNone => r#"an address such as "127.0.0.1:9090", or "" for none"#,
            Self::CollectorOrNone => r#"a URL such as "http://127.0.0.1:4318" (only http), or "" for none"#,
            Self::LogFilter => r#"a log filter such as "info" or "info,pinfold_server=debug""#,
            Self::LogFormat => r#""text" or "json""#,
            Self::Path => "the path of a file",
            Self::StoreUrl => {
                r#""file:DIRECTORY", "memory:" or "postgres://USER@HOST/DATABASE?sslmode=MODE", where MODE is disable, prefer, require, verify-ca or verify-full"#
            }
            Self::Count => "a whole number from 1 to 4294967295",
            Self::CountOrZero => "a whole number from 0 to 4294967295",
            Self::Flag => "true or false",
            Self::Edition => r#""standard", "pro", "pro-plus" or "enterprise""#,
            Self::Registration => r#""imported" or "any""#,
            Self::Secrets => "a list of keys, each of 16 or more characters without white space",
            Self::Password => "a text",
            Self::AccountIds => "a list of one or more account ids, each of 1 to 32 bytes without control characters",
            Self::Ranges => {
                r#"a list of addresses and address ranges such as "192.0.2.1", "10.0.0.0/8" or "2001:db8::/32""#
            }
        }
    }

    pub(super) fn shape(self) -> Shape {
        match self {
            Self::Addresses | Self::AddressesOrNone | Self::Secrets | Self::AccountIds | Self::Ranges => Shape::List,
            Self::Count | Self::CountOrZero => Shape::Number,
            Self::Flag => Shape::Flag,
            Self::AddressOrNone
            | Self::CollectorOrNone
            | Self::LogFilter
            | Self::LogFormat
            | Self::Path
            | Self::StoreUrl
            | Self::Password
            | Self::Edition
            | Self::Registration => Shape::Text,
        }
    }
}

/// The key of this name, if there is one.
pub(super) fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

/// Whether keys stand below this name: `app.limits`.
pub(super) fn is_section(name: &str) -> bool {
    KEYS.iter().any(|key| key.name.strip_prefix(name).is_some_and(|rest| rest.starts_with('.')))
}

/// The name without what follows its last dot; empty for a key at the top.
pub(super) fn section_of(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(section, _)| section)
}

/// What follows the last dot of a name.
pub(super) fn last_part(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(_, last)| last)
}

/// A key of one app, or a key outside of the apps. `Display` is `app[0].limits.pins_max`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct KeyPath {
    /// The app's place in the file; none exactly if the name does not begin with `app.`.
    pub(super) app: Option<usize>,
    pub(super) name: &'static str,
}

impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown(self.name, self.app))
    }
}

/// A name, known or not, as an operator finds it in the file: `app[0].limits.pins_max`.
pub(super) fn shown(name: &str, app: Option<usize>) -> String {
    match name.strip_prefix("app.") {
        Some(rest) => format!("app[{}].{rest}", app.unwrap_or(0)),
        None => name.to_owned(),
    }
}

/// The environment variable of a name: `PINFOLD_APP__0__LIMITS__PINS_MAX`.
pub(super) fn variable(name: &str, app: Option<usize>) -> String {
    let name = match name.strip_prefix("app.") {
        Some(rest) => format!("app.{}.{rest}", app.unwrap_or(0)),
        None => name.to_owned(),
    };
    format!("PINFOLD_{}", name.replace('.', "__").to_uppercase())
}
