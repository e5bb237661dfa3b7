//! Webhooks: changes are sent to the backend of their app (docs/protocol.md, section 8).
//!
//! A commit leaves a change in the store that waits to be sent (`pinfold_store::Outbox`). Each app with a webhook has a
//! [`Courier`](courier::Courier). It is told of commits by [`Notices`] and asks the store for the rest, has workers send what
//! waits, each account's changes in their order, and has what was sent removed from the store. An [`Endpoint`] sends a
//! [`Message`] once and says how that went. Nothing here knows a command of a caller.

mod backlog;
mod connector;
mod control;
mod courier;
mod couriers;
mod dispatch;
mod endpoint;
mod error;
mod leasing;
mod look;
mod message;
mod notices;
mod pace;
mod queue;
mod receiver;
mod remover;
mod report;
mod run;
mod scan;
mod status;
mod targets;
mod test_request;
#[cfg(test)]
mod tests;
mod url;
mod worker;

pub use self::control::WebhookControl;
pub(crate) use self::couriers::Webhooks;
pub(crate) use self::endpoint::Endpoint;
pub(crate) use self::error::DeliveryError;
pub(crate) use self::message::Message;
pub(crate) use self::notices::Notices;
pub(crate) use self::pace::Pace;
pub use self::report::{CourierReport, DownReport, FailingAccount, WAITING_MAX, WebhookReport, webhook_reports};
pub use self::targets::{WebhookError, check_webhooks};
pub use self::test_request::{TestReport, webhook_test};
pub use self::url::WebhookUrl;
