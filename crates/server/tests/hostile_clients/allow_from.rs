//! `allow_from` of the whole plane.

use crate::raw::Raw;
use crate::support::TestServer;
use crate::{connect_from, networks, no_timeouts, refused};

#[tokio::test]
async fn an_address_that_is_not_allowed_is_closed_before_a_byte_is_sent() {
    let server = TestServer::with(|config| {
        no_timeouts(config);
        config.allow_from = networks(&["127.0.0.2/32", "2001:db8::/32"]);
    })
    .await;
    assert!(Raw::connect(&server).await.closed().await.is_empty());
    assert!(connect_from("127.0.0.3", &server).await.closed().await.is_empty());
    assert_eq!(connect_from("127.0.0.2", &server).await.call().await.code(), 0);
    assert_eq!(refused(&server), [("not_allowed", 2)]);
}

#[tokio::test]
async fn an_address_that_is_not_allowed_holds_no_permit() {
    let server = TestServer::with(|config| {
        no_timeouts(config);
        config.connections_max = 1;
        config.allow_from = networks(&["127.0.0.2/32"]);
    })
    .await;
    let mut inside = connect_from("127.0.0.2", &server).await;
    assert_eq!(inside.call().await.code(), 0);
    for _ in 0..10 {
        assert!(Raw::connect(&server).await.closed().await.is_empty());
    }
    assert_eq!(inside.call().await.code(), 0);
    assert_eq!(refused(&server), [("not_allowed", 10)]);
}
