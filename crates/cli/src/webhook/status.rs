//! `pinfold webhook status`.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;
use hyper::Method;
use pinfold_core::AppId;
use pinfold_server::config::{Config, StoreUrl};
use pinfold_server::{WEBHOOKS_PATH, WebhookReport, webhook_reports};
use pinfold_store::Store;

use super::{Common, ids, reach, text};
use crate::data::{load_quietly, with_store_to_read};
use crate::failure::Failure;
use crate::output;

/// Says of each app with a webhook whether it is sending, and what waits
///
/// Asks the server that has the store open, or looks into the store where none has. Over a database it looks into that:
/// whether a receiver is down, each server says in its log and its metrics. Nothing is changed. The exit code is 0
/// also if a receiver is down.
#[derive(Args)]
#[command(after_help = "\
Example:
  pinfold webhook status --config pinfold.toml
prints
  app 1400000001  chat.example.com  down since 2026-05-01 02:14:07Z (46 min)
    because   no connection to chat.example.com: Connection refused (os error 111)
    next try  in 21 s
    waiting   5120 changes of 311 accounts, the oldest since 2026-05-01 02:14:07Z (46 min)
    so far    88213 requests taken, 20 failed, 0 changes without content
What each line means: docs/operate/monitor.md, \"Webhooks\"")]
pub(crate) struct Arguments {
    #[command(flatten)]
    common: Common,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let common = &arguments.common;
    let config = load_quietly(&common.config)?.config;
    if common.app.is_some() {
        common.choose(&config.apps)?;
    }
    let reports = match reach::server(&config.store, &Method::GET, WEBHOOKS_PATH)? {
        Some(body) => serde_json::from_slice(&body)?,
        None => kept(&config)?,
    };
    let is_meant = |report: &WebhookReport| common.app.is_none_or(|app| app == report.app);
    let reports: Vec<_> = reports.into_iter().filter(is_meant).collect();
    if reports.is_empty() {
        let which = common.app.map_or_else(|| ids(&config.apps), |app| app.to_string());
        output::print_error(&format!("pinfold: app {which}: there is no webhook, and nothing is paused"));
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    for report in &reports {
        output::print(&if common.json { json(report)? } else { text::of_report(report, now as u64, place(&config)) })?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What the store knows.
fn kept(config: &Config) -> Result<Vec<WebhookReport>, Failure> {
    let hosts = config.apps.iter().filter_map(|app| {
        let url = app.webhook.as_ref()?.url.as_ref()?;
        Some((app.sdkappid, url.host().to_owned()))
    });
    let hosts: BTreeMap<AppId, String> = hosts.collect();
    with_store_to_read(&config.store, async |store: &Store| Ok(webhook_reports(store, &hosts).await?))
}

/// Why nothing is told of a server.
fn place(config: &Config) -> &'static str {
    match config.store.url {
        StoreUrl::Postgres(_) => "this is what the database holds; each server tells the rest in its log and metrics",
        StoreUrl::File(_) | StoreUrl::Memory => "no server runs here; this is what the store holds",
    }
}

fn json(report: &WebhookReport) -> Result<String, Failure> {
    Ok(format!("{}\n", serde_json::to_string(report)?))
}
