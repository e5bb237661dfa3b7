//! Many connections of one caller, and of all together.

use tokio::time::timeout;

use crate::raw::{Raw, get};
use crate::support::TestServer;
use crate::{LONG, connect_from, ms, networks, no_timeouts, refused, until_refused};

#[tokio::test]
async fn one_connection_too_many_is_closed_at_once_and_others_are_not_touched() {
    let server = TestServer::with(|config| {
        no_timeouts(config);
        config.connections_per_address_max = 2;
    })
    .await;
    let (mut first, mut second) = (Raw::connect(&server).await, Raw::connect(&server).await);
    assert_eq!((first.call().await.code(), second.call().await.code()), (0, 0));
    assert!(Raw::connect(&server).await.closed().await.is_empty());
    assert_eq!((first.call().await.code(), second.call().await.code()), (0, 0));
    assert_eq!(connect_from("127.0.0.2", &server).await.call().await.code(), 0);
    assert_eq!(refused(&server), [("per_address", 1)]);
}

#[tokio::test]
async fn a_connection_that_ends_makes_room_for_another() {
    let server = TestServer::with(|config| {
        no_timeouts(config);
        config.connections_per_address_max = 1;
    })
    .await;
    let call = get().replace("Host:", "Connection: close\r\nHost:");
    for _ in 0..5 {
        // That the one before has ended may be noticed a moment later.
        let calling = async {
            loop {
                let mut raw = Raw::connect(&server).await;
                let _ = raw.try_send(&call).await;
                let answer = raw.closed().await;
                if !answer.is_empty() {
                    return answer;
                }
            }
        };
        let answer = timeout(LONG, calling).await.expect("no room");
        assert!(answer.starts_with(b"HTTP/1.1 200"));
    }
}

#[tokio::test]
async fn a_flood_of_connections_from_one_address_leaves_room_for_others() {
    let server = TestServer::with(|config| {
        no_timeouts(config);
        config.connections_max = 10;
        config.connections_per_address_max = 9;
    })
    .await;
    let mut flood = Vec::new();
    for _ in 0..200 {
        flood.push(Raw::connect(&server).await);
    }
    assert_eq!(connect_from("127.0.0.2", &server).await.call().await.code(), 0);
    until_refused(&server, "per_address").await;
    assert_eq!(refused(&server), [("per_address", 191)]);
}

#[tokio::test]
async fn a_trusted_proxy_may_have_as_many_as_there_are() {
    let server = TestServer::with(|config| {
        no_timeouts(config);
        config.connections_per_address_max = 1;
        config.trusted_proxies = networks(&["127.0.0.1/32"]);
    })
    .await;
    let mut raws = Vec::new();
    for _ in 0..10 {
        raws.push(Raw::connect(&server).await);
    }
    for raw in &mut raws {
        assert_eq!(raw.call().await.code(), 0);
    }
}

#[tokio::test]
async fn those_that_wait_because_all_places_are_taken_are_counted() {
    let server = TestServer::with(|config| {
        no_timeouts(config);
        config.connections_max = 1;
    })
    .await;
    let mut first = Raw::connect(&server).await;
    assert_eq!(first.call().await.code(), 0);
    let mut second = Raw::connect(&server).await;
    second.send(get()).await;
    assert!(!second.receives_within(ms(50)).await);
    assert_eq!(refused(&server), [("total", 1)]);
    drop(first);
    assert_eq!(second.answer().await.code(), 0);
}
