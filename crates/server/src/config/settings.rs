//! Values that were set, with their origins, before they become a `Config`.

use std::collections::{BTreeMap, BTreeSet};

use toml::Value;

use super::keys::{Key, KeyPath, section_of};
use super::kind::{Quoted, Wrong};
use super::section::Section;
use super::{AppConfig, Config, ConfigError, Origin, TlsConfig, WebhookConfig};

/// A value that was set.
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
    /// The apps with a section `webhook`.
    webhooks: BTreeSet<usize>,
}

impl Settings {
    /// Sets a value; a later one wins.
    pub(super) fn set(&mut self, path: KeyPath, value: Value, origin: Origin) {
        self.saw_section(section_of(path.name), path.app);
        self.values.insert(path, Setting { value, origin });
    }

    /// Remembers a variable that was set and is ignored.
    pub(super) fn ignore(&mut self, variable: String) {
        self.ignored.push(variable);
    }

    /// Remembers that a section is there: even an empty one needs its required keys.
    pub(super) fn saw_section(&mut self, section: &str, app: Option<usize>) {
        self.apps = self.apps.max(app.map_or(0, |index| index.saturating_add(1)));
        self.tls |= section == "tls";
        self.webhooks.extend(app.filter(|_| section == "app.webhook"));
    }

    /// Where the value of a key comes from.
    pub(super) fn origin(&self, path: KeyPath) -> &Origin {
        self.values.get(&path).map_or(&Origin::Default, |setting| &setting.origin)
    }

    /// Fails on the first required key that was not set.
    pub(super) fn check_required(&self) -> Result<(), ConfigError> {
        let of_tls = ["tls.cert_file", "tls.key_file"].map(|name| KeyPath { app: None, name });
        let missing = |path: &KeyPath| !self.values.contains_key(path);
        if let Some(path) = of_tls.into_iter().find(|path| self.tls && missing(path)) {
            return Err(ConfigError::new(format!("{path} is missing; tls needs both cert_file and key_file")));
        }
        let mut of_apps = (0..self.apps).map(|index| KeyPath { app: Some(index), name: "app.sdkappid" });
        if let Some(path) = of_apps.find(missing) {
            return Err(ConfigError::new(format!(
                "{path} is missing; each app needs one, and apps are counted from 0 without gaps"
            )));
        }
        let mut of_webhooks = self.webhooks.iter().map(|index| KeyPath { app: Some(*index), name: "app.webhook.url" });
        match of_webhooks.find(missing) {
            Some(path) => Err(ConfigError::new(format!("{path} is missing; a webhook needs one"))),
            None => Ok(()),
        }
    }

    /// Reads the values into their types.
    pub(super) fn parse(&self) -> Result<Config, ConfigError> {
        let mut config: Config = self.section(None)?;
        config.tls = if self.tls { Some(self.section::<TlsConfig>(None)?) } else { None };
        config.store = self.section(None)?;
        config.timeouts = self.section(None)?;
        config.apps = (0..self.apps).map(|index| self.app(index)).collect::<Result<_, _>>()?;
        Ok(config)
    }

    fn app(&self, index: usize) -> Result<AppConfig, ConfigError> {
        let limits = self.section(Some(index))?;
        let has_webhook = self.webhooks.contains(&index);
        let webhook = if has_webhook { Some(self.section::<WebhookConfig>(Some(index))?) } else { None };
        Ok(AppConfig { limits, webhook, ..self.section(Some(index))? })
    }

    /// The defaults of a section, and over them what was set.
    fn section<S: Section>(&self, app: Option<usize>) -> Result<S, ConfigError> {
        let mut section = S::defaults();
        for field in S::FIELDS {
            let path = KeyPath { app, name: field.key.name };
            if let Some(Setting { value, origin }) = self.values.get(&path) {
                let refuse = |wrong| refusal(&field.key, path, wrong, value).at(origin);
                (field.read)(&mut section, value).map_err(refuse)?;
            }
        }
        Ok(section)
    }

    /// Forgets the values, secrets among them, and keeps where they came from, and which variables were ignored.
    pub(super) fn into_origins(self) -> (BTreeMap<KeyPath, Origin>, Vec<String>) {
        let origins = self.values.into_iter().map(|(path, setting)| (path, setting.origin)).collect();
        (origins, self.ignored)
    }
}

/// "`app[0].limits.pins_max = -1` is not allowed; allowed is …", with the reason where `allowed` does not explain it.
fn refusal(key: &Key, path: KeyPath, wrong: Wrong, value: &Value) -> ConfigError {
    let item = wrong.element.and_then(|index| value.get(index));
    let index = wrong.element.map(|index| format!("[{index}]")).unwrap_or_default();
    let value = item.unwrap_or(value);
    let why = value.as_str().and_then(key.reason).map(|why| format!(": {why}")).unwrap_or_default();
    let value = shown(key.quoted, value).map(|text| format!(" = {text}")).unwrap_or_default();
    ConfigError::new(format!("{path}{index}{value} is not allowed{why}; allowed is {}", key.allowed))
}

/// The value for a message; a long text is cut.
fn shown(quoted: Quoted, value: &Value) -> Option<String> {
    const CHARACTERS_MAX: usize = 80;
    let text = match (quoted, value) {
        (Quoted::Nothing, _) => return None,
        (Quoted::Scheme, Value::String(url)) if url.contains("://") => {
            Value::from(format!("{}://…", url.split(':').next().unwrap_or_default())).to_string()
        }
        (Quoted::Scheme | Quoted::Value, _) => value.to_string(),
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
        let shown = |url: &str| shown(Quoted::Scheme, &Value::from(url)).unwrap();
        assert_eq!(shown("postgres://user:password@host/db"), r#""postgres://…""#);
        assert_eq!(shown("data"), r#""data""#);
    }

    #[test]
    fn a_long_value_is_cut() {
        let text = shown(Quoted::Value, &Value::from("é".repeat(100))).unwrap();
        assert_eq!(text.chars().count(), 81);
    }
}
