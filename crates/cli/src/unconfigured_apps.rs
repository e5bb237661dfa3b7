//! Warns of apps whose data the store keeps and that the configuration does not have.

use std::collections::BTreeSet;

use pinfold_core::AppId;
use pinfold_server::config::Config;
use pinfold_store::{KeptOfApp, Store, apps_besides};

/// Apps that are told of, one line each; fewer than the log lets through of one kind.
const APPS_MAX: usize = 8;
/// Accounts of each that are counted: a start must not go through a million of them.
const ACCOUNTS_MAX: usize = 1000;

/// Looks for them in a task of its own, beside the start.
pub(crate) fn warn_in_background(store: &Store, config: &Config) {
    let (store, configured) = (store.clone(), config.apps.iter().map(|app| app.sdkappid).collect());
    tokio::spawn(async move { warn(&store, &configured).await });
}

/// Warns of each app that the store keeps something for and that is not among these. Costs a look for each app of the
/// store and [`ACCOUNTS_MAX`] for each one that is told.
async fn warn(store: &Store, configured: &BTreeSet<AppId>) {
    match apps_besides(store.backend(), configured, APPS_MAX, ACCOUNTS_MAX).await {
        Ok(apps) => apps.iter().for_each(warn_of),
        // A failure of the store is reported by the calls that need it.
        Err(error) => tracing::debug!(cause = %error, "apps that are not configured were not looked for"),
    }
}

fn warn_of(kept: &KeptOfApp) {
    let KeptOfApp { app, accounts, chat_groups } = *kept;
    let at_least = if accounts == ACCOUNTS_MAX as u64 { " or more" } else { "" };
    tracing::warn!(
        app = app.0,
        accounts = format!("{accounts}{at_least}"),
        chat_groups,
        "the store has data of an app that is not configured; pinfold drop-app removes it"
    );
}
