//! Webhook requests, as a receiver sees and verifies them.

use std::time::SystemTime;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderName};
use pinfold_wire::pinfold::change::Event;
use pinfold_wire::recent_contact::ConversationEcho;
use pinfold_wire::webhook::{self, Body, COMMAND_PREFIX, MessageId};
use standardwebhooks::{Webhook, WebhookError};

/// Not a text of base64, and with a letter that is two bytes.
const TOKEN: &str = "ein-schlüssel-für-tests";

fn now() -> u64 {
    SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs()
}

fn marked() -> Body {
    let event = Event::MarkChanged {
        contact_item: ConversationEcho::one_to_one("bob"),
        old_standard_mark: "".into(),
        standard_mark: "1".into(),
        old_custom_mark: "".into(),
        custom_mark: "vip".into(),
    };
    Body {
        callback_command: format!("{COMMAND_PREFIX}ContactMark").into(),
        from_account: "al.ice é".into(),
        event_time: 1_750_000_000_123,
        revision: 12,
        caller: "administrator".into(),
        via: "call".into(),
        event: vec![event],
    }
}

/// The body of [`marked`] and the headers of an attempt.
fn attempt(at: u64) -> (Vec<u8>, HeaderMap) {
    let body = serde_json::to_vec(&marked()).unwrap();
    let id = MessageId { app: 7, account: "al.ice é", life: 1, revision: 12, command: "ContactMark" };
    let headers = webhook::headers(TOKEN, &id.to_string(), &body, at);
    let headers = headers.into_iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()));
    (body, headers.collect())
}

/// The library's receiver, with the secret in the form that the specification gives it.
fn receiver(token: &str) -> Webhook {
    Webhook::new(&format!("whsec_{}", STANDARD.encode(token))).unwrap()
}

#[test]
fn a_body_is_written_as_described() {
    let sample = r#"{"CallbackCommand":"RecentContact.CallbackAfterContactMark","From_Account":"al.ice é","EventTime":1750000000123,"Revision":12,"Caller":"administrator","Via":"call","Event":[{"EventType":"MarkChanged","ContactItem":{"Type":1,"To_Account":"bob"},"OldStandardMark":"","StandardMark":"1","OldCustomMark":"","CustomMark":"vip"}]}"#;
    assert_eq!(serde_json::to_string(&marked()).unwrap(), sample);
    assert_eq!(serde_json::from_str::<Body>(sample).unwrap(), marked());
}

#[test]
fn the_library_of_the_specification_verifies_an_attempt() {
    let (body, headers) = attempt(now());
    assert!(receiver(TOKEN).verify(&body, &headers).is_ok());
}

#[test]
fn the_library_of_the_specification_refuses_another_body_token_or_id() {
    let (body, mut headers) = attempt(now());
    let refuses = |token, body: &[u8], headers: &HeaderMap| {
        matches!(receiver(token).verify(body, headers), Err(WebhookError::InvalidSignature))
    };
    assert!(refuses(TOKEN, &body[1..], &headers));
    assert!(refuses("another-token-for-tests", &body, &headers));
    headers.insert("webhook-id", "7-mallory-0000000000000001-12-ContactMark".parse().unwrap());
    assert!(refuses(TOKEN, &body, &headers));
}

#[test]
fn the_time_that_is_signed_is_that_of_the_attempt() {
    let (body, headers) = attempt(now() - 301);
    assert!(matches!(receiver(TOKEN).verify(&body, &headers), Err(WebhookError::TimestampTooOldError)));
}
