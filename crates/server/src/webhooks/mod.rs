//! Webhooks: changes are sent to the backend of their app (docs/protocol.md, section 8).
//!
//! An [`Endpoint`] sends a [`Message`] once and says how that went. It knows no handler and no store.

mod connector;
mod endpoint;
mod error;
mod leasing;
mod message;
mod report;
mod targets;
mod test_request;
#[cfg(test)]
mod tests;
mod url;

pub(crate) use self::endpoint::Endpoint;
pub(crate) use self::error::DeliveryError;
pub(crate) use self::message::Message;
pub use self::report::{CourierReport, DownReport, FailingAccount, WAITING_MAX, WebhookReport, webhook_reports};
pub(crate) use self::targets::Target;
pub use self::targets::WebhookError;
pub use self::test_request::{TestReport, webhook_test};
pub use self::url::WebhookUrl;
