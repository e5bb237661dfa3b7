//! Reads `PINFOLD_…` variables into settings: a double underscore between levels, an index after `APP`.

use std::collections::BTreeMap;

use toml::Value;

use super::keys::{self, Key, KeyPath, Kind, Shape};
use super::settings::{Settings, refusal, unknown};
use super::{ConfigError, Origin, suggest};

/// The `PINFOLD_` variables of this process. A value that is no UTF-8 has its bad bytes replaced.
pub fn variables() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| {
        let name = name.into_string().ok().filter(|name| name.starts_with("PINFOLD_"))?;
        Some((name, value.to_string_lossy().into_owned()))
    })
}

/// Lays the variables over `settings`; those without the prefix are skipped.
pub(super) fn read(
    environment: impl Iterator<Item = (String, String)>,
    settings: &mut Settings,
) -> Result<(), ConfigError> {
    // Sorted, so that of several mistakes always the same one is reported.
    for (variable, text) in environment.collect::<BTreeMap<_, _>>() {
        if let Some(rest) = variable.strip_prefix("PINFOLD_").filter(|rest| !is_foreign(rest, &text)) {
            let origin = Origin::Variable(variable.clone());
            let Some((key, path)) = locate(rest) else { return Err(no_key(rest, &origin)) };
            let value = value(key, path, &text).map_err(|error| error.at(&origin))?;
            settings.set(path, value, origin);
        }
    }
    Ok(())
}

/// Variables that begin like ours and are none: of the command line, of tests, and those an orchestrator puts into
/// every container when a service is called pinfold (`PINFOLD_SERVICE_HOST`, `PINFOLD_PORT=tcp://…`).
fn is_foreign(rest: &str, text: &str) -> bool {
    let of_orchestrator = rest.starts_with("SERVICE_HOST")
        || rest.starts_with("SERVICE_PORT")
        || rest.starts_with("PORT_")
        || (rest == "PORT" && text.contains("://"));
    rest == "CONFIG" || rest == "BLESS" || rest == "REQUIRE_POSTGRES" || rest.starts_with("TEST_") || of_orchestrator
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

/// Reads a text the way its key wants it. What does not fit stays text and is refused later, with the key's words.
fn value(key: &Key, path: KeyPath, text: &str) -> Result<Value, ConfigError> {
    let as_text = || Value::from(text);
    Ok(match key.kind.shape() {
        Shape::Text => as_text(),
        Shape::Number => text.parse::<i64>().map_or_else(|_| as_text(), Value::from),
        Shape::Flag => text.parse::<bool>().map_or_else(|_| as_text(), Value::from),
        Shape::List if text.trim_start().starts_with('[') => match text.trim().parse() {
            Ok(list) => list,
            // An IPv6 address begins with a bracket too.
            Err(_) if matches!(key.kind, Kind::Addresses | Kind::AddressesOrNone) => split(text),
            Err(_) => return Err(refusal(key, path, None, &as_text())),
        },
        Shape::List => split(text),
    })
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
