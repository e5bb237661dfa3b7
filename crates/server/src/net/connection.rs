//! One connection, HTTP/1.1 or HTTP/2: how it is served, and when it ends.

use std::convert::Infallible;
use std::error::Error;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Either;
use hyper::body::{Body, Incoming};
use hyper::header::{self, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response, Version};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;

use super::heads::HeadReservation;
use super::idle::{ConnectionActivity, ConnectionTimeouts, Verdict};
use super::long_answer::LongAnswer;
use super::memory_budget::MemoryBudget;
use super::slow_reader::Answer;
use super::watched_stream::{Abort, WatchedStream};
use crate::net::rejections::{RejectionCounters, count};

/// Heads larger than this are refused by the HTTP layer.
const HEAD_BYTES_MAX: usize = 64 * 1024;
/// The same for their headers; of those of HTTP/2 the HTTP layer counts bytes only.
pub(crate) const HEADERS_MAX: usize = 100;
const HTTP2_STREAMS_MAX: u32 = 100;
/// Streams a client may reset before the server has looked at them, at a time. More is an attack ("rapid reset").
const HTTP2_RESETS_UNSEEN_MAX: usize = 20;
/// Streams the server has to reset because of what the client does wrong, in the life of a connection.
const HTTP2_RESETS_OF_OURS_MAX: usize = 1024;

/// What bounds the connections of a plane, each and together.
#[derive(Clone)]
pub(crate) struct Bounds {
    pub(crate) timeouts: ConnectionTimeouts,
    /// For the heads of requests.
    pub(crate) heads: Arc<MemoryBudget>,
    /// For answers that are not read yet.
    pub(crate) answers: Arc<MemoryBudget>,
    pub(crate) rejections: Arc<RejectionCounters>,
}

/// Serves a connection until its client leaves, it is idle for too long, or the server drains. `respond` gets a request
/// with its reservation of the memory for heads; without one if there is not enough memory for this one.
pub(crate) async fn serve<S, F, R, B>(
    bounds: &Bounds,
    stream: S,
    peer: IpAddr,
    activity: Arc<ConnectionActivity>,
    draining: CancellationToken,
    respond: F,
) where
    S: AsyncRead + AsyncWrite + Abort + Send + Unpin + 'static,
    F: Fn(Request<Incoming>, Option<HeadReservation>) -> R,
    R: Future<Output = Response<B>> + Send + 'static,
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let respond = service_fn(|request| {
        let reservation = activity.request_begins(&request);
        let version = request.version();
        let (at_work, answers) = (AtWork(Arc::clone(&activity)), Arc::clone(&bounds.answers));
        if reservation.is_none() {
            count(&bounds.rejections.heads);
        }
        // In a box, it is gone as soon as the answer is ready: HTTP/2 keeps its streams while answers are not read.
        let answered = Box::pin(respond(request, reservation));
        async move {
            let answer = answered.await;
            Ok::<_, Infallible>(begin_answer(answer, version, at_work, &answers))
        }
    });
    let builder = builder();
    let stream = TokioIo::new(WatchedStream::new(stream, Arc::clone(&activity)));
    let mut connection = pin!(builder.serve_connection(stream, respond));
    let timeouts = bounds.timeouts;
    let mut look = pin!(tokio::time::sleep(timeouts.head.min(timeouts.idle).min(timeouts.send)));
    let (mut is_draining, mut is_leaving) = (false, false);
    loop {
        tokio::select! {
            ended = connection.as_mut() => return tell_end(bounds, &activity, peer, ended),
            () = activity.ended() => return,
            () = draining.cancelled(), if !is_draining => {
                is_draining = true;
                connection.as_mut().graceful_shutdown();
            }
            () = look.as_mut() => match activity.verdict(timeouts) {
                Verdict::Keep(time) => look.as_mut().reset(tokio::time::Instant::now() + time),
                // HTTP/2 and TLS clients are informed first; a request that comes just now is still answered.
                Verdict::Idle if !is_leaving => {
                    is_leaving = true;
                    connection.as_mut().graceful_shutdown();
                    look.as_mut().reset(tokio::time::Instant::now() + timeouts.head);
                }
                Verdict::Idle => return,
                Verdict::Stalled => return count(&bounds.rejections.slow_senders),
                Verdict::Unread => {
                    activity.give_up();
                    return count(&bounds.rejections.slow_readers);
                }
            }
        }
    }
}

/// Prepares an answer to be sent. One without a length is long, unless it watches its reader itself.
fn begin_answer<B: Body>(
    answer: Response<B>,
    version: Version,
    at_work: AtWork,
    answers: &Arc<MemoryBudget>,
) -> Response<Either<Answer<B>, LongAnswer<B>>> {
    if answer.body().size_hint().exact().is_some() || at_work.0.is_self_timed() {
        return answer.map(|body| Either::Left(Answer::new(body, &at_work.0.unread, answers)));
    }
    let mut answer = answer.map(|body| Either::Right(LongAnswer::new(body, at_work, answers)));
    if version < Version::HTTP_2 {
        answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    answer
}

type Ended = Result<(), Box<dyn Error + Send + Sync>>;

fn tell_end(bounds: &Bounds, activity: &ConnectionActivity, peer: IpAddr, ended: Ended) {
    let Err(error) = ended else { return };
    tracing::debug!(%peer, cause = %error, "connection ended");
    if activity.heads.is_refused() {
        count(&bounds.rejections.heads);
    }
    if of_http2(&*error)
        .is_some_and(|error| error.is_library() && error.reason() == Some(h2::Reason::ENHANCE_YOUR_CALM))
    {
        count(&bounds.rejections.reset);
    }
}

/// The error or what caused it, if that is of HTTP/2.
fn of_http2<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a h2::Error> {
    error.downcast_ref().or_else(|| of_http2(error.source()?))
}

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    // Half-closed senders that wait for their answer are real; heads are timed by `activity`.
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
pub(super) struct AtWork(pub(super) Arc<ConnectionActivity>);

impl Drop for AtWork {
    fn drop(&mut self) {
        self.0.request_ends();
    }
}
