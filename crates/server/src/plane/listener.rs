//! Listening: bound addresses, accepted connections, and the end of both.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use pinfold_store::Store;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::{Clock, Service, TlsError, connection, tls};
use crate::config::Config;

/// How long the listener rests when the system refuses to accept (out of file descriptors, most likely).
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

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
    connections_max: usize,
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
            let listener = TcpListener::bind(address).await;
            listeners.push(listener.map_err(|cause| StartError::Listen { address: *address, cause })?);
        }
        Ok(Self {
            listeners,
            acceptor,
            service: Arc::new(Service::new(config, store, clock)),
            connections_max: config.connections_max as usize,
            drain_max: config.timeouts.drain,
        })
    }

    /// The addresses it is bound to; a port 0 of the configuration has become a real one.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.listeners.iter().filter_map(|listener| listener.local_addr().ok()).collect()
    }

    /// Serves until `stop` is done, then finishes the requests in flight; after the configured time
    /// those that are left are cut off.
    pub async fn serve(self, stop: impl Future<Output = ()>) {
        let draining = CancellationToken::new();
        let places = Arc::new(Semaphore::new(self.connections_max));
        let accepting: Vec<_> = self
            .listeners
            .into_iter()
            .map(|listener| {
                let acceptor = Acceptor {
                    tls: self.acceptor.clone(),
                    service: Arc::clone(&self.service),
                    places: Arc::clone(&places),
                    draining: draining.clone(),
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
        let all = u32::try_from(self.connections_max).unwrap_or(u32::MAX);
        if timeout(self.drain_max, places.acquire_many(all)).await.is_err() {
            tracing::warn!(waited_ms = self.drain_max.as_millis() as u64, "connections were cut off at the end");
        }
    }
}

struct Acceptor {
    tls: Option<TlsAcceptor>,
    service: Arc<Service>,
    places: Arc<Semaphore>,
    draining: CancellationToken,
}

impl Acceptor {
    /// Accepts until the server drains. At the limit of connections new ones wait in the system's queue.
    async fn run(self, listener: TcpListener) {
        loop {
            let accepted = async {
                let place = Arc::clone(&self.places).acquire_owned().await;
                (listener.accept().await, place)
            };
            tokio::select! {
                () = self.draining.cancelled() => return,
                (accepted, place) = accepted => match accepted {
                    Ok((stream, peer)) => {
                        let (tls, service, draining) =
                            (self.tls.clone(), Arc::clone(&self.service), self.draining.clone());
                        tokio::spawn(async move {
                            let _place = place;
                            begin(service, tls, stream, peer, draining).await;
                        });
                    }
                    Err(error) => {
                        tracing::warn!(cause = %error, "cannot accept a connection");
                        tokio::time::sleep(ACCEPT_PAUSE).await;
                    }
                }
            }
        }
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
    match timeout(service.timeouts.tls_handshake, tls.accept(stream)).await {
        Ok(Ok(stream)) => connection::serve(service, stream, peer, draining).await,
        Ok(Err(error)) => tracing::debug!(%peer, cause = %error, "TLS handshake failed"),
        Err(_) => tracing::debug!(%peer, "TLS handshake timed out"),
    }
}
