//! A test request: whether the receiver of an app takes what is sent to it.

use std::time::Instant;

use pinfold_core::{TimeMs, WebhookCommand};
use serde::Serialize;

use super::targets::{Target, WebhookError};
use super::{DeliveryError, Message};
use crate::clock::system_clock;
use crate::config::AppConfig;

/// What became of a test request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TestReport {
    /// The app.
    pub app: u32,
    /// The host of the URL, with its port if it names one.
    pub host: String,
    /// Whether the receiver took it.
    pub taken: bool,
    /// The HTTP status of the answer, if there was one that counts.
    pub status: Option<u16>,
    /// How long that took, in milliseconds.
    pub took_ms: u64,
    /// Why it was not taken, as a sentence without secrets.
    pub reason: Option<String>,
}

/// Sends a test request to the receiver of an app: signed like any other, with the first of its events and nothing to
/// apply (`"Event":[]`, `"Revision":0`). Needs neither a server nor a store.
///
/// # Errors
/// [`WebhookError`] if the app has no webhook or it cannot be used as it is configured.
pub async fn webhook_test(app: &AppConfig) -> Result<TestReport, WebhookError> {
    let target = Target::prepare(app, None)?.ok_or_else(|| WebhookError::new(app, "it has no [app.webhook]"))?;
    let wanted = WebhookCommand::ALL.into_iter().find(|command| target.commands.contains(*command));
    let command = wanted.ok_or_else(|| WebhookError::new(app, "its events are empty"))?;
    let (clock, begin) = (system_clock(), Instant::now());
    let message = Message::test(app.sdkappid, command, TimeMs(clock.ms()));
    let outcome = target.endpoint.send(&message, clock.seconds()).await;
    let status = match &outcome {
        Ok(status) | Err(DeliveryError::Redirect { status, .. } | DeliveryError::Status { status, .. }) => {
            Some(*status)
        }
        Err(_) => None,
    };
    Ok(TestReport {
        app: app.sdkappid.0,
        host: target.endpoint.host().to_owned(),
        taken: outcome.is_ok(),
        status,
        took_ms: u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX),
        reason: outcome.err().map(|error| error.to_string()),
    })
}
