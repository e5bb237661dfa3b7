//! `X-Forwarded-For`: which proxies may name the address of a caller.

use pinfold_server::config::Config;

use crate::raw::{Raw, get_body, post};
use crate::support::{ADMIN, APP, TestServer};
use crate::{connect_from, networks, no_timeouts, refused};

const GET: &str = "recentcontact/get_contact_group";

async fn behind_a_proxy(change: impl FnOnce(&mut Config)) -> TestServer {
    TestServer::with(|config| {
        no_timeouts(config);
        config.trusted_proxies = networks(&["127.0.0.1/32"]);
        change(config);
    })
    .await
}

/// The code of a call with this header line.
async fn code(raw: &mut Raw, target: &str, forwarded: Option<&str>) -> u64 {
    let more = forwarded.map(|value| format!("X-Forwarded-For: {value}\r\n")).unwrap_or_default();
    raw.send(post(target, &more, &get_body())).await;
    raw.answer().await.code()
}

/// The code of a call with a header line whose value need not be text.
async fn code_of_bytes(raw: &mut Raw, forwarded: &[u8]) -> u64 {
    let request = post(&TestServer::target(GET), "X-Forwarded-For: VALUE\r\n", &get_body());
    let (before, after) = request.split_once("VALUE").unwrap();
    raw.send([before.as_bytes(), forwarded, after.as_bytes()].concat()).await;
    raw.answer().await.code()
}

#[tokio::test]
async fn a_trusted_proxy_says_who_is_calling_and_a_stranger_does_not() {
    let server = behind_a_proxy(|config| config.apps[0].allow_from = networks(&["203.0.113.0/24"])).await;
    let (mut proxy, mut stranger) = (Raw::connect(&server).await, connect_from("127.0.0.2", &server).await);
    let target = TestServer::target(GET);
    assert_eq!(code(&mut proxy, &target, Some("203.0.113.7")).await, 0);
    assert_eq!(code(&mut proxy, &target, Some("203.0.113.7, 198.51.100.9")).await, 60021);
    assert_eq!(code(&mut proxy, &target, None).await, 60021);
    assert_eq!(code(&mut stranger, &target, Some("203.0.113.7")).await, 60021);
    assert_eq!(refused(&server), [("calls_not_allowed", 3)]);
}

#[tokio::test]
async fn the_list_of_the_plane_is_about_callers_and_not_about_their_proxy() {
    let server = behind_a_proxy(|config| config.allow_from = networks(&["203.0.113.0/24"])).await;
    let mut proxy = Raw::connect(&server).await;
    let target = TestServer::target(GET);
    assert_eq!(code(&mut proxy, &target, Some("203.0.113.7")).await, 0);
    assert_eq!(code(&mut proxy, &target, Some("198.51.100.9")).await, 60021);
    assert_eq!(code(&mut proxy, &target, None).await, 60021);
    assert!(connect_from("127.0.0.2", &server).await.closed().await.is_empty());
    assert_eq!(refused(&server), [("not_allowed", 1), ("calls_not_allowed", 2)]);
}

#[tokio::test]
async fn a_byte_that_makes_the_header_unreadable_does_not_make_a_caller_its_proxy() {
    let own = networks(&["127.0.0.1/32"]);
    for is_for_plane in [true, false] {
        let server = behind_a_proxy(|config| {
            *if is_for_plane { &mut config.allow_from } else { &mut config.apps[0].allow_from } = own.clone();
        })
        .await;
        let mut proxy = Raw::connect(&server).await;
        assert_eq!(code(&mut proxy, &TestServer::target(GET), None).await, 0, "the proxy's own call");
        for value in [&b"\xff, 203.0.113.7"[..], b"\xff", b"unknown", b"", b"127.0.0.1,", b"_hidden, 127.0.0.1"] {
            assert_eq!(code_of_bytes(&mut proxy, value).await, 60021, "{}", String::from_utf8_lossy(value));
        }
    }
}

#[tokio::test]
async fn a_caller_that_its_proxy_cannot_name_is_refused_where_every_address_may_call_too() {
    let server = behind_a_proxy(|config| config.failed_signatures_per_minute_max = 1).await;
    let mut proxy = Raw::connect(&server).await;
    let bad = format!("/v4/{GET}?sdkappid={APP}&identifier={ADMIN}&usersig=eJxNjl0Lg");
    for _ in 0..5 {
        assert_eq!(code(&mut proxy, &bad, Some("unknown")).await, 60021);
    }
    assert_eq!(code(&mut proxy, &TestServer::target(GET), None).await, 0, "nothing counts for the proxy");
    assert_eq!(refused(&server), [("calls_not_allowed", 5)]);
}

#[tokio::test]
async fn bad_signatures_count_for_the_caller_and_not_for_the_proxy() {
    let server = behind_a_proxy(|config| config.failed_signatures_per_minute_max = 2).await;
    let mut proxy = Raw::connect(&server).await;
    let (good, bad) =
        (TestServer::target(GET), format!("/v4/{GET}?sdkappid={APP}&identifier={ADMIN}&usersig=eJxNjl0Lg"));
    for expected in [70003, 70003, 70003, 70050] {
        assert_eq!(code(&mut proxy, &bad, Some("2001:db8::7")).await, expected);
    }
    assert_eq!(code(&mut proxy, &good, Some("2001:db8::8")).await, 70050, "of the same network");
    assert_eq!(code(&mut proxy, &good, Some("2001:db8:1::7")).await, 0);
    assert_eq!(code(&mut proxy, &good, None).await, 0);
    assert_eq!(refused(&server), [("throttled", 2)]);
}

#[tokio::test]
async fn without_trusted_proxies_a_guesser_stays_who_it_is_whatever_it_says() {
    let server = TestServer::with(|config| config.failed_signatures_per_minute_max = 2).await;
    let mut raw = Raw::connect(&server).await;
    let bad = format!("/v4/{GET}?sdkappid={APP}&identifier={ADMIN}&usersig=eJxNjl0Lg");
    for (number, expected) in [70003, 70003, 70003, 70050].into_iter().enumerate() {
        assert_eq!(code(&mut raw, &bad, Some(&format!("203.0.113.{number}"))).await, expected);
    }
}
