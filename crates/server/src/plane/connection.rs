//! One connection of the REST plane, HTTP/1.1 or HTTP/2.

use std::convert::Infallible;
use std::error::Error;
use std::pin::pin;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;

use super::activity::{Activity, Patience, Verdict};
use super::doors::Peer;
use super::unsent::Answer;
use super::watch::{Abort, Watched};
use super::{Service, request};
use crate::refusals::count;

/// Heads larger than this are refused by the HTTP layer.
const HEAD_BYTES_MAX: usize = 64 * 1024;
const HEADERS_MAX: usize = 100;
const HTTP2_STREAMS_MAX: u32 = 100;
/// Streams a client may reset before the server has looked at them, at a time. More is an attack ("rapid reset").
const HTTP2_RESETS_UNSEEN_MAX: usize = 20;
/// Streams the server has to reset because of what the client does wrong, in the life of a connection.
const HTTP2_RESETS_OF_OURS_MAX: usize = 1024;

/// Serves a connection until its client leaves, it is idle for too long, or the server drains.
pub(super) async fn serve<S>(service: Arc<Service>, stream: S, peer: Peer, draining: CancellationToken)
where
    S: AsyncRead + AsyncWrite + Abort + Send + Unpin + 'static,
{
    let activity = Arc::new(Activity::new());
    let timeouts = &service.timeouts;
    let patience = Patience { head: timeouts.header, idle: timeouts.idle, send: timeouts.send };
    let respond = service_fn({
        let (service, activity) = (Arc::clone(&service), Arc::clone(&activity));
        move |request| {
            let (service, activity) = (Arc::clone(&service), Arc::clone(&activity));
            async move {
                let _at_work = AtWork::new(&activity);
                let answer = respond(&service, peer, request).await;
                answer.map(|answer| answer.map(|body| Answer::new(body, &activity.unsent, &service.room)))
            }
        }
    });
    let builder = builder();
    let stream = TokioIo::new(Watched::new(stream, Arc::clone(&activity)));
    let mut connection = pin!(builder.serve_connection(stream, respond));
    let mut look = pin!(tokio::time::sleep(patience.head.min(patience.idle).min(patience.send)));
    let (mut is_draining, mut is_leaving) = (false, false);
    loop {
        tokio::select! {
            ended = connection.as_mut() => return tell_end(&service, peer, ended),
            () = draining.cancelled(), if !is_draining => {
                is_draining = true;
                connection.as_mut().graceful_shutdown();
            }
            () = look.as_mut() => match activity.verdict(patience) {
                Verdict::Keep(time) => look.as_mut().reset(tokio::time::Instant::now() + time),
                // HTTP/2 and TLS clients are told first; a request that comes just now is still answered.
                Verdict::Idle if !is_leaving => {
                    is_leaving = true;
                    connection.as_mut().graceful_shutdown();
                    look.as_mut().reset(tokio::time::Instant::now() + patience.head);
                }
                Verdict::Idle => return,
                Verdict::Stalled => return count(&service.refusals.slow_senders),
                Verdict::Unread => {
                    activity.give_up();
                    return count(&service.refusals.slow_readers);
                }
            }
        }
    }
}

async fn respond(
    service: &Service,
    peer: Peer,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    // The HTTP layer counts those of HTTP/1 only.
    if request.headers().len() > HEADERS_MAX {
        let mut answer = Response::new(Full::default());
        *answer.status_mut() = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
        return Ok(answer);
    }
    let caller = service.doors.caller(peer, request.headers());
    request::respond(service, caller, request).await
}

type Ended = Result<(), Box<dyn Error + Send + Sync>>;

fn tell_end(service: &Service, peer: Peer, ended: Ended) {
    let Err(error) = ended else { return };
    tracing::debug!(peer = %peer.address, cause = %error, "connection ended");
    if of_http2(&*error)
        .is_some_and(|error| error.is_library() && error.reason() == Some(h2::Reason::ENHANCE_YOUR_CALM))
    {
        count(&service.refusals.reset);
    }
}

/// The error or what caused it, if that is of HTTP/2.
fn of_http2<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a h2::Error> {
    error.downcast_ref().or_else(|| of_http2(error.source()?))
}

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    // Half-closed senders that wait for their answer are real; heads are timed by `watch`.
    builder.http1().timer(TokioTimer::new()).header_read_timeout(None).max_buf_size(HEAD_BYTES_MAX);
    // Answers are short: a copy into one buffer costs less than a write of two.
    builder.http1().max_headers(HEADERS_MAX).half_close(true).writev(false);
    builder.http2().timer(TokioTimer::new()).max_concurrent_streams(HTTP2_STREAMS_MAX);
    builder.http2().max_header_list_size(HEAD_BYTES_MAX as u32);
    builder.http2().max_pending_accept_reset_streams(HTTP2_RESETS_UNSEEN_MAX);
    builder.http2().max_local_error_reset_streams(HTTP2_RESETS_OF_OURS_MAX);
    builder
}

/// Counts a request as being at work, also when its future is dropped.
struct AtWork<'a>(&'a Activity);

impl<'a> AtWork<'a> {
    fn new(activity: &'a Activity) -> Self {
        activity.request_begins();
        Self(activity)
    }
}

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        self.0.request_ends();
    }
}
