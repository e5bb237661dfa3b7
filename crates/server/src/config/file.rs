//! Reads the configuration file into settings. A value is kept with its line.

use std::path::Path;
use std::sync::Arc;

use pinfold_store::small_file;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use toml::Spanned;
use toml::Value;
use toml::de::{DeTable, DeValue};

use super::keys::{self, KeyPath, shown};
use super::settings::{Settings, unknown};
use super::{ConfigError, Origin, suggest};

/// Adds what the file sets to `settings`.
pub(super) fn read(path: &Path, settings: &mut Settings) -> Result<(), ConfigError> {
    let text = small_file::read_text(path)
        .map_err(|error| ConfigError::new(format!("cannot read the configuration file {}: {error}", path.display())))?;
    let mut reader = Reader { path: path.into(), text: &text, settings };
    match DeTable::parse(&text) {
        Ok(document) => reader.table("", None, document.into_inner()),
        // Only the message: the error's own `Display` repeats the line, which may hold a key.
        Err(error) => {
            let place = reader.origin(error.span().map_or(0, |span| span.start));
            Err(ConfigError::new(format!("the configuration is not valid TOML: {}", error.message())).at(&place))
        }
    }
}

struct Reader<'a> {
    path: Arc<Path>,
    text: &'a str,
    settings: &'a mut Settings,
}

impl Reader<'_> {
    fn table(&mut self, section: &str, app: Option<usize>, table: DeTable<'_>) -> Result<(), ConfigError> {
        self.settings.saw_section(section, app);
        for (key, value) in table {
            let name =
                if section.is_empty() { key.get_ref().to_string() } else { format!("{section}.{}", key.get_ref()) };
            // A dot inside a quoted key does not separate.
            let known = !key.get_ref().contains('.') && (keys::find(&name).is_some() || keys::is_section(&name));
            let origin = self.origin(key.span().start);
            if !known {
                let meant = suggest::nearest(&name).map(|meant| shown(meant, app));
                return Err(unknown(&shown(&name, app), meant, &origin));
            }
            self.entry(&name, app, value, origin)?;
        }
        Ok(())
    }

    fn entry(
        &mut self,
        name: &str,
        app: Option<usize>,
        value: Spanned<DeValue<'_>>,
        origin: Origin,
    ) -> Result<(), ConfigError> {
        match (keys::find(name), value.into_inner()) {
            (Some(key), value) => {
                let path = KeyPath { app, name: key.name };
                self.settings.set(path, plain(path, value, &origin)?, origin);
                Ok(())
            }
            (None, DeValue::Array(apps)) if name == "app" => {
                apps.into_iter().enumerate().try_for_each(|(index, app)| self.app(index, app.into_inner(), &origin))
            }
            (None, DeValue::Table(table)) if name != "app" => self.table(name, app, table),
            (None, _) => Err(no_section(name, app, &origin)),
        }
    }

    fn app(&mut self, index: usize, value: DeValue<'_>, origin: &Origin) -> Result<(), ConfigError> {
        let DeValue::Table(table) = value else { return Err(no_section("app", None, origin)) };
        self.table("app", Some(index), table)
    }

    fn origin(&self, byte: usize) -> Origin {
        let line = self.text.bytes().take(byte).filter(|byte| *byte == b'\n').count() + 1;
        Origin::File { path: self.path.clone(), line }
    }
}

/// The value without its place. Only a number that does not fit 64 bits fails.
fn plain(path: KeyPath, value: DeValue<'_>, origin: &Origin) -> Result<Value, ConfigError> {
    let value = Spanned::new(0..0, value);
    Value::deserialize(value.into_deserializer())
        .map_err(|_| ConfigError::new(format!("{path} holds a number that is too large")).at(origin))
}

fn no_section(name: &str, app: Option<usize>, origin: &Origin) -> ConfigError {
    let header = if name == "app" { "[[app]]".to_owned() } else { format!("[{name}]") };
    ConfigError::new(format!("{} is a table, not a value: write {header} and its keys below", shown(name, app)))
        .at(origin)
}
