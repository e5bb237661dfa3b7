//! Webhooks of a server with the times that it has in service, over HTTP.

#![allow(clippy::unwrap_used, reason = "test code")]

#[path = "../compat/mod.rs"]
mod compat;
mod failing_store;
#[path = "../transcripts/faulty_backend.rs"]
mod faulty_backend;
#[path = "../support/receiver.rs"]
mod receiver;
#[path = "../support/mod.rs"]
mod support;
mod throughput;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use pinfold_server::WebhookUrl;
use pinfold_server::config::{Config, Secret, WebhookConfig};
use pinfold_store::embedded::Settings;
use pinfold_store::{Backend, Embedded, Memory, Outbox as _, Store};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::time::{Instant, sleep};

use receiver::{Received, Receiver, Step};
use support::TestServer;

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
const ERROR: &str = "HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n";
/// For what comes in much less.
const LONG: Duration = Duration::from_secs(60);

/// A receiver that takes everything but the first so many requests.
async fn receiver(refused: usize) -> Receiver {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let count = AtomicUsize::new(0);
    let is_refused = move || count.fetch_add(1, Ordering::Relaxed) < refused;
    Receiver::acting(listener, None, move |_| Some(Step::Answer(if is_refused() { ERROR } else { OK }.into())))
}

/// A server that sends to this receiver.
fn config(receiver: &Receiver) -> Config {
    let mut config = support::config();
    let url = WebhookUrl::parse(&receiver.url()).unwrap();
    config.apps[0].webhook = Some(WebhookConfig::new(url, Secret::new("geheim-token-for-tests").unwrap()));
    config
}

async fn call(server: &TestServer, command: &str, body: Value) {
    let answer = server.post(command, &body.to_string()).await;
    assert!(answer.contains(r#""ErrorCode":0"#), "{answer}");
}

async fn import(server: &TestServer, account: &str) {
    call(server, "im_open_login_svc/account_import", json!({ "UserID": account })).await;
}

/// Marks the conversation with bob.
async fn mark(server: &TestServer, account: &str, bit: u32) {
    let item = json!([{ "OptType": 1, "ContactItem": { "Type": 1, "To_Account": "bob" }, "SetMark": [bit] }]);
    call(server, "recentcontact/mark_contact", json!({ "From_Account": account, "MarkItem": item })).await;
}

/// Waits until so many requests came.
async fn came(receiver: &Receiver, count: usize) -> Vec<Value> {
    let begin = Instant::now();
    while receiver.received().len() < count {
        assert!(begin.elapsed() < LONG, "{} of {count} came", receiver.received().len());
        sleep(Duration::from_millis(5)).await;
    }
    receiver.received().iter().map(body).collect()
}

fn body(request: &Received) -> Value {
    serde_json::from_slice(&request.body).unwrap()
}

fn embedded(directory: &Path) -> Store {
    Store::new(Arc::new(Embedded::open(directory, &Settings::default()).unwrap()))
}

#[tokio::test]
async fn a_mark_is_one_request_that_tells_it() {
    let receiver = receiver(0).await;
    let server = TestServer::over(&config(&receiver), Store::new(Arc::new(Memory::new()))).await;
    for account in ["alice", "bob"] {
        import(&server, account).await;
    }
    mark(&server, "alice", 3).await;
    let [told] = came(&receiver, 1).await.try_into().unwrap();
    server.stop().await;
    let contact = json!({ "Type": 1, "To_Account": "bob" });
    let event = json!({ "EventType": "MarkChanged", "ContactItem": contact, "OldStandardMark": "", "StandardMark": "1000",
        "OldCustomMark": "", "CustomMark": "" });
    let expected = json!({ "CallbackCommand": "RecentContact.CallbackAfterContactMark", "From_Account": "alice",
        "EventTime": 1_750_000_000_000_u64, "Revision": 2, "Caller": "administrator", "Via": "call", "Event": [event] });
    assert_eq!(told, expected);
    assert_eq!(receiver.received().len(), 1);
}

#[tokio::test]
async fn a_refused_request_comes_again_as_the_same_one() {
    let receiver = receiver(1).await;
    let server = TestServer::over(&config(&receiver), Store::new(Arc::new(Memory::new()))).await;
    import(&server, "alice").await;
    import(&server, "bob").await;
    mark(&server, "alice", 3).await;
    came(&receiver, 2).await;
    server.stop().await;
    let [first, second] = receiver.received().try_into().unwrap();
    assert_eq!(first.body, second.body);
    assert_eq!(first.header("webhook-id"), second.header("webhook-id"));
}

#[tokio::test]
async fn what_waits_outlives_the_server_and_is_sent_once() {
    let directory = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let mut config = support::config();
    let url = WebhookUrl::parse(&format!("http://{address}/hook")).unwrap();
    config.apps[0].webhook = Some(WebhookConfig::new(url, Secret::new("geheim-token-for-tests").unwrap()));
    let server = TestServer::over(&config, embedded(directory.path())).await;
    import(&server, "bob").await;
    for number in 0..20 {
        import(&server, &format!("u{number}")).await;
        mark(&server, &format!("u{number}"), 0).await;
    }
    server.stop().await;
    let listener = TcpListener::bind(address).await.unwrap();
    let receiver = Receiver::acting(listener, None, |_| Some(Step::Answer(OK.into())));
    let server = TestServer::over(&config, embedded(directory.path())).await;
    came(&receiver, 20).await;
    mark(&server, "u0", 1).await;
    let told = came(&receiver, 21).await;
    server.stop().await;
    let server = TestServer::over(&config, embedded(directory.path())).await;
    mark(&server, "u0", 2).await;
    came(&receiver, 22).await;
    server.stop().await;
    assert_eq!(receiver.received().len(), 22);
    assert_eq!((&told[20]["From_Account"], &told[20]["Revision"]), (&json!("u0"), &json!(3)));
}

#[tokio::test]
async fn a_reload_begins_ends_and_refuses_webhooks() {
    let receiver = receiver(0).await;
    let server = TestServer::over(&support::config(), Store::new(Arc::new(Memory::new()))).await;
    import(&server, "alice").await;
    import(&server, "bob").await;
    mark(&server, "alice", 0).await;
    let with = config(&receiver);
    server.control.follow(&with).unwrap();
    mark(&server, "alice", 1).await;
    let [told] = came(&receiver, 1).await.try_into().unwrap();
    assert_eq!(told["Revision"], 3, "what was changed before is not told");
    let mut wrong = with.clone();
    wrong.apps[0].webhook.as_mut().unwrap().ca_file = Some("/nowhere/ca.pem".into());
    let error = server.control.follow(&wrong).unwrap_err().to_string();
    assert!(error.contains("/nowhere/ca.pem"), "{error}");
    mark(&server, "alice", 2).await;
    came(&receiver, 2).await;
    server.control.follow(&support::config()).unwrap();
    mark(&server, "alice", 3).await;
    server.stop().await;
    assert_eq!(receiver.received().len(), 2);
}

#[tokio::test]
async fn requests_and_what_waits_are_measured() {
    let receiver = receiver(1).await;
    let server = TestServer::over(&config(&receiver), Store::new(Arc::new(Memory::new()))).await;
    import(&server, "alice").await;
    import(&server, "bob").await;
    mark(&server, "alice", 0).await;
    came(&receiver, 2).await;
    let lines = [
        "pinfold_webhook_requests_total{app=\"1400000001\",outcome=\"sent\"} 1",
        "pinfold_webhook_requests_total{app=\"1400000001\",outcome=\"status\"} 1",
        "pinfold_webhook_request_duration_seconds_count 2",
        "pinfold_webhook_paused{app=\"1400000001\"} 0",
        "pinfold_webhook_given_up_total 0",
    ];
    let begin = Instant::now();
    let text = async || server.metrics.text().await;
    while let Some(missing) = {
        let text = text().await;
        lines.iter().find(|line| !text.lines().any(|it| it == **line))
    } {
        assert!(begin.elapsed() < LONG, "no {missing} in {}", text().await);
        sleep(Duration::from_millis(5)).await;
    }
    server.stop().await;
}
