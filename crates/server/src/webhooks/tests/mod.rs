//! An endpoint, and couriers, against receivers that answer in every way.

use std::time::Duration;

use bytes::Bytes;
use pinfold_core::{AppId, WebhookCommand};

use self::receiver::{Receiver, Step};
use super::*;
use crate::config::Secret;

mod answers;
mod connections;
#[path = "../../../tests/support/receiver.rs"]
mod receiver;
mod sending;
mod test_requests;
mod tls;

const TOKEN: &str = "geheim-token-for-tests";
const NOW: u64 = 1_750_000_000;
const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
/// For outcomes that do not come by time.
const LONG: Duration = Duration::from_secs(60);
/// For outcomes that come by time.
const SHORT: Duration = Duration::from_millis(200);

fn endpoint(url: &str, timeout: Duration) -> Endpoint {
    let (url, token) = (WebhookUrl::parse(url).unwrap(), Secret::new(TOKEN).unwrap());
    Endpoint::with_timeout(AppId(7), url, token, &[], timeout).unwrap()
}

fn message(revision: u32) -> Message {
    Message {
        command: WebhookCommand::ContactMark,
        id: format!("7-alice-0000000000000001-{revision}-ContactMark"),
        body: Bytes::from_static(br#"{"Secret":"body"}"#),
    }
}

/// Sends a message to a receiver that does this with it.
async fn send(step: Step, timeout: Duration) -> Result<u16, DeliveryError> {
    let receiver = Receiver::start([step]).await;
    let outcome = endpoint(&receiver.url(), timeout).send(&message(1), NOW).await;
    outcome.inspect_err(assert_holds_no_secret)
}

/// The error of a message that a receiver answers so.
async fn refused(answer: &'static str) -> DeliveryError {
    send(Step::Answer(answer.into()), LONG).await.unwrap_err()
}

fn assert_holds_no_secret(error: &DeliveryError) {
    let text = format!("{error} {error:?}");
    for secret in [TOKEN, "Secret", "Sign=", "SdkAppid", "/hook", "elsewhere"] {
        assert!(!text.contains(secret), "{text}");
    }
}
