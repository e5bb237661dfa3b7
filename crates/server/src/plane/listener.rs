//! Listening: bound addresses, accepted connections, and the end of both.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::Request;
use hyper::body::Incoming;
use pinfold_store::Store;
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::activity::Activity;
use super::doors::{Entry, Peer};
use super::proxy_header::Source;
use super::tls::{self, Pair, Tls};
use super::watch::Abort;
use super::{Clock, Control, Service, TlsError, connection, proxy_header, request};
use crate::config::Config;
use crate::config::addresses::is_ipv6_alone;
use crate::metrics::Metrics;
use crate::refusals::{Refusals, count};

/// Connections that wait to be accepted; Linux allows no more by default. After a restart all clients come at once.
const WAITING_MAX: u32 = 4096;

/// How long the listener rests when the system refuses to accept (out of file descriptors, most likely).
pub(crate) const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// What the system may keep of the answers of one connection; Linux takes twice of it, for its own needs too. Left
/// to itself it would grow to megabytes for a client that asks for much and stops reading.
const SEND_BUFFER_BYTES: u32 = 128 * 1024;

/// What a semaphore can hold, also where a `usize` has 32 bits.
const PLACES_MAX: u32 = u32::MAX >> 3;

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// An address cannot be listened on.
    #[error("cannot listen on {address}: {cause}; {}", advice(cause))]
    Listen {
        /// Which.
        address: SocketAddr,
        /// What the system said.
        cause: io::Error,
    },
    /// Certificate or key cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// What to do about an address that cannot be listened on.
fn advice(cause: &io::Error) -> &'static str {
    let advice = [
        (io::ErrorKind::AddrNotAvailable, "this machine has no such address; 0.0.0.0 and [::] stand for all it has"),
        (io::ErrorKind::PermissionDenied, "a port below 1024 needs the right to it; choose a higher one"),
    ];
    let found = advice.iter().find(|(kind, _)| *kind == cause.kind());
    found.map_or("choose another address, or stop the process that uses it", |(_, advice)| advice)
}

struct Listener {
    socket: TcpListener,
    /// Each connection begins with a header of the PROXY protocol.
    is_behind_proxy: bool,
}

/// The REST plane, bound to its addresses.
pub struct Plane {
    listeners: Vec<Listener>,
    tls: Option<Arc<Tls>>,
    service: Arc<Service>,
    connections_max: u32,
    drain_max: Duration,
}

impl Plane {
    /// Binds the addresses of the configuration and reads its certificate.
    ///
    /// # Errors
    /// [`StartError`], a sentence for the operator.
    pub async fn bind(config: &Config, store: Store, clock: Clock) -> Result<Self, StartError> {
        let pair = config.tls.as_ref().map(Pair::read).transpose()?;
        let mut listeners = Vec::with_capacity(config.listen.len());
        for address in &config.listen {
            let is_ipv6_alone = is_ipv6_alone(*address, &config.listen);
            let socket =
                listen(*address, is_ipv6_alone).map_err(|cause| StartError::Listen { address: *address, cause })?;
            listeners.push(Listener { socket, is_behind_proxy: config.proxy_protocol.contains(address) });
        }
        Ok(Self {
            listeners,
            tls: pair.map(|pair| Arc::new(Tls::new(pair, Arc::clone(&clock)))),
            service: Arc::new(Service::new(config, store, clock)),
            connections_max: config.connections_max.min(PLACES_MAX),
            drain_max: config.timeouts.drain,
        })
    }

    /// The addresses it is bound to; a port 0 of the configuration has become a real one.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.listeners.iter().filter_map(|listener| listener.socket.local_addr().ok()).collect()
    }

    /// Who was turned away, by reason.
    pub fn refusals(&self) -> Arc<Refusals> {
        Arc::clone(&self.service.refusals)
    }

    /// What can be changed while it serves. `config` is the one it was bound with.
    pub fn control(&self, config: Config) -> Control {
        Control::new(config, Arc::clone(&self.service), self.tls.clone())
    }

    /// What this plane measures.
    pub fn metrics(&self) -> Metrics {
        Metrics::new(Arc::clone(&self.service), self.tls.clone())
    }

    /// Serves until `stop` is done, then finishes the requests in flight; after the configured time
    /// those that are left are cut off.
    pub async fn serve(self, stop: impl Future<Output = ()>) {
        let (draining, cut_off) = (CancellationToken::new(), CancellationToken::new());
        let _cut_off_at_last = cut_off.clone().drop_guard();
        let places = Arc::new(Semaphore::new(self.connections_max as usize));
        if let Some(tls) = self.tls.clone() {
            tokio::spawn(draining.clone().run_until_cancelled_owned(async move { tls.watch(tls::log).await }));
        }
        let accepting: Vec<_> = self
            .listeners
            .into_iter()
            .map(|listener| {
                let acceptor = Acceptor {
                    tls: self.tls.clone(),
                    service: Arc::clone(&self.service),
                    places: Arc::clone(&places),
                    draining: draining.clone(),
                    cut_off: cut_off.clone(),
                };
                tokio::spawn(acceptor.run(listener))
            })
            .collect();
        tokio::select! {
            () = stop => {}
            () = self.service.refusals.tell() => {}
        }
        draining.cancel();
        for task in accepting {
            let _ = task.await;
        }
        // Every connection holds a place, so all places being free means that all have ended.
        if timeout(self.drain_max, places.acquire_many(self.connections_max)).await.is_err() {
            tracing::warn!(waited_ms = self.drain_max.as_millis() as u64, "connections were cut off at the end");
        }
    }
}

/// Listens on an address; with `is_ipv6_alone` not on the IPv4 addresses that an IPv6 one may stand for.
pub(crate) fn listen(address: SocketAddr, is_ipv6_alone: bool) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // A restart need not wait for the connections of the server before; elsewhere it would share the port.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    if is_ipv6_alone {
        SockRef::from(&socket).set_only_v6(true)?;
    }
    // Accepted connections have it from their listener.
    socket.set_send_buffer_size(SEND_BUFFER_BYTES)?;
    socket.bind(address)?;
    socket.listen(WAITING_MAX)
}

struct Acceptor {
    tls: Option<Arc<Tls>>,
    service: Arc<Service>,
    places: Arc<Semaphore>,
    draining: CancellationToken,
    cut_off: CancellationToken,
}

impl Acceptor {
    /// Accepts until the server drains. At the limit of connections one waits here, the others in the
    /// system's queue; a place is taken after accepting, so that no listener keeps one from another.
    async fn run(self, listener: Listener) {
        loop {
            tokio::select! {
                () = self.draining.cancelled() => return,
                accepted = self.accept(&listener) => match accepted {
                    Ok(Some((arrival, place))) => self.spawn(arrival, place),
                    Ok(None) => {}
                    Err(error) => {
                        tracing::warn!(cause = %error, "cannot accept a connection");
                        tokio::time::sleep(ACCEPT_PAUSE).await;
                    }
                }
            }
        }
    }

    /// The next connection with its place; none if it was closed again at once. Nobody who is not let in takes a place.
    async fn accept(&self, listener: &Listener) -> io::Result<Option<(Arrival, OwnedSemaphorePermit)>> {
        let (stream, address) = listener.socket.accept().await?;
        let doors = &self.service.doors;
        if listener.is_behind_proxy && !doors.trusts(address.ip()) {
            count(&self.service.refusals.not_allowed);
            return Ok(None);
        }
        let Some(entry) = doors.enter(address.ip()) else { return Ok(None) };
        if self.places.available_permits() == 0 {
            count(&self.service.refusals.total);
        }
        // The semaphore is never closed.
        let place = Arc::clone(&self.places).acquire_owned().await.map_err(io::Error::other)?;
        Ok(Some((Arrival { stream, entry, is_behind_proxy: listener.is_behind_proxy }, place)))
    }

    /// Serves a connection in a task of its own; its place is free when it has ended.
    fn spawn(&self, arrival: Arrival, place: OwnedSemaphorePermit) {
        let (tls, service) = (self.tls.as_ref().map(|tls| tls.acceptor()), Arc::clone(&self.service));
        let (draining, cut_off) = (self.draining.clone(), self.cut_off.clone());
        let counted = service.meters.connection();
        tokio::spawn(async move {
            let (_place, _counted) = (place, counted);
            tokio::select! {
                () = begin(service, tls, arrival, draining) => {}
                () = cut_off.cancelled() => {}
            }
        });
    }
}

/// A connection that was let in.
struct Arrival {
    stream: TcpStream,
    entry: Entry,
    is_behind_proxy: bool,
}

async fn begin(service: Arc<Service>, tls: Option<TlsAcceptor>, mut arrival: Arrival, draining: CancellationToken) {
    // Answers are small and whole: waiting to fill a packet only costs time.
    let _ = arrival.stream.set_nodelay(true);
    if arrival.is_behind_proxy {
        tokio::select! {
            named = name_caller(&service, &mut arrival) => if !named { return },
            () = draining.cancelled() => return,
        }
    }
    let Arrival { stream, entry, .. } = arrival;
    let peer = entry.peer;
    let Some(tls) = tls else { return serve(service, stream, peer, draining).await };
    tokio::select! {
        shaken = timeout(service.timeouts.tls_handshake, tls.accept(stream)) => match shaken {
            Ok(Ok(stream)) => serve(service, stream, peer, draining).await,
            Ok(Err(error)) => {
                count(&service.refusals.tls_handshakes);
                tracing::debug!(peer = %peer.address, cause = %error, "TLS handshake failed");
            }
            Err(_) => {
                count(&service.refusals.slow_senders);
                tracing::debug!(peer = %peer.address, "TLS handshake timed out");
            }
        },
        // Nothing was asked yet, so nothing is lost.
        () = draining.cancelled() => {}
    }
}

/// Serves calls until the connection ends.
async fn serve<S>(service: Arc<Service>, stream: S, peer: Peer, draining: CancellationToken)
where
    S: AsyncRead + AsyncWrite + Abort + Send + Unpin + 'static,
{
    let activity = Arc::new(Activity::new(Arc::clone(&service.bounds.heads)));
    let respond = |request: Request<Incoming>, share| {
        let service = Arc::clone(&service);
        async move {
            let caller = service.doors.caller(peer, request.headers());
            request::respond(&service, caller, request, share).await
        }
    };
    connection::serve(&service.bounds, stream, peer.address, activity, draining, respond).await;
}

/// Reads from a proxy whom it connects for, and lets in the one it names instead; whether that went well.
async fn name_caller(service: &Service, arrival: &mut Arrival) -> bool {
    let proxy = arrival.entry.peer;
    match timeout(service.timeouts.header, proxy_header::read(&mut arrival.stream)).await {
        Ok(Ok(Source::Proxy)) => {
            arrival.entry.peer = proxy.itself();
            true
        }
        Ok(Ok(Source::Unknown)) => {
            arrival.entry.peer = proxy.of_unknown();
            true
        }
        Ok(Ok(Source::Caller(caller))) => match service.doors.enter(caller) {
            Some(entry) => {
                arrival.entry = entry;
                true
            }
            None => false,
        },
        Ok(Err(error)) => {
            // Some proxies look whether a port is open and send nothing.
            if error.kind() == io::ErrorKind::InvalidData {
                count(&service.refusals.no_proxy_header);
                tracing::debug!(proxy = %proxy.address, cause = %error, "a trusted proxy does not name its caller");
            }
            false
        }
        Err(_) => {
            count(&service.refusals.slow_senders);
            false
        }
    }
}
