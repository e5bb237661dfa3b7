//! `pinfold webhook pause` and `resume`.

use std::process::ExitCode;

use clap::Args;
use hyper::Method;
use pinfold_core::AppId;
use pinfold_server::config::{AppConfig, StoreConfig, StoreUrl};
use pinfold_server::{PAUSE_WEBHOOK_PATH, RESUME_WEBHOOK_PATH};
use pinfold_store::Store;

use super::{Common, reach};
use crate::data::{load_quietly, with_store};
use crate::failure::Failure;
use crate::output;

/// Stops sending the changes of an app to its backend until they are resumed
///
/// What is on its way ends within 5 s; nothing else is sent. Changes wait in the store and are sent after "resume", each
/// one as long as app.history_days allows: a pause does not stop that clock. The pause is kept in the store, so it
/// survives restarts and holds for every server of a database, which follow within 2 s. A store that is not served can
/// be paused too: do that with a copy of a data directory before its first start, or it sends what the original sends.
/// Pausing twice is no error.
#[derive(Args)]
#[command(after_help = "\
Examples:
  pinfold webhook pause --config pinfold.toml
  pinfold webhook pause --config pinfold.toml --app 1400000001
prints
  app 1400000001: paused; changes wait until \"pinfold webhook resume\", each for at most 7 days")]
pub(crate) struct PauseArguments {
    #[command(flatten)]
    common: Common,
}

/// Sends the changes of an app to its backend again, those that wait first
///
/// A server begins at once, over a database within 2 s. If none runs, the next one that starts does. The order of each
/// account is kept. Resuming what is not paused is no error.
#[derive(Args)]
#[command(after_help = "\
Examples:
  pinfold webhook resume --config pinfold.toml
  pinfold webhook resume --config pinfold.toml --app 1400000001
prints
  app 1400000001: resumed; what waits is sent by the server")]
pub(crate) struct ResumeArguments {
    #[command(flatten)]
    common: Common,
}

pub(crate) fn pause(arguments: &PauseArguments) -> Result<ExitCode, Failure> {
    set(&arguments.common, true)
}

pub(crate) fn resume(arguments: &ResumeArguments) -> Result<ExitCode, Failure> {
    set(&arguments.common, false)
}

fn set(common: &Common, paused: bool) -> Result<ExitCode, Failure> {
    let config = load_quietly(&common.config)?.config;
    let app = common.choose(&config.apps)?;
    let path = if paused { PAUSE_WEBHOOK_PATH } else { RESUME_WEBHOOK_PATH };
    let path = format!("{path}?app={}", app.sdkappid.0);
    let is_served = reach::server(&config.store, &Method::POST, &path)?.is_some();
    if !is_served {
        note(&config.store, app.sdkappid, paused)?;
    }
    let line = if common.json {
        format!(r#"{{"app":{},"paused":{paused}}}"#, app.sdkappid.0)
    } else {
        sentence(app, paused, is_served || matches!(config.store.url, StoreUrl::Postgres(_)))
    };
    output::print(&format!("{line}\n"))?;
    Ok(ExitCode::SUCCESS)
}

/// Notes it in the store.
fn note(store: &StoreConfig, app: AppId, paused: bool) -> Result<(), Failure> {
    // A pause upgrades no tables under servers that run.
    let store = StoreConfig { migrate: false, ..store.clone() };
    with_store(&store, async |store: &Store| Ok(store.backend().set_paused(app, paused).await?))
}

fn sentence(app: &AppConfig, paused: bool, is_served: bool) -> String {
    let (id, days) = (app.sdkappid.0, app.history_days);
    let done = match (paused, is_served) {
        (true, _) => format!("paused; changes wait until \"pinfold webhook resume\", each for at most {days} days"),
        (false, true) => "resumed; what waits is sent by the server".to_owned(),
        (false, false) => "resumed; no server runs here, and the next one that starts sends what waits".to_owned(),
    };
    let lack = if app.webhook.is_some() { "" } else { ". This configuration has no webhook for it" };
    format!("app {id}: {done}{lack}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_says_how_long_changes_wait_and_that_the_app_has_no_webhook() {
        let app = AppConfig::new(AppId(7), Vec::new());
        let expected = "app 7: paused; changes wait until \"pinfold webhook resume\", each for at most 7 days. This \
                        configuration has no webhook for it";
        assert_eq!(sentence(&app, true, true), expected);
    }
}
