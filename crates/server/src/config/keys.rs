//! A key: its name, its path for one app, its environment variable.

use std::fmt;
use std::sync::LazyLock;

use super::Config;
use super::kind::{Kind, Quoted, Shape};

/// One key of the configuration, whichever app it is set for.
pub(super) struct Key {
    /// Dotted, without the index of the app: `app.limits.pins_max`.
    pub(super) name: &'static str,
    /// For the reference and the example, in Markdown.
    pub(super) meaning: &'static str,
    pub(super) reload: Reload,
    /// A value in TOML, for the example; empty for a key that shows its default there.
    pub(super) example: &'static str,
    /// See [`Kind`] for these four.
    pub(super) allowed: &'static str,
    pub(super) shape: Shape,
    pub(super) quoted: Quoted,
    pub(super) reason: fn(&str) -> Option<String>,
}

/// What a reload does with a key that has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reload {
    /// Takes it.
    Live,
    /// Takes it if `[tls]`, or a password of the database, was set before and still is.
    Exchange,
    /// Names it in the log: only a restart takes it.
    Restart,
}

impl Key {
    pub(super) const fn new<T>(
        name: &'static str,
        kind: &Kind<T>,
        reload: Reload,
        meaning: &'static str,
        example: &'static str,
    ) -> Self {
        Self {
            name,
            meaning: meaning.trim_ascii_start(),
            reload,
            example,
            allowed: kind.allowed,
            shape: kind.shape,
            quoted: kind.quoted,
            reason: kind.reason,
        }
    }
}

/// Every key, in the order in which they are shown.
pub(super) static KEYS: LazyLock<Vec<&'static Key>> = LazyLock::new(|| {
    let full = Config::with_every_section();
    full.sections().into_iter().flat_map(|section| section.keys).map(|(key, _)| key).collect()
});

/// The key of this name, if there is one.
pub(super) fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name).copied()
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
