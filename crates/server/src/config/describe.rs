//! The effective configuration as an operator reads it: every value, and where it came from.

use std::collections::BTreeMap;
use std::fmt::Write;

use toml::{Table, Value};

use super::keys::{Key, KeyPath, last_part, section_of};
use super::table::KEYS;
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

    /// Variables that tell where other services are, and so are not taken for misspelt keys.
    pub fn ignored_variables(&self) -> &[String] {
        &self.ignored
    }

    /// Where a value came from, by the key's name as [`Loaded::describe`] and errors show it: `store.url`,
    /// `app[0].limits.pins_max`. None for a name that is not a key.
    pub fn origin(&self, shown: &str) -> Option<&Origin> {
        let apps = 0..self.config.apps.len().max(1);
        let mut paths = apps.flat_map(|index| KEYS.iter().map(move |key| path(key, Some(index))));
        paths.find(|path| path.to_string() == shown).map(|path| self.of(path))
    }

    /// Every effective value as valid TOML, with its origin as a comment. Keys are four stars each.
    pub fn describe(&self) -> String {
        let root = Table::try_from(&self.config).expect("every field is a number, a text, a list or a table of those");
        let mut text = String::new();
        for section in ["", "tls", "store", "timeouts"] {
            self.section(&mut text, section, None, below(&root, section));
        }
        let apps = root.get("app").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_table);
        for (index, app) in apps.enumerate() {
            self.section(&mut text, "app", Some(index), Some(app));
            self.section(&mut text, "app.limits", Some(index), below(app, "limits"));
        }
        text
    }

    fn of(&self, path: KeyPath) -> &Origin {
        self.origins.get(&path).unwrap_or(&Origin::Default)
    }

    fn section(&self, text: &mut String, section: &str, app: Option<usize>, table: Option<&Table>) {
        let Some(table) = table else { return text.push_str(&format!("\n# [{section}] is not set\n")) };
        text.push_str(&header(section));
        for key in KEYS.iter().filter(|key| section_of(key.name) == section) {
            let origin = self.of(path(key, app));
            let name = last_part(key.name);
            // Writing to a `String` cannot fail.
            let _ = match table.get(name) {
                Some(_) if key.name == "app.keys" && table.contains_key("keys_file") => Ok(()),
                Some(_) if key.name == "store.password" && table.contains_key("password_file") => Ok(()),
                Some(value) => writeln!(text, "{name} = {value} # {origin}"),
                None if key.name == "app.keys_file" => Ok(()),
                None => writeln!(text, "# {name} is not set"),
            };
        }
    }
}

fn header(section: &str) -> String {
    match section {
        "" => String::new(),
        "app" => "\n[[app]]\n".to_owned(),
        _ => format!("\n[{section}]\n"),
    }
}

fn below<'a>(table: &'a Table, section: &str) -> Option<&'a Table> {
    if section.is_empty() { Some(table) } else { table.get(section).and_then(Value::as_table) }
}

fn path(key: &Key, app: Option<usize>) -> KeyPath {
    KeyPath { app: app.filter(|_| key.name.starts_with("app.")), name: key.name }
}
