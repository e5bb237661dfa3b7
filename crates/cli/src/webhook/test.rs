//! `pinfold webhook test`.

use std::process::ExitCode;

use clap::Args;
use pinfold_server::{TestReport, webhook_test};

use super::Common;
use super::text::plain;
use crate::failure::Failure;
use crate::{admin_plane, output};

/// Sends a test request to the receiver of an app from here, and says what it answered
///
/// The request is signed as any other. It has an empty list of events and the revision 0, so that a receiver has nothing
/// to apply. It is sent once, by this process: neither a server nor the store is asked, and a pause does not hold it
/// back. The exit code is 0 if the receiver took it, otherwise 1 with the reason.
#[derive(Args)]
#[command(after_help = "\
Example:
  pinfold webhook test --config pinfold.toml
prints
  app 1400000001: chat.example.com took the test request: 200 in 12 ms
or
  pinfold: app 1400000001: the test request was not taken: chat.example.com answered with HTTP status 500")]
pub(crate) struct Arguments {
    #[command(flatten)]
    common: Common,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let config = arguments.common.config.load()?.config;
    let app = arguments.common.choose(&config.apps)?;
    let report = admin_plane::block_on(async { Ok(webhook_test(app).await?) })?;
    if arguments.common.json {
        output::print(&format!("{}\n", serde_json::to_string(&report)?))?;
        return Ok(if report.taken { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    output::print(&sentence(&report)?)?;
    Ok(ExitCode::SUCCESS)
}

/// What is told of a request that was taken.
fn sentence(report: &TestReport) -> Result<String, Failure> {
    let TestReport { app, host, taken, status, took_ms, reason } = report;
    if !taken {
        let reason = reason.as_deref().unwrap_or("for no reason that is known");
        return Err(Failure::new(format!("app {app}: the test request was not taken: {}", plain(reason))));
    }
    let status = status.map(|status| format!("{status} ")).unwrap_or_default();
    Ok(format!("app {app}: {} took the test request: {status}in {took_ms} ms\n", plain(host)))
}
