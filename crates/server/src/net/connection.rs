//! One connection, HTTP/1.1 or HTTP/2: how it is served, and when it ends.

use std::convert::Infallible;
use std::error::Error;
use std::net::IpAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Either;
use hyper::body::{Body, Incoming};
use hyper::header::{self, HeaderValue};
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper::{Request, Response, Version};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulConnection;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;

use super::heads::HeadReservation;
use super::idle::{ConnectionActivity, ConnectionTimeouts, Verdict};
use super::incoming::HttpVersion;
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
    let mut stream = WatchedStream::new(stream, Arc::clone(&activity));
    let attendance = Attendance { bounds, peer, activity: &activity, draining: &draining };
    let version = attendance.attend(pin!(stream.version()), |_| false).await;
    // The connections are in boxes: an idle one takes the memory of its own version, and once.
    match version {
        Some(Ok(HttpVersion::Http1)) => {
            let mut connection = Box::pin(http1().serve_connection(TokioIo::new(stream), respond));
            attendance.serve(connection.as_mut()).await;
        }
        Some(Ok(HttpVersion::Http2)) => {
            let mut connection = Box::pin(http2().serve_connection(TokioIo::new(stream), respond));
            attendance.serve(connection.as_mut()).await;
        }
        Some(Err(error)) => attendance.tell_end(&error),
        None => {}
    }
}

/// What ends a connection from outside.
struct Attendance<'a> {
    bounds: &'a Bounds,
    peer: IpAddr,
    activity: &'a ConnectionActivity,
    draining: &'a CancellationToken,
}

impl Attendance<'_> {
    async fn serve<C: GracefulConnection<Error = hyper::Error>>(&self, connection: Pin<&mut C>) {
        let shut_down = |connection: Pin<&mut C>| {
            connection.graceful_shutdown();
            true
        };
        if let Some(Err(error)) = self.attend(connection, shut_down).await {
            self.tell_end(&error);
        }
    }

    /// Waits for a stage of the connection; `None` if it is ended before. `shut_down` asks the stage to finish what is at
    /// work, and returns whether that is worth waiting for.
    async fn attend<F: Future>(
        &self,
        mut stage: Pin<&mut F>,
        shut_down: impl Fn(Pin<&mut F>) -> bool,
    ) -> Option<F::Output> {
        let Self { bounds: Bounds { timeouts, rejections, .. }, activity, draining, .. } = self;
        let mut look = pin!(tokio::time::sleep(timeouts.head.min(timeouts.idle).min(timeouts.send)));
        let (mut is_draining, mut is_leaving) = (false, false);
        loop {
            tokio::select! {
                output = stage.as_mut() => return Some(output),
                () = activity.ended() => return None,
                () = draining.cancelled(), if !is_draining => {
                    is_draining = true;
                    if !shut_down(stage.as_mut()) {
                        return None;
                    }
                }
                () = look.as_mut() => match activity.verdict(*timeouts) {
                    Verdict::Keep(time) => look.as_mut().reset(tokio::time::Instant::now() + time),
                    // HTTP/2 and TLS clients are informed first; a request that comes just now is still answered.
                    Verdict::Idle if !is_leaving && shut_down(stage.as_mut()) => {
                        is_leaving = true;
                        look.as_mut().reset(tokio::time::Instant::now() + timeouts.head);
                    }
                    Verdict::Idle => return None,
                    Verdict::Stalled => {
                        count(&rejections.slow_senders);
                        return None;
                    }
                    Verdict::Unread => {
                        activity.give_up();
                        count(&rejections.slow_readers);
                        return None;
                    }
                }
            }
        }
    }

    fn tell_end(&self, error: &(dyn Error + 'static)) {
        tracing::debug!(peer = %self.peer, cause = %error, "connection ended");
        if self.activity.heads.is_refused() {
            count(&self.bounds.rejections.heads);
        }
        if of_http2(error)
            .is_some_and(|error| error.is_library() && error.reason() == Some(h2::Reason::ENHANCE_YOUR_CALM))
        {
            count(&self.bounds.rejections.reset);
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

/// The error or what caused it, if that is of HTTP/2.
fn of_http2<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a h2::Error> {
    error.downcast_ref().or_else(|| of_http2(error.source()?))
}

fn http1() -> http1::Builder {
    let mut builder = http1::Builder::new();
    // Half-closed senders that wait for their answer are real; heads are timed by `activity`.
    builder.timer(TokioTimer::new()).header_read_timeout(None).max_buf_size(HEAD_BYTES_MAX);
    // Answers are short: a copy into one buffer costs less than a write of two.
    builder.max_headers(HEADERS_MAX).half_close(true).writev(false);
    builder
}

fn http2() -> http2::Builder<TokioExecutor> {
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder.timer(TokioTimer::new()).max_concurrent_streams(HTTP2_STREAMS_MAX);
    builder.max_header_list_size(HEAD_BYTES_MAX as u32);
    builder.max_pending_accept_reset_streams(HTTP2_RESETS_UNSEEN_MAX);
    builder.max_local_error_reset_streams(HTTP2_RESETS_OF_OURS_MAX);
    builder
}

/// Counts a request as being at work, also when its future is dropped.
pub(super) struct AtWork(pub(super) Arc<ConnectionActivity>);

impl Drop for AtWork {
    fn drop(&mut self) {
        self.0.request_ends();
    }
}
