//! The effective configuration as an operator reads it: every value, and where it came from.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::keys::{KEYS, Key, KeyPath, last_part};
use super::sections::Shown;
use super::{Config, Origin};

/// A configuration, and the origin of each of its values.
#[derive(Debug)]
pub struct Loaded {
    /// The configuration.
    pub config: Config,
    origins: BTreeMap<KeyPath, Origin>,
    ignored: Vec<String>,
}

impl Loaded {
    pub(super) fn new(config: Config, (origins, ignored): (BTreeMap<KeyPath, Origin>, Vec<String>)) -> Self {
        Self { config, origins, ignored }
    }

    /// Variables that were ignored: an orchestrator sets them to say where other services are.
    pub fn ignored_variables(&self) -> &[String] {
        &self.ignored
    }

    /// The origin of a value, by the key's name as [`Loaded::describe`] and errors show it: `store.url`,
    /// `app[0].limits.pins_max`. `None` for a name that is not a key.
    pub fn origin(&self, shown: &str) -> Option<&Origin> {
        let apps = 0..self.config.apps.len().max(1);
        let mut paths = apps.flat_map(|index| KEYS.iter().map(move |key| path(key, Some(index))));
        paths.find(|path| path.to_string() == shown).map(|path| self.of(path))
    }

    /// Every effective value as valid TOML, with its origin as a comment. Secrets are four stars each.
    pub fn describe(&self) -> String {
        let mut text = String::new();
        for section in self.config.sections() {
            self.section(&mut text, &section);
        }
        text
    }

    fn of(&self, path: KeyPath) -> &Origin {
        self.origins.get(&path).unwrap_or(&Origin::Default)
    }

    fn section(&self, text: &mut String, section: &Shown) {
        if !section.is_set {
            return text.push_str(&format!("\n# [{}] is not set\n", section.name));
        }
        text.push_str(&header(section.name));
        let is_set = |name| section.keys.iter().any(|(key, value)| key.name == name && value.is_some());
        for (key, value) in &section.keys {
            let name = last_part(key.name);
            let is_left_out = match key.name {
                // A secret from a file is shown as the file.
                "app.keys" => is_set("app.keys_file"),
                "app.callback_token" => is_set("app.callback_token_file"),
                "app.webhook.token" => is_set("app.webhook.token_file"),
                "app.keys_file" => value.is_none(),
                "store.password" => is_set("store.password_file"),
                _ => false,
            };
            // Writing to a `String` cannot fail.
            let _ = match value {
                _ if is_left_out => Ok(()),
                Some(value) => writeln!(text, "{name} = {value} # {}", self.of(path(key, section.app))),
                None => writeln!(text, "# {name} is not set"),
            };
        }
    }
}

/// The line of TOML above the keys of a section, after an empty line.
pub(super) fn header(section: &str) -> String {
    match section {
        "" => String::new(),
        "app" => "\n[[app]]\n".to_owned(),
        _ => format!("\n[{section}]\n"),
    }
}

fn path(key: &Key, app: Option<usize>) -> KeyPath {
    KeyPath { app: app.filter(|_| key.name.starts_with("app.")), name: key.name }
}
