//! Webhooks: changes are sent to the backend of their app (docs/protocol.md, section 8).
//!
//! An [`Endpoint`] sends a [`Message`] once and says how that went. It knows no handler and no store.

mod connector;
mod endpoint;
mod error;
mod message;
mod report;
#[cfg(test)]
mod tests;
mod url;

pub(crate) use self::endpoint::Endpoint;
pub(crate) use self::error::DeliveryError;
pub(crate) use self::message::Message;
pub use self::report::{CourierReport, DownReport, FailingAccount, WebhookReport};
pub use self::url::WebhookUrl;
