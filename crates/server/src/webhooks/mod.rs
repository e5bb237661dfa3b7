//! Webhooks: changes are sent to the backend of their app.

mod report;

pub use self::report::{CourierReport, DownReport, FailingAccount, WebhookReport};
