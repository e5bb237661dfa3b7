//! The end of a server: what was asked is answered, then everything closes.

use std::future::pending;
use std::sync::Arc;
use std::time::Instant;

use futures_util::FutureExt;
use tokio::net::TcpStream;
use tokio::sync::Notify;

use crate::failing_server::{self, Gated};
use crate::raw::{Raw, get};
use crate::support::TestServer;
use crate::{ms, no_timeouts};

#[tokio::test]
async fn a_call_in_flight_is_answered_and_told_that_the_connection_closes() {
    let Gated { server, arrived, gate } = Gated::start().await;
    let mut raw = Raw::connect(&server).await;
    raw.send(get()).await;
    arrived.notified().await;
    let address = server.address;
    let stopping = tokio::spawn(server.stop());
    // New callers are turned away as soon as the server drains.
    while TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(!stopping.is_finished());
    gate.add_permits(1);
    let answer = raw.answer().await;
    assert_eq!((answer.code(), answer.closes()), (0, true));
    assert!(raw.closed().await.is_empty());
    stopping.await.unwrap();
}

#[tokio::test]
async fn idle_connections_are_closed_at_once() {
    let server = TestServer::with(no_timeouts).await;
    let (mut used, mut fresh) = (Raw::connect(&server).await, Raw::connect(&server).await);
    assert_eq!(used.call().await.code(), 0);
    let began = Instant::now();
    server.stop().await;
    assert!(used.closed().await.is_empty() && fresh.closed().await.is_empty());
    assert!(began.elapsed() < crate::LONG / 2);
}

#[tokio::test]
async fn a_call_that_takes_longer_than_draining_may_is_cut_off() {
    let arrived = Arc::new(Notify::new());
    let arrives = Arc::clone(&arrived);
    let server = failing_server::start(
        |config| {
            no_timeouts(config);
            config.timeouts.drain = ms(100);
        },
        move || {
            arrives.notify_one();
            pending().boxed()
        },
    )
    .await;
    let mut raw = Raw::connect(&server).await;
    raw.send(get()).await;
    arrived.notified().await;
    server.stop().await;
    assert!(raw.closed().await.is_empty());
}
