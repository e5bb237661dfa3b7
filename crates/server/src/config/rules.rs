//! Rules between keys.

use super::keys::KeyPath;
use super::settings::Settings;
use super::{AppConfig, Config, ConfigError, addresses};

/// The first broken rule is an error.
pub(super) fn check(config: &Config, settings: &Settings) -> Result<(), ConfigError> {
    if config.apps.is_empty() {
        return Err(ConfigError::new(
            "no app is configured; add [[app]] with sdkappid and keys, \
             or set PINFOLD_APP__0__SDKAPPID and PINFOLD_APP__0__KEYS",
        ));
    }
    addresses::check(config, settings)?;
    one_source_of_the_password(config, settings)?;
    proxies(config, settings)?;
    room_for_a_body(config, settings)?;
    for (index, app) in config.apps.iter().enumerate() {
        unique(&config.apps, index, settings)?;
        one_source_of_keys(app, index, settings)?;
        one_source_of_the_token(app, index, settings)?;
        webhook(app, index, settings)?;
    }
    Ok(())
}

fn one_source_of_the_password(config: &Config, settings: &Settings) -> Result<(), ConfigError> {
    let origin = |name| settings.origin(KeyPath { app: None, name });
    if config.store.password.is_some() && config.store.password_file.is_some() {
        return Err(ConfigError::new(format!(
            "the store has both password ({}) and password_file ({}); give one of them",
            origin("store.password"),
            origin("store.password_file")
        )));
    }
    Ok(())
}

fn room_for_a_body(config: &Config, settings: &Settings) -> Result<(), ConfigError> {
    if u64::from(config.body_bytes_max) > u64::from(config.calls_mib_max) << 20 {
        let path = KeyPath { app: None, name: "calls_mib_max" };
        return Err(ConfigError::new(format!(
            "calls_mib_max = {} leaves no room for a body of body_bytes_max = {}",
            config.calls_mib_max, config.body_bytes_max
        ))
        .at(settings.origin(path)));
    }
    Ok(())
}

fn proxies(config: &Config, settings: &Settings) -> Result<(), ConfigError> {
    let path = KeyPath { app: None, name: "proxy_protocol" };
    let refuse = |sentence| Err(ConfigError::new(sentence).at(settings.origin(path)));
    if let Some(address) = config.proxy_protocol.iter().find(|address| !config.listen.contains(address)) {
        return refuse(format!("proxy_protocol has {address}, which is not an address of listen"));
    }
    if !config.proxy_protocol.is_empty() && config.trusted_proxies.is_empty() {
        return refuse("proxy_protocol needs trusted_proxies: only they may say who is calling".to_owned());
    }
    Ok(())
}

fn unique(apps: &[AppConfig], index: usize, settings: &Settings) -> Result<(), ConfigError> {
    let path = KeyPath { app: Some(index), name: "app.sdkappid" };
    let id = apps[index].sdkappid;
    match apps[..index].iter().position(|other| other.sdkappid == id) {
        Some(first) => {
            Err(ConfigError::new(format!("{path} = {} is the id of app[{first}] already", id.0))
                .at(settings.origin(path)))
        }
        None => Ok(()),
    }
}

fn one_source_of_keys(app: &AppConfig, index: usize, settings: &Settings) -> Result<(), ConfigError> {
    let origin = |name| settings.origin(KeyPath { app: Some(index), name });
    let id = app.sdkappid.0;
    match (app.keys.is_empty(), app.keys_file.is_some()) {
        (true, false) => {
            Err(ConfigError::new(format!("app[{index}], sdkappid {id}, has no key; give it keys or keys_file")))
        }
        (false, true) => Err(ConfigError::new(format!(
            "app[{index}], sdkappid {id}, has both keys ({}) and keys_file ({}); give one of them",
            origin("app.keys"),
            origin("app.keys_file")
        ))),
        (true, true) | (false, false) => Ok(()),
    }
}

fn one_source_of_the_token(app: &AppConfig, index: usize, settings: &Settings) -> Result<(), ConfigError> {
    let origin = |name| settings.origin(KeyPath { app: Some(index), name });
    if app.callback_token.is_some() && app.callback_token_file.is_some() {
        return Err(ConfigError::new(format!(
            "app[{index}], sdkappid {}, has both callback_token ({}) and callback_token_file ({}); give one of them",
            app.sdkappid.0,
            origin("app.callback_token"),
            origin("app.callback_token_file")
        )));
    }
    Ok(())
}

fn webhook(app: &AppConfig, index: usize, settings: &Settings) -> Result<(), ConfigError> {
    let Some(webhook) = &app.webhook else { return Ok(()) };
    let path = |name| KeyPath { app: Some(index), name };
    let origin = |name| settings.origin(path(name));
    let id = app.sdkappid.0;
    if app.history_days == 0 {
        let (history_days, webhook) = (path("app.history_days"), path("app.webhook"));
        let sentence = format!("{webhook} needs {history_days} > 0: changes are sent from the history");
        return Err(ConfigError::new(sentence).at(settings.origin(history_days)));
    }
    match (webhook.token.is_some(), webhook.token_file.is_some()) {
        (false, false) => Err(ConfigError::new(format!(
            "app[{index}].webhook, sdkappid {id}, has no token; give it token or token_file"
        ))),
        (true, true) => Err(ConfigError::new(format!(
            "app[{index}].webhook, sdkappid {id}, has both token ({}) and token_file ({}); give one of them",
            origin("app.webhook.token"),
            origin("app.webhook.token_file")
        ))),
        (true, false) | (false, true) => Ok(()),
    }
}
