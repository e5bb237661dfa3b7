//! What was set and where, before it is a `Config`.

use std::collections::BTreeMap;

use serde_path_to_error::{Path, Segment};
use toml::{Table, Value};

use super::keys::{self, Key, KeyPath, Kind, section_of};
use super::{Config, ConfigError, Origin, StoreUrl, addresses, characters, paths};

/// A value somebody set.
struct Setting {
    value: Value,
    origin: Origin,
}

/// Everything that was set, by key.
#[derive(Default)]
pub(super) struct Settings {
    values: BTreeMap<KeyPath, Setting>,
    ignored: Vec<String>,
    apps: usize,
    tls: bool,
}

impl Settings {
    /// Sets a value; a later one wins.
    pub(super) fn set(&mut self, path: KeyPath, value: Value, origin: Origin) {
        self.saw_section(section_of(path.name), path.app);
        self.values.insert(path, Setting { value, origin });
    }

    /// Remembers a variable that was set and means nothing here.
    pub(super) fn ignore(&mut self, variable: String) {
        self.ignored.push(variable);
    }

    /// Remembers that a section is there, because even an empty one demands its required keys.
    pub(super) fn saw_section(&mut self, section: &str, app: Option<usize>) {
        self.apps = self.apps.max(app.map_or(0, |index| index.saturating_add(1)));
        self.tls |= section == "tls";
    }

    /// Where the value of a key comes from.
    pub(super) fn origin(&self, path: KeyPath) -> &Origin {
        self.values.get(&path).map_or(&Origin::Default, |setting| &setting.origin)
    }

    /// The first required key that was not set is an error.
    pub(super) fn check_required(&self) -> Result<(), ConfigError> {
        let of_tls = ["tls.cert_file", "tls.key_file"].map(|name| KeyPath { app: None, name });
        let missing = |path: &KeyPath| !self.values.contains_key(path);
        if let Some(path) = of_tls.into_iter().find(|path| self.tls && missing(path)) {
            return Err(ConfigError::new(format!("{path} is missing; tls needs both cert_file and key_file")));
        }
        let mut of_apps = (0..self.apps).map(|index| KeyPath { app: Some(index), name: "app.sdkappid" });
        match of_apps.find(missing) {
            Some(path) => Err(ConfigError::new(format!(
                "{path} is missing; each app needs one, and apps are counted from 0 without gaps"
            ))),
            None => Ok(()),
        }
    }

    /// Reads the values into their types.
    pub(super) fn parse(&self) -> Result<Config, ConfigError> {
        serde_path_to_error::deserialize(Value::Table(self.tree())).map_err(|error| self.refuse(error.path()))
    }

    /// The values as one TOML document; the index of an app is its place in the array.
    fn tree(&self) -> Table {
        let mut root = Table::new();
        let mut apps = vec![Table::new(); self.apps];
        for (path, setting) in &self.values {
            let (table, name) = match (path.app, path.name.strip_prefix("app.")) {
                (Some(index), Some(rest)) => (&mut apps[index], rest),
                _ => (&mut root, path.name),
            };
            put(table, name, setting.value.clone());
        }
        root.insert("app".to_owned(), apps.into());
        root
    }

    /// Forgets the values, secrets among them, and keeps where they came from, and which variables were ignored.
    pub(super) fn into_origins(self) -> (BTreeMap<KeyPath, Origin>, Vec<String>) {
        let origins = self.values.into_iter().map(|(path, setting)| (path, setting.origin)).collect();
        (origins, self.ignored)
    }

    fn refuse(&self, path: &Path) -> ConfigError {
        let (place, element) = locate(path);
        match place.and_then(|(key, path)| Some((key, path, self.values.get(&path)?))) {
            Some((key, path, setting)) => refusal(key, path, element, &setting.value).at(&setting.origin),
            None => ConfigError::new(format!("{path} cannot be read")),
        }
    }
}

fn put(table: &mut Table, name: &str, value: Value) {
    match name.split_once('.') {
        None => drop(table.insert(name.to_owned(), value)),
        Some((section, rest)) => {
            let below = table.entry(section).or_insert_with(|| Table::new().into());
            if let Value::Table(below) = below {
                put(below, rest, value);
            }
        }
    }
}

/// Finds the key a reader stumbled over, and the element if its value is a list.
fn locate(path: &Path) -> (Option<(&'static Key, KeyPath)>, Option<usize>) {
    let (mut name, mut app, mut element) = (String::new(), None, None);
    for segment in path {
        match segment {
            Segment::Map { key } if name.is_empty() => name.clone_from(key),
            Segment::Map { key } => name = format!("{name}.{key}"),
            Segment::Seq { index } if name == "app" => app = Some(*index),
            Segment::Seq { index } => element = Some(*index),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    (keys::find(&name).map(|key| (key, KeyPath { app, name: key.name })), element)
}

/// "`app[0].limits.pins_max = -1` is not allowed; allowed is …", with the reason where the kind alone tells none.
pub(super) fn refusal(key: &Key, path: KeyPath, element: Option<usize>, value: &Value) -> ConfigError {
    let item = element.and_then(|index| value.get(index));
    let index = element.filter(|_| item.is_some()).map(|index| format!("[{index}]")).unwrap_or_default();
    let value = item.unwrap_or(value);
    let why = value.as_str().and_then(|text| reason(key.kind, text)).map(|why| format!(": {why}")).unwrap_or_default();
    let value = shown(key.kind, value).map(|text| format!(" = {text}")).unwrap_or_default();
    ConfigError::new(format!("{path}{index}{value} is not allowed{why}; allowed is {}", key.kind.allowed()))
}

/// What is wrong with a text of a kind, for mistakes that the list of what is allowed does not explain. Of secrets and
/// URLs it repeats nothing.
fn reason(kind: Kind, text: &str) -> Option<String> {
    match kind {
        Kind::Secrets => characters::wrong_in_key(text),
        Kind::AccountIds => characters::wrong_in_account_id(text),
        Kind::Addresses | Kind::AddressesOrNone | Kind::AddressOrNone => addresses::mistake(text),
        Kind::Path => paths::unexpanded(text).map(str::to_owned),
        Kind::StoreUrl => text.parse::<StoreUrl>().err(),
        Kind::CollectorOrNone
        | Kind::LogFilter
        | Kind::LogFormat
        | Kind::Count
        | Kind::CountOrZero
        | Kind::Flag
        | Kind::Edition
        | Kind::Registration
        | Kind::Password
        | Kind::Ranges => None,
    }
}

/// The value for a message: nothing of a secret, of a URL no more than its scheme, of a long text its begin.
fn shown(kind: Kind, value: &Value) -> Option<String> {
    const CHARACTERS_MAX: usize = 80;
    let text = match (kind, value) {
        (Kind::Secrets | Kind::Password, _) => return None,
        (Kind::StoreUrl | Kind::CollectorOrNone, Value::String(url)) if url.contains("://") => {
            Value::from(format!("{}://…", url.split(':').next().unwrap_or_default())).to_string()
        }
        _ => value.to_string(),
    };
    match text.char_indices().nth(CHARACTERS_MAX) {
        Some((end, _)) => Some(format!("{}…", &text[..end])),
        None => Some(text),
    }
}

/// The error for a name that is not a key; `path` and `meant` are written the way the operator wrote them.
pub(super) fn unknown(path: &str, meant: Option<String>, origin: &Origin) -> ConfigError {
    let hint = meant.map(|meant| format!("; did you mean {meant}?")).unwrap_or_default();
    ConfigError::new(format!("unknown key {path}{hint}")).at(origin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_store_url_no_more_than_the_scheme_is_shown() {
        let shown = |url: &str| shown(Kind::StoreUrl, &Value::from(url)).unwrap();
        assert_eq!(shown("postgres://user:password@host/db"), r#""postgres://…""#);
        assert_eq!(shown("data"), r#""data""#);
    }

    #[test]
    fn a_long_value_is_cut() {
        let text = shown(Kind::LogFilter, &Value::from("é".repeat(100))).unwrap();
        assert_eq!(text.chars().count(), 81);
    }
}
