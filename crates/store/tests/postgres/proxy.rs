//! A proxy between pinfold and the database that fails on command.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::support::postgres::Server;

/// How long [`ProxyMode::Delays`] holds a request.
const DELAY: Duration = Duration::from_millis(10);

/// The code of a request to cancel, which follows its length.
const CANCEL: u32 = 80_877_102;

/// What the proxy does with bytes from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProxyMode {
    /// It hands them on.
    Passes,
    /// The same, and the database is far away: what is sent before an answer arrives travels together.
    Delays,
    /// It keeps answers, and what they answer, to itself, and the connections open.
    Stalls,
    /// It hands requests on and closes the connection in place of the answer.
    CutsAnswers,
    /// It closes every connection, new ones too.
    Resets,
}

/// The connections that a NAT would have forgotten, and where new ones go.
#[derive(Clone, Copy)]
struct Route {
    database: SocketAddr,
    /// Connections of an earlier one are silent for ever.
    number: usize,
}

/// The proxy; it ends with the test's runtime.
pub(crate) struct Proxy {
    address: SocketAddr,
    mode: Arc<watch::Sender<ProxyMode>>,
    route: Arc<watch::Sender<Route>>,
    round_trips: Arc<AtomicUsize>,
    cancels: Arc<AtomicUsize>,
}

impl Proxy {
    pub(crate) async fn in_front_of(server: &Server) -> Self {
        let route = Arc::new(watch::Sender::new(Route { database: server.address(), number: 0 }));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mode = Arc::new(watch::Sender::new(ProxyMode::Passes));
        let round_trips = Arc::new(AtomicUsize::new(0));
        let cancels = Arc::new(AtomicUsize::new(0));
        let (modes, routes) = (Arc::clone(&mode), Arc::clone(&route));
        let counted = (Arc::clone(&round_trips), Arc::clone(&cancels));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(connection(client, routes.subscribe(), modes.subscribe(), counted.clone()));
            }
        });
        Self { address, mode, route, round_trips, cancels }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// How often a client asked for a statement to be cancelled.
    pub(crate) fn cancels(&self) -> usize {
        self.cancels.load(Ordering::Relaxed)
    }

    /// Leads new connections to another server; those that are there stay where they are.
    pub(crate) fn route_to(&self, server: &Server) {
        self.route.send_modify(|route| route.database = server.address());
    }

    /// Forgets all connections, as a NAT does: they stay open, and nothing comes through.
    pub(crate) fn blackhole(&self) {
        self.route.send_modify(|route| route.number += 1);
    }

    /// How often a client wrote to the database, again after an answer, since the last time this was asked.
    pub(crate) fn round_trips(&self) -> usize {
        self.round_trips.swap(0, Ordering::Relaxed)
    }

    pub(crate) fn set(&self, mode: ProxyMode) {
        self.mode.send_replace(mode);
    }

    /// A place of this server's, by way of the proxy.
    pub(crate) fn url(&self, server: &Server, place: &str) -> String {
        place.replace(server.host(), &self.address.to_string())
    }
}

async fn connection(
    client: TcpStream,
    mut route: watch::Receiver<Route>,
    mut mode: watch::Receiver<ProxyMode>,
    (round_trips, cancels): (Arc<AtomicUsize>, Arc<AtomicUsize>),
) {
    if *mode.borrow() == ProxyMode::Resets {
        return;
    }
    let Route { database, number } = *route.borrow();
    let Ok(server) = TcpStream::connect(database).await else { return };
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    // The client speaks first.
    let answered = AtomicBool::new(true);
    let begins = |bytes: &[u8]| {
        cancels.fetch_add(usize::from(bytes.get(4..8) == Some(&CANCEL.to_be_bytes())), Ordering::Relaxed);
        if answered.swap(false, Ordering::Relaxed) {
            round_trips.fetch_add(1, Ordering::Relaxed);
        }
    };
    let requests = forward(from_client, to_server, mode.clone(), Direction::Requests(&begins));
    let answers = forward(from_server, to_client, mode.clone(), Direction::Answers(&answered));
    let reset = async { drop(mode.wait_for(|mode| *mode == ProxyMode::Resets).await) };
    tokio::pin!(requests, answers);
    let forgotten = async { drop(route.wait_for(|route| route.number > number).await) };
    tokio::select! {
        // Requests may end first; a cut answer must not wait for more of them.
        () = &mut answers => tokio::time::sleep(Duration::ZERO).await,
        () = &mut requests => {}
        () = reset => {}
        () = forgotten => std::future::pending().await,
    }
}

/// Which direction bytes take, and what is told of them.
enum Direction<'a> {
    Requests(&'a (dyn Fn(&[u8]) + Sync)),
    Answers(&'a AtomicBool),
}

/// Hands on requests or answers.
async fn forward(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut mode: watch::Receiver<ProxyMode>,
    direction: Direction<'_>,
) {
    let mut buffer = vec![0; 64 << 10];
    while let Ok(mut bytes @ 1..) = from.read(&mut buffer).await {
        let Ok(now) = mode.wait_for(|mode| *mode != ProxyMode::Stalls).await.map(|mode| *mode) else { return };
        // A reset ends a stall too, and the task that closes the connection may be polled after this one.
        if now == ProxyMode::Resets {
            return;
        }
        match direction {
            Direction::Requests(begins) => {
                begins(&buffer[..bytes]);
                if now == ProxyMode::Delays {
                    tokio::time::sleep(DELAY).await;
                    bytes += from.try_read(&mut buffer[bytes..]).unwrap_or(0);
                }
            }
            Direction::Answers(_) if now == ProxyMode::CutsAnswers => return,
            Direction::Answers(answered) => answered.store(true, Ordering::Relaxed),
        }
        if to.write_all(&buffer[..bytes]).await.is_err() {
            return;
        }
    }
}
