//! Reads `PINFOLD_…` variables into settings: a double underscore between levels, an index after `APP`.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};

use toml::Value;

use super::keys::{self, Key, KeyPath};
use super::kind::Shape;
use super::service_link::is_service_link;
use super::settings::{Settings, unknown};
use super::{ConfigError, Origin, suggest};

/// The `PINFOLD_` variables of this process.
pub fn variables() -> impl Iterator<Item = (String, OsString)> {
    std::env::vars_os().filter_map(|(name, value)| {
        // A name that is not UTF-8 becomes one that matches no key, and is refused.
        let name = name.to_string_lossy().into_owned();
        name.starts_with("PINFOLD_").then_some((name, value))
    })
}

/// Lays the variables over `settings`; those without the prefix are skipped.
pub(super) fn read(
    environment: impl Iterator<Item = (String, OsString)>,
    settings: &mut Settings,
) -> Result<(), ConfigError> {
    // Sorted, so that the same one of several mistakes is reported each time.
    for (variable, value) in environment.collect::<BTreeMap<_, _>>() {
        let Some(rest) = variable.strip_prefix("PINFOLD_") else { continue };
        match locate(rest) {
            Some((key, path)) => {
                let origin = Origin::Variable(variable.clone());
                let text = text(&value).map_err(|error| error.at(&origin))?;
                settings.set(path, self::value(key.shape, text), origin);
            }
            None if is_service_link(&variable, &value.to_string_lossy()) => settings.ignore(variable),
            None if is_of_another_reader(rest) => {}
            None => return Err(no_key(rest, &Origin::Variable(variable.clone()))),
        }
    }
    Ok(())
}

/// Variables of the command line, of `pinfold dev` and of tests.
fn is_of_another_reader(rest: &str) -> bool {
    ["CONFIG", "REQUIRE_POSTGRES"].contains(&rest) || rest.starts_with("TEST_") || rest.starts_with("DEV_")
}

/// The value without the white space that files of variables and command substitutions leave around it.
fn text(value: &OsStr) -> Result<&str, ConfigError> {
    value.to_str().map(str::trim).ok_or_else(|| ConfigError::new("the value of a variable is not UTF-8"))
}

/// The key a variable sets, of which `rest` is the name without the prefix.
fn locate(rest: &str) -> Option<(&'static Key, KeyPath)> {
    let (app, name) = match rest.strip_prefix("APP__") {
        None => (None, rest.to_owned()),
        Some(of_app) => {
            let (digits, rest) = of_app.split_once("__")?;
            let index = digits.parse::<usize>().ok().filter(|index| index.to_string() == digits)?;
            (Some(index), format!("APP__{rest}"))
        }
    };
    let key = keys::find(&name.replace("__", ".").to_lowercase())?;
    let path = KeyPath { app, name: key.name };
    // `PINFOLD_listen`, `PINFOLD_app__keys` and the like lead to a key, but are not its variable.
    (keys::variable(key.name, app) == format!("PINFOLD_{rest}")).then_some((key, path))
}

/// Reads a text the way its key wants it. A value that does not fit stays text and is refused later, with the key's words.
fn value(shape: Shape, text: &str) -> Value {
    let as_text = || Value::from(text);
    match shape {
        Shape::Text => as_text(),
        Shape::Number => text.parse::<i64>().map_or_else(|_| as_text(), Value::from),
        Shape::Flag => text.parse::<bool>().map_or_else(|_| as_text(), Value::from),
        Shape::List if text.starts_with('[') => text.parse().unwrap_or_else(|_| as_text()),
        // An IPv6 address begins with a bracket too.
        Shape::AddressList if text.starts_with('[') => text.parse().unwrap_or_else(|_| split(text)),
        Shape::List | Shape::AddressList => split(text),
    }
}

fn split(text: &str) -> Value {
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    Value::Array(items.map(Value::from).collect())
}

fn no_key(rest: &str, origin: &Origin) -> ConfigError {
    let index = rest.split('_').find_map(|part| part.parse().ok());
    let parts = rest.split("__").filter(|part| part.parse::<usize>().is_err());
    let name = parts.collect::<Vec<_>>().join(".").to_lowercase();
    let meant = suggest::nearest(&name).filter(|meant| keys::find(meant).is_some());
    unknown(&format!("PINFOLD_{rest}"), meant.map(|meant| keys::variable(meant, index)), origin)
}
