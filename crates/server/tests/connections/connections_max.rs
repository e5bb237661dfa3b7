//! The limit of connections.

use std::net::SocketAddr;
use std::sync::Arc;

use pinfold_server::{Plane, system_clock};
use pinfold_store::{Memory, Store};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::raw::{Raw, get};
use crate::support::{TestServer, config};
use crate::{LONG, ms, no_timeouts};

#[tokio::test]
async fn beyond_the_limit_new_connections_wait_until_others_leave() {
    let server = TestServer::with(|config| {
        no_timeouts(config);
        config.connections_max = 2;
    })
    .await;
    let (mut first, mut second) = (Raw::connect(&server).await, Raw::connect(&server).await);
    assert_eq!((first.call().await.code(), second.call().await.code()), (0, 0));
    let (mut third, mut fourth) = (Raw::connect(&server).await, Raw::connect(&server).await);
    third.send(get()).await;
    fourth.send(get()).await;
    assert!(!third.receives_within(ms(100)).await && !fourth.receives_within(ms(100)).await);
    assert_eq!(first.call().await.code(), 0);
    drop(first);
    assert_eq!(third.answer().await.code(), 0);
    drop(second);
    assert_eq!(fourth.answer().await.code(), 0);
}

#[tokio::test]
async fn an_idle_listener_holds_no_permit_that_another_needs() {
    let mut config = config();
    no_timeouts(&mut config);
    config.connections_max = 1;
    config.listen = vec![SocketAddr::from(([127, 0, 0, 1], 0)); 3];
    let plane = Plane::bind(&config, Store::new(Arc::new(Memory::new())), system_clock()).await.unwrap();
    let addresses = plane.addresses();
    tokio::spawn(plane.serve(std::future::pending()));
    // The last one first: the first listener is the first to wait.
    for address in addresses.into_iter().rev() {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.0\r\n\r\n").await.unwrap();
        let mut answer = Vec::new();
        timeout(LONG, stream.read_to_end(&mut answer)).await.expect("no answer").unwrap();
        assert!(answer.starts_with(b"HTTP/1.0 200"));
    }
}

#[tokio::test]
async fn the_largest_limit_that_can_be_configured_is_no_problem() {
    let server = TestServer::with(|config| config.connections_max = u32::MAX).await;
    assert_eq!(Raw::connect(&server).await.call().await.code(), 0);
    server.stop().await;
}
