//! The connections of the admin plane: served as those of the REST plane are, but few.
//!
//! At the limit a new connection takes the place of the one that has been idle for the longest. So a health
//! check is answered, however many idle connections there are.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::service::Service as _;
use hyper::{Request, Response, StatusCode};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::net::connection::{self, Bounds, HEADERS_MAX};
use crate::net::heads::HeadReservation;
use crate::net::idle::ConnectionActivity;
use crate::net::listener::ACCEPT_PAUSE;

/// Open connections of the admin plane. They are file descriptors that the REST plane and the store do not have.
pub const ADMIN_CONNECTIONS_MAX: usize = 64;

/// The connection of a request, for answers that come in parts.
#[derive(Clone)]
pub(crate) struct Connection(pub(crate) Arc<ConnectionActivity>);

/// Serves until `stop` is done, then finishes the requests in flight.
pub(super) async fn serve(listener: TcpListener, router: Router, bounds: Bounds, stop: impl Future<Output = ()>) {
    let (open, draining) = (Arc::<Open>::default(), CancellationToken::new());
    let mut connections = JoinSet::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = stop.as_mut() => break,
            _ = connections.join_next(), if !connections.is_empty() => continue,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(cause = %error, "cannot accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let activity = Arc::new(ConnectionActivity::new(Arc::clone(&bounds.heads)));
        let Some(entry) = open.enter(activity) else {
            tracing::warn!(%peer, "the admin plane is full: all its connections are at work");
            continue;
        };
        let (router, bounds, draining) = (router.clone(), bounds.clone(), draining.clone());
        connections.spawn(async move { answer(stream, router, &bounds, &entry, draining).await });
    }
    draining.cancel();
    while connections.join_next().await.is_some() {}
}

async fn answer(stream: TcpStream, router: Router, bounds: &Bounds, entry: &Entry, draining: CancellationToken) {
    let Ok(peer) = stream.peer_addr() else { return };
    let _ = stream.set_nodelay(true);
    let router = TowerToHyperService::new(router);
    let connection = Connection(Arc::clone(&entry.activity));
    let respond = |mut request: Request<Incoming>, reservation| {
        request.extensions_mut().insert(connection.clone());
        respond(router.clone(), request, reservation)
    };
    connection::serve(bounds, stream, peer.ip(), Arc::clone(&entry.activity), draining, respond).await;
}

async fn respond(
    router: TowerToHyperService<Router>,
    request: Request<Incoming>,
    reservation: Option<HeadReservation>,
) -> Response<Body> {
    let no = |status: StatusCode, sentence: &'static str| {
        let mut response = Response::new(Body::from(sentence));
        *response.status_mut() = status;
        response
    };
    let Some(_reservation) = reservation else {
        return no(StatusCode::SERVICE_UNAVAILABLE, "there is no room for the head of this request\n");
    };
    if request.headers().len() > HEADERS_MAX {
        return no(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "there are too many headers\n");
    }
    router.call(request).await.unwrap_or_else(|never: Infallible| match never {})
}

/// The open connections, at most [`ADMIN_CONNECTIONS_MAX`].
#[derive(Default)]
struct Open(Mutex<Vec<Arc<ConnectionActivity>>>);

/// A connection that was let in; its place is free when this is dropped.
struct Entry {
    open: Arc<Open>,
    activity: Arc<ConnectionActivity>,
}

impl Open {
    /// Lets a connection in; at the limit instead of one that is ended. `None` if all others are at work.
    fn enter(self: &Arc<Self>, activity: Arc<ConnectionActivity>) -> Option<Entry> {
        let mut open = self.lock();
        if open.len() >= ADMIN_CONNECTIONS_MAX {
            let idle = open.iter().enumerate().filter_map(|(place, other)| Some((other.idle_ms()?, place)));
            // Of several the first one is the oldest.
            let (_, place) = idle.max_by_key(|(idle_ms, place)| (*idle_ms, std::cmp::Reverse(*place)))?;
            open.remove(place).end();
        }
        open.push(Arc::clone(&activity));
        Some(Entry { open: Arc::clone(self), activity })
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Arc<ConnectionActivity>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.open.lock().retain(|other| !Arc::ptr_eq(other, &self.activity));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_idle_connection_makes_room_and_one_that_is_at_work_never_does() {
        let open = Arc::<Open>::default();
        let enter = || open.enter(Arc::new(ConnectionActivity::default()));
        let mut entries: Vec<_> = (0..ADMIN_CONNECTIONS_MAX).map(|_| enter().unwrap()).collect();
        // As a backup does, for an hour perhaps.
        entries[0].activity.times_itself(true);
        let (new, gone) = (enter().unwrap(), entries.remove(1));
        let holds = |activity| open.lock().iter().any(|other| Arc::ptr_eq(other, activity));
        assert!(holds(&new.activity) && holds(&entries[0].activity) && !holds(&gone.activity));
        drop(gone);
        assert_eq!(open.lock().len(), ADMIN_CONNECTIONS_MAX);
        entries.push(new);
        entries.iter().for_each(|entry| entry.activity.times_itself(true));
        assert!(enter().is_none());
        drop(entries.pop());
        assert!(enter().is_some());
    }
}
