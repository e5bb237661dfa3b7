//! Listening: bound addresses, accepted connections, and the end of both.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use pinfold_store::Store;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::{Clock, Service, TlsError, connection, tls};
use crate::config::Config;
use crate::metrics::Metrics;

/// Connections that wait to be accepted; Linux allows no more by default. After a restart all clients come at once.
const WAITING_MAX: u32 = 4096;

/// How long the listener rests when the system refuses to accept (out of file descriptors, most likely).
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// What a semaphore can hold, also where a `usize` has 32 bits.
const PLACES_MAX: u32 = u32::MAX >> 3;

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// An address cannot be listened on.
    #[error(
        "cannot listen on {address}: {cause}; is another process using it? Choose another address or stop that process"
    )]
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

/// The REST plane, bound to its addresses.
pub struct Plane {
    listeners: Vec<TcpListener>,
    acceptor: Option<TlsAcceptor>,
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
        let acceptor = config.tls.as_ref().map(tls::acceptor).transpose()?;
        let mut listeners = Vec::with_capacity(config.listen.len());
        for address in &config.listen {
            listeners.push(listen(*address).map_err(|cause| StartError::Listen { address: *address, cause })?);
        }
        Ok(Self {
            listeners,
            acceptor,
            service: Arc::new(Service::new(config, store, clock)),
            connections_max: config.connections_max.min(PLACES_MAX),
            drain_max: config.timeouts.drain,
        })
    }

    /// The addresses it is bound to; a port 0 of the configuration has become a real one.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.listeners.iter().filter_map(|listener| listener.local_addr().ok()).collect()
    }

    /// What this plane measures.
    pub fn metrics(&self) -> Metrics {
        Metrics(Arc::clone(&self.service))
    }

    /// Serves until `stop` is done, then finishes the requests in flight; after the configured time
    /// those that are left are cut off.
    pub async fn serve(self, stop: impl Future<Output = ()>) {
        let (draining, cut_off) = (CancellationToken::new(), CancellationToken::new());
        let _cut_off_at_last = cut_off.clone().drop_guard();
        let places = Arc::new(Semaphore::new(self.connections_max as usize));
        let accepting: Vec<_> = self
            .listeners
            .into_iter()
            .map(|listener| {
                let acceptor = Acceptor {
                    tls: self.acceptor.clone(),
                    service: Arc::clone(&self.service),
                    places: Arc::clone(&places),
                    draining: draining.clone(),
                    cut_off: cut_off.clone(),
                };
                tokio::spawn(acceptor.run(listener))
            })
            .collect();
        stop.await;
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

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // A restart need not wait for the connections of the server before; elsewhere it would share the port.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(WAITING_MAX)
}

struct Acceptor {
    tls: Option<TlsAcceptor>,
    service: Arc<Service>,
    places: Arc<Semaphore>,
    draining: CancellationToken,
    cut_off: CancellationToken,
}

impl Acceptor {
    /// Accepts until the server drains. At the limit of connections one waits here, the others in the
    /// system's queue; a place is taken after accepting, so that no listener keeps one from another.
    async fn run(self, listener: TcpListener) {
        loop {
            let accepted = async {
                let accepted = listener.accept().await;
                (accepted, Arc::clone(&self.places).acquire_owned().await)
            };
            tokio::select! {
                () = self.draining.cancelled() => return,
                (accepted, place) = accepted => match accepted {
                    Ok((stream, peer)) => self.spawn(stream, peer, place),
                    Err(error) => {
                        tracing::warn!(cause = %error, "cannot accept a connection");
                        tokio::time::sleep(ACCEPT_PAUSE).await;
                    }
                }
            }
        }
    }

    /// Serves a connection in a task of its own; its place is free when it has ended.
    fn spawn(&self, stream: TcpStream, peer: SocketAddr, place: impl Send + 'static) {
        let (tls, service) = (self.tls.clone(), Arc::clone(&self.service));
        let (draining, cut_off) = (self.draining.clone(), self.cut_off.clone());
        let counted = service.meters.connection();
        tokio::spawn(async move {
            let (_place, _counted) = (place, counted);
            tokio::select! {
                () = begin(service, tls, stream, peer, draining) => {}
                () = cut_off.cancelled() => {}
            }
        });
    }
}

async fn begin(
    service: Arc<Service>,
    tls: Option<TlsAcceptor>,
    stream: TcpStream,
    peer: SocketAddr,
    draining: CancellationToken,
) {
    // Answers are small and whole: waiting to fill a packet only costs time.
    let _ = stream.set_nodelay(true);
    let Some(tls) = tls else { return connection::serve(service, stream, peer, draining).await };
    tokio::select! {
        shaken = timeout(service.timeouts.tls_handshake, tls.accept(stream)) => match shaken {
            Ok(Ok(stream)) => connection::serve(service, stream, peer, draining).await,
            Ok(Err(error)) => {
                service.meters.connection_refused("tls_handshake");
                tracing::debug!(%peer, cause = %error, "TLS handshake failed");
            }
            Err(_) => {
                service.meters.connection_refused("tls_handshake_timeout");
                tracing::debug!(%peer, "TLS handshake timed out");
            }
        },
        // Nothing was asked yet, so nothing is lost.
        () = draining.cancelled() => {}
    }
}
