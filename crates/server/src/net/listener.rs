//! Listening: bound addresses, and why one cannot be bound.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use socket2::SockRef;
use tokio::net::{TcpListener, TcpSocket};

use super::tls::TlsError;
use crate::webhooks::WebhookError;

/// Connections that wait to be accepted; Linux allows no more by default. After a restart all clients come at once.
const BACKLOG_MAX: u32 = 4096;

/// How long the listener rests when the system refuses to accept (out of file descriptors, most likely).
pub(crate) const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// What the system may keep of the answers of one connection; Linux takes twice of it, for its own needs too. Left
/// to itself it would grow to megabytes for a client that asks for much and stops reading.
const SEND_BUFFER_BYTES: u32 = 128 * 1024;

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
    /// A webhook cannot be used as it is configured.
    #[error(transparent)]
    Webhook(#[from] WebhookError),
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

/// Listens on an address; with `is_ipv6_alone` not on the IPv4 addresses that an IPv6 one may stand for.
///
/// # Errors
/// [`StartError::Listen`].
pub(crate) fn listen(address: SocketAddr, is_ipv6_alone: bool) -> Result<TcpListener, StartError> {
    bind(address, is_ipv6_alone).map_err(|cause| StartError::Listen { address, cause })
}

fn bind(address: SocketAddr, is_ipv6_alone: bool) -> io::Result<TcpListener> {
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
    socket.listen(BACKLOG_MAX)
}
