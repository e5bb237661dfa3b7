//! The admin plane has the bounds of the REST plane, and a small number of connections of its own.

use std::net::SocketAddr;
use std::time::Instant;

use pinfold_server::config::Timeouts;
use pinfold_server::{ADMIN_CONNECTIONS_MAX, AdminPlane, Health};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::raw::Raw;
use crate::support::no_timeouts::timeouts;
use crate::{LONG, ms};

const PROBE: &str = "GET /healthz HTTP/1.1\r\nHost: pinfold\r\n\r\n";

/// An admin plane that serves until it is told to stop.
struct Admin {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Admin {
    fn start(change: impl FnOnce(&mut Timeouts)) -> Self {
        let mut times = timeouts();
        change(&mut times);
        let plane = AdminPlane::bind(SocketAddr::from(([127, 0, 0, 1], 0)), &times, Health::default()).unwrap();
        let address = plane.address().unwrap();
        let (stop, stopped) = oneshot::channel();
        Self { address, stop, task: tokio::spawn(plane.serve(async move { drop(stopped.await) })) }
    }

    async fn connect(&self) -> Raw {
        Raw::over(TcpStream::connect(self.address).await.unwrap())
    }

    /// The status of a probe on a connection of its own.
    async fn probe(&self) -> u16 {
        let mut raw = self.connect().await;
        raw.send(PROBE).await;
        raw.answer().await.status
    }
}

#[tokio::test]
async fn a_probe_is_answered_while_others_hold_all_connections_and_the_longest_idle_one_makes_room() {
    let admin = Admin::start(|_| ());
    let mut idle = Vec::new();
    for number in 0..ADMIN_CONNECTIONS_MAX {
        let mut raw = admin.connect().await;
        // Half of them were used before, and others began a head.
        if number % 2 == 0 {
            raw.send(PROBE).await;
            assert_eq!(raw.answer().await.status, 200);
        } else if number % 3 == 0 {
            raw.send("GET /").await;
        }
        idle.push(raw);
    }
    for _ in 0..3 {
        assert_eq!(admin.probe().await, 200);
    }
    let mut closed = 0;
    for raw in &mut idle[..8] {
        closed += usize::from(raw.receives_within(ms(20)).await);
    }
    assert!(closed > 0, "it was one of the first that made room");
    let mut last = idle.pop().unwrap();
    last.send(" HTTP/1.1\r\n").await;
    assert!(!last.receives_within(ms(50)).await, "it is among the last that have to go");
}

#[tokio::test]
async fn a_thousand_connections_leave_the_plane_a_bounded_number() {
    let admin = Admin::start(|_| ());
    let mut all = Vec::new();
    for _ in 0..10 * ADMIN_CONNECTIONS_MAX {
        all.push(admin.connect().await);
    }
    assert_eq!(admin.probe().await, 200);
    let mut open = 0;
    for raw in &mut all {
        open += usize::from(!raw.receives_within(ms(1)).await);
    }
    assert!(open < 2 * ADMIN_CONNECTIONS_MAX, "{open} are open");
}

#[tokio::test]
async fn half_a_head_and_an_idle_connection_are_closed_after_their_time() {
    let admin = Admin::start(|times| (times.header, times.idle) = (ms(150), ms(300)));
    let (mut half, mut idle) = (admin.connect().await, admin.connect().await);
    half.send("GET /met").await;
    let began = Instant::now();
    assert!(half.closed().await.is_empty() && began.elapsed() >= ms(145));
    assert!(idle.closed().await.is_empty() && began.elapsed() >= ms(295));
    assert_eq!(admin.probe().await, 200);
}

#[tokio::test]
async fn a_huge_head_is_not_taken_in_and_neither_is_a_body() {
    let admin = Admin::start(|_| ());
    for begin in ["GET /healthz HTTP/1.1\r\nX: ", "POST /backup HTTP/1.1\r\nContent-Length: 1000000000\r\n\r\n"] {
        let mut raw = admin.connect().await;
        raw.send(begin).await;
        let megabyte = vec![b'x'; 1 << 20];
        let mut taken_mib = 0;
        while taken_mib < 64 && raw.try_send(&megabyte).await.is_ok() {
            taken_mib += 1;
        }
        assert!(taken_mib < 64, "64 MiB were read");
    }
    assert_eq!(admin.probe().await, 200);
}

#[tokio::test]
async fn a_caller_that_reads_nothing_is_closed() {
    let admin = Admin::start(|times| times.send = ms(200));
    let mut raw = admin.connect().await;
    let probes = PROBE.repeat(2000);
    let sending = async { while raw.try_send(&probes).await.is_ok() {} };
    timeout(LONG, sending).await.expect("not closed");
    assert_eq!(admin.probe().await, 200);
}

#[tokio::test]
async fn it_stops_at_once_although_connections_are_open() {
    let admin = Admin::start(|_| ());
    let mut idle = admin.connect().await;
    assert_eq!(admin.probe().await, 200);
    let Admin { stop, task, .. } = admin;
    drop(stop);
    timeout(LONG, task).await.expect("it goes on").unwrap();
    assert!(idle.closed().await.is_empty());
}
