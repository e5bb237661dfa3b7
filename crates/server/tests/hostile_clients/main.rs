//! Clients that attack the server or give a false identity: each limit of docs/operate/limits.md is tried here over
//! TCP, and what is left of the server afterwards answers as before.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "test code")]

mod allow_from;
#[allow(dead_code, reason = "of the tests of TLS, which use all of it")]
#[path = "../tls/certificates.rs"]
mod certificates;
#[allow(dead_code, reason = "of the tests of connections, which use all of it")]
#[path = "../connections/failing_server.rs"]
mod failing_server;
mod forwarded_for;
mod frames;
mod http2;
mod memory_budget;
mod per_address;
mod proxy_protocol;
#[allow(dead_code, reason = "of the tests of connections, which use all of it")]
#[path = "../connections/raw.rs"]
mod raw;
mod resets;
mod slow_readers;
#[path = "../support/mod.rs"]
mod support;
mod watch;

use std::net::SocketAddr;
use std::sync::atomic::Ordering;

use ipnet::IpNet;
use raw::Raw;
use support::TestServer;
use support::no_timeouts::{LONG, ms, no_timeouts};
use tokio::net::TcpSocket;

fn networks(texts: &[&str]) -> Vec<IpNet> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

/// A connection from another address of the loopback network.
async fn connect_from(address: &str, server: &TestServer) -> Raw {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::new(address.parse().unwrap(), 0)).unwrap();
    Raw::over(socket.connect(server.address).await.unwrap())
}

/// The reasons of all rejections until now, with their numbers.
fn refused(server: &TestServer) -> Vec<(&'static str, u64)> {
    server.rejections.by_reason().into_iter().filter(|(_, count)| *count > 0).collect()
}

/// Waits until there is a refusal of this kind.
async fn until_refused(server: &TestServer, reason: &str) {
    let is_there = || refused(server).iter().any(|(name, _)| *name == reason);
    tokio::time::timeout(LONG, async {
        while !is_there() {
            tokio::time::sleep(ms(5)).await;
        }
    })
    .await
    .unwrap_or_else(|_| panic!("no {reason}: {:?}", refused(server)));
}

/// How many calls were begun and are not ended.
fn in_progress(count: &std::sync::atomic::AtomicUsize) -> usize {
    count.load(Ordering::SeqCst)
}
