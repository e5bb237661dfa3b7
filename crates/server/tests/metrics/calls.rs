//! Counting calls.

use std::collections::BTreeSet;
use std::time::Instant;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::scrape::Scrape;
use crate::support::{ADMIN, APP, KEY, START, TestServer, sign};
use crate::{IMPORT, MARK, TIMEOUT};

/// Posts to any path and query; the code of the answer.
pub(crate) async fn code(server: &TestServer, target: &str, body: &str) -> u64 {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let length = body.len();
    let request = format!(
        "POST {target} HTTP/1.1\r\nHost: pinfold\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    serde_json::from_str::<serde_json::Value>(body).unwrap()["ErrorCode"].as_u64().unwrap()
}

fn target_of(app: u32, identifier: &str, signature: &str) -> String {
    format!("/v4/recentcontact/mark_contact?sdkappid={app}&identifier={identifier}&usersig={signature}")
}

/// Waits until a scrape is as it should be.
async fn until(server: &TestServer, is_so: impl Fn(&Scrape) -> bool) {
    let began = Instant::now();
    while !is_so(&Scrape::of(server).await) {
        assert!(began.elapsed() < TIMEOUT, "{}", Scrape::of(server).await.text);
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn calls_are_counted_by_app_command_and_code_and_each_is_in_the_histogram_once() {
    let server = TestServer::start().await;
    server.post(IMPORT.0, IMPORT.1).await;
    for _ in 0..3 {
        server.post(MARK.0, MARK.1).await;
    }
    server.post(MARK.0, r#"{"From_Account":"nobody","MarkItem":[]}"#).await;
    assert_eq!(code(&server, "/v4/recentcontact/nonsense", "{}").await, 60009);
    assert_eq!(code(&server, &target_of(9, ADMIN, "x"), "{}").await, 60006);

    let scrape = Scrape::of(&server).await;
    let app = APP.to_string();
    let calls = |app: &str, command: &str, code: &str| {
        scrape.sum("pinfold_calls_total", &[("app", app), ("command", command), ("code", code)])
    };
    assert_eq!(calls(&app, "multiaccount_import", "0"), 1.0);
    assert_eq!(calls(&app, "mark_contact", "0"), 3.0);
    assert_eq!(calls("other", "other", "60009"), 1.0);
    assert_eq!(calls("other", "mark_contact", "60006"), 1.0);
    assert_eq!(scrape.sum("pinfold_calls_total", &[]), 7.0);
    for command in scrape.values("pinfold_call_duration_seconds_count", "command") {
        let of_command = [("command", command)];
        let (measured, buckets) = ("pinfold_call_duration_seconds_count", "pinfold_call_duration_seconds_bucket");
        assert_eq!(scrape.sum(measured, &of_command), scrape.sum("pinfold_calls_total", &of_command), "{command}");
        assert_eq!(scrape.sum(buckets, &[("command", command), ("le", "+Inf")]), scrape.sum(measured, &of_command));
    }
    server.stop().await;
}

#[tokio::test]
async fn items_and_bytes_are_those_of_the_bodies() {
    let server = TestServer::start().await;
    let answer = server.post(IMPORT.0, IMPORT.1).await;
    let scrape = Scrape::of(&server).await;
    let command = [("command", "multiaccount_import")];
    assert_eq!(scrape.sum("pinfold_call_items_sum", &command), 2.0);
    assert_eq!(scrape.sum("pinfold_call_items_count", &command), 1.0);
    assert_eq!(scrape.sum("pinfold_request_bytes_total", &command), IMPORT.1.len() as f64);
    assert_eq!(scrape.sum("pinfold_answer_bytes_total", &command), answer.len() as f64);
    server.stop().await;
}

#[tokio::test]
async fn no_account_no_signature_and_no_key_is_told_and_nothing_a_caller_makes_up_becomes_a_label() {
    let server = TestServer::start().await;
    server.post(IMPORT.0, IMPORT.1).await;
    server.post(MARK.0, MARK.1).await;
    for n in 0..50 {
        code(&server, &target_of(1000 + n, "mallory", "made-up-signature"), "{}").await;
        code(&server, &target_of(APP, &format!("mallory{n}"), "made-up-signature"), "{}").await;
        code(&server, &format!("/v4/recentcontact/made-up-{n}"), "{}").await;
    }
    let scrape = Scrape::of(&server).await;
    let (signature, app) = (TestServer::signature(ADMIN), APP.to_string());
    for secret in ["alice", "bob", ADMIN, "mallory", "made-up", KEY, &signature[..20]] {
        assert!(!scrape.text.contains(secret), "{secret}");
    }
    assert_eq!(scrape.values("pinfold_calls_total", "app"), BTreeSet::from([app.as_str(), "other"]));
    assert_eq!(scrape.series("pinfold_calls_total", &[("app", "other")]), 2);
    assert_eq!(scrape.sum("pinfold_calls_total", &[("app", "other")]), 100.0);
    assert_eq!(scrape.series("pinfold_calls_total", &[("app", &app), ("code", "70003")]), 1);
    server.stop().await;
}

#[tokio::test]
async fn a_call_is_in_flight_until_it_is_answered_or_its_client_leaves() {
    let server = TestServer::start().await;
    let in_flight = |flying: f64, abandoned: f64| {
        move |scrape: &Scrape| {
            let told = ["pinfold_calls_in_flight", "pinfold_calls_abandoned_total"].map(|name| scrape.sum(name, &[]));
            told == [flying, abandoned]
        }
    };
    let head = format!("POST {} HTTP/1.1\r\nHost: p\r\nContent-Length: 10\r\n\r\n", TestServer::target(MARK.0));
    let mut leaving = TcpStream::connect(server.address).await.unwrap();
    let mut staying = TcpStream::connect(server.address).await.unwrap();
    for stream in [&mut leaving, &mut staying] {
        stream.write_all(head.as_bytes()).await.unwrap();
    }
    until(&server, in_flight(2.0, 0.0)).await;
    assert_eq!(Scrape::of(&server).await.sum("pinfold_connections_open", &[]), 2.0);
    staying.write_all(b"0123456789").await.unwrap();
    until(&server, in_flight(1.0, 0.0)).await;
    drop(leaving);
    until(&server, |scrape| scrape.sum("pinfold_calls_in_flight", &[]) == 0.0).await;
    drop(staying);
    until(&server, |scrape| scrape.sum("pinfold_connections_open", &[]) == 0.0).await;
    assert_eq!(Scrape::of(&server).await.sum("pinfold_connections_accepted_total", &[]), 2.0);
    server.stop().await;
}

#[tokio::test]
async fn refusals_for_too_many_calls_and_for_bad_signatures_are_counted_by_themselves() {
    let server = TestServer::with(|config| config.apps[0].calls_per_second_max = Some(1)).await;
    let app = APP.to_string();
    let good = TestServer::target(MARK.0);
    let mut too_often = 0;
    for _ in 0..5 {
        too_often += u32::from(code(&server, &good, "{}").await == 60007);
    }
    let expired = sign(APP, ADMIN, START - 1000, 10, KEY);
    let other_key = sign(APP, ADMIN, START, 1000, "another-key-made-up-for-the-tests");
    let no_administrator = TestServer::signature("bob");
    for (identifier, signature) in [(ADMIN, &expired), (ADMIN, &other_key), ("bob", &no_administrator)] {
        assert_ne!(code(&server, &target_of(APP, identifier, signature), "{}").await, 0);
    }
    let scrape = Scrape::of(&server).await;
    assert!(too_often > 0);
    assert_eq!(scrape.sum("pinfold_rate_limit_refusals_total", &[("app", &app)]), f64::from(too_often));
    let failed = |reason| scrape.sum("pinfold_failed_authentications_total", &[("reason", reason)]);
    assert_eq!(["expired", "not_permitted", "other_key"].map(failed), [1.0; 3]);
    assert_eq!(scrape.sum("pinfold_failed_authentications_total", &[]), 3.0);
    server.stop().await;
}

#[tokio::test]
async fn a_signature_is_a_miss_once_and_a_hit_ever_after() {
    let server = TestServer::start().await;
    let target = TestServer::target(MARK.0);
    for _ in 0..4 {
        code(&server, &target, "{}").await;
    }
    let scrape = Scrape::of(&server).await;
    let signatures = [("cache", "signatures")];
    let [hits, misses, entries] =
        ["hits_total", "misses_total", "entries"].map(|what| scrape.sum(&format!("pinfold_cache_{what}"), &signatures));
    assert_eq!((hits, misses, entries), (3.0, 1.0, 1.0));
    server.stop().await;
}
