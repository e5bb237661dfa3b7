//! Accepting connections: permits, the PROXY protocol, the TLS handshake; then the connection is served.

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Incoming};
use hyper::{Request, Response};
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::admission::{Admitted, Peer};
use super::heads::HeadReservation;
use super::idle::ConnectionActivity;
use super::listener::ACCEPT_PAUSE;
use super::proxy_protocol::{self, Source};
use super::rejections::count;
use super::tls::Tls;
use super::watched_stream::Abort;
use super::{Net, connection};
use crate::metrics::OpenConnection;

/// Answers the requests of the connections that are accepted.
pub(crate) trait Respond: Clone + Send + Sync + 'static {
    /// Of an answer. One that does not say its length is sent for as long as it goes on, see [`long_answer`](super::long_answer).
    type Body: Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>> + Send + Unpin + 'static;

    /// Counts a connection as open until the guard is dropped.
    fn connection_opens(&self) -> OpenConnection;

    /// Answers a request of a connection that `peer` holds. Without a reservation there is no memory for its head.
    fn respond(
        &self,
        peer: Peer,
        request: Request<Incoming>,
        reservation: Option<HeadReservation>,
    ) -> impl Future<Output = Response<Self::Body>> + Send + 'static;
}

/// An address that connections are accepted on.
pub(crate) struct Listener {
    pub(crate) socket: TcpListener,
    /// Each connection begins with a header of the PROXY protocol.
    pub(crate) is_behind_proxy: bool,
}

/// Accepts connections, on any number of listeners.
#[derive(Clone)]
pub(crate) struct Acceptor<R> {
    pub(crate) net: Arc<Net>,
    pub(crate) tls: Option<Arc<Tls>>,
    pub(crate) respond: R,
    /// One for each open connection.
    pub(crate) permits: Arc<Semaphore>,
    /// Nothing new is begun.
    pub(crate) draining: CancellationToken,
    /// What is still open ends.
    pub(crate) cut_off: CancellationToken,
}

/// A connection that was admitted.
struct Accepted {
    stream: TcpStream,
    admitted: Admitted,
    is_behind_proxy: bool,
    _permit: OwnedSemaphorePermit,
}

fn set_options(stream: &TcpStream, send_max: Duration) {
    // Answers are small and whole: waiting to fill a packet only costs time.
    let _ = stream.set_nodelay(true);
    // The little that a long answer sends fills no buffer for hours, so a peer that vanished without a word shows only
    // in that nothing is acknowledged.
    #[cfg(target_os = "linux")]
    let _ = SockRef::from(stream).set_tcp_user_timeout(Some(send_max.saturating_mul(2)));
}

impl<R: Respond> Acceptor<R> {
    /// Accepts until the server drains. At the limit of connections one waits here, the others in the system's queue; a
    /// permit is taken after accepting, so that no listener keeps one from another.
    pub(crate) async fn run(self, listener: Listener) {
        loop {
            tokio::select! {
                () = self.draining.cancelled() => return,
                accepted = self.accept(&listener) => match accepted {
                    Ok(Some(accepted)) => self.spawn(accepted),
                    Ok(None) => {}
                    Err(error) => {
                        tracing::warn!(cause = %error, "cannot accept a connection");
                        tokio::time::sleep(ACCEPT_PAUSE).await;
                    }
                }
            }
        }
    }

    /// Accepts a connection and takes a permit for it. `None` if the peer is rejected: a rejected peer never holds a
    /// permit.
    async fn accept(&self, listener: &Listener) -> io::Result<Option<Accepted>> {
        let (stream, address) = listener.socket.accept().await?;
        let Net { admission, rejections, .. } = &*self.net;
        if listener.is_behind_proxy && !admission.trusts(address.ip()) {
            count(&rejections.not_allowed);
            return Ok(None);
        }
        let Some(admitted) = admission.admit(address.ip()) else { return Ok(None) };
        if self.permits.available_permits() == 0 {
            count(&rejections.total);
        }
        // The semaphore is never closed.
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(io::Error::other)?;
        Ok(Some(Accepted { stream, admitted, is_behind_proxy: listener.is_behind_proxy, _permit: permit }))
    }

    /// Serves a connection in a task of its own; its permit is free when it has ended.
    fn spawn(&self, accepted: Accepted) {
        let acceptor = self.clone();
        let counted = self.respond.connection_opens();
        tokio::spawn(async move {
            let _counted = counted;
            tokio::select! {
                () = acceptor.begin(accepted) => {}
                () = acceptor.cut_off.cancelled() => {}
            }
        });
    }

    async fn begin(&self, mut accepted: Accepted) {
        set_options(&accepted.stream, self.net.bounds.timeouts.send);
        if accepted.is_behind_proxy {
            tokio::select! {
                is_named = self.name_caller(&mut accepted) => if !is_named { return },
                () = self.draining.cancelled() => return,
            }
        }
        let Accepted { stream, admitted, _permit, .. } = accepted;
        // In boxes, as the one without TLS takes a third of the memory of the other, and a connection may be idle for hours.
        match &self.tls {
            None => Box::pin(self.serve(stream, admitted.peer)).await,
            Some(tls) => Box::pin(self.shake_hands(tls, stream, admitted.peer)).await,
        }
    }

    async fn shake_hands(&self, tls: &Tls, stream: TcpStream, peer: Peer) {
        let rejections = &self.net.rejections;
        tokio::select! {
            shaken = timeout(self.net.bounds.timeouts.tls_handshake, tls.acceptor().accept(stream)) => match shaken {
                Ok(Ok(stream)) => Box::pin(self.serve(stream, peer)).await,
                Ok(Err(error)) => {
                    count(&rejections.tls_handshakes);
                    tracing::debug!(peer = %peer.address, cause = %error, "TLS handshake failed");
                }
                Err(_) => {
                    count(&rejections.slow_senders);
                    tracing::debug!(peer = %peer.address, "TLS handshake timed out");
                }
            },
            // Nothing was asked yet, so nothing is lost.
            () = self.draining.cancelled() => {}
        }
    }

    /// Serves calls until the connection ends.
    async fn serve<S>(&self, stream: S, peer: Peer)
    where
        S: AsyncRead + AsyncWrite + Abort + Send + Unpin + 'static,
    {
        let bounds = &self.net.bounds;
        let activity = Arc::new(ConnectionActivity::new(Arc::clone(&bounds.heads)));
        let respond = |request, reservation| self.respond.respond(peer, request, reservation);
        connection::serve(bounds, stream, peer.address, activity, self.draining.clone(), respond).await;
    }

    /// Reads from a proxy whom it connects for, and admits the one it names instead; whether that went well.
    async fn name_caller(&self, accepted: &mut Accepted) -> bool {
        let Net { admission, rejections, bounds, .. } = &*self.net;
        let proxy = accepted.admitted.peer;
        match timeout(bounds.timeouts.head, proxy_protocol::read(&mut accepted.stream)).await {
            Ok(Ok(Source::Proxy)) => accepted.admitted.peer = proxy.itself(),
            Ok(Ok(Source::Unknown)) => accepted.admitted.peer = proxy.of_unknown(),
            Ok(Ok(Source::Caller(caller))) => {
                let Some(admitted) = admission.admit(caller) else { return false };
                accepted.admitted = admitted;
            }
            Ok(Err(error)) => {
                // Some proxies look whether a port is open and send nothing.
                if error.kind() == io::ErrorKind::InvalidData {
                    count(&rejections.no_proxy_header);
                    tracing::debug!(proxy = %proxy.address, cause = %error, "a trusted proxy does not name its caller");
                }
                return false;
            }
            Err(_) => {
                count(&rejections.slow_senders);
                return false;
            }
        }
        true
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_connection_ends_when_nothing_is_acknowledged_for_twice_the_time_of_sending() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let _client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        set_options(&stream, Duration::from_secs(30));
        assert_eq!(SockRef::from(&stream).tcp_user_timeout().unwrap(), Some(Duration::from_secs(60)));
    }
}
