//! One connection of the REST plane, HTTP/1.1 or HTTP/2.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;

use super::watch::{Activity, Verdict, Watched};
use super::{Service, request};

/// Heads larger than this are refused by the HTTP layer.
const HEAD_BYTES_MAX: usize = 64 * 1024;
const HEADERS_MAX: usize = 100;
const HTTP2_STREAMS_MAX: u32 = 100;

/// Serves a connection until its client leaves, it is idle for too long, or the server drains.
pub(super) async fn serve<S>(service: Arc<Service>, stream: S, peer: SocketAddr, draining: CancellationToken)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let activity = Arc::new(Activity::new());
    let timeouts = service.timeouts.clone();
    let respond = service_fn({
        let activity = Arc::clone(&activity);
        move |request| {
            let (service, activity) = (Arc::clone(&service), Arc::clone(&activity));
            async move {
                let _at_work = AtWork::new(&activity);
                request::respond(&service, peer.ip(), request).await
            }
        }
    });
    let builder = builder();
    let stream = TokioIo::new(Watched::new(stream, Arc::clone(&activity)));
    let mut connection = pin!(builder.serve_connection(stream, respond));
    let mut look = pin!(tokio::time::sleep(timeouts.header.min(timeouts.idle)));
    let (mut is_draining, mut is_leaving) = (false, false);
    loop {
        tokio::select! {
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%peer, cause = %error, "connection ended");
                }
                return;
            }
            () = draining.cancelled(), if !is_draining => {
                is_draining = true;
                connection.as_mut().graceful_shutdown();
            }
            () = look.as_mut() => match activity.verdict(timeouts.header, timeouts.idle) {
                Verdict::Keep(time) => look.as_mut().reset(tokio::time::Instant::now() + time),
                // HTTP/2 and TLS clients are told first; a request that comes just now is still answered.
                Verdict::Idle if !is_leaving => {
                    is_leaving = true;
                    connection.as_mut().graceful_shutdown();
                    look.as_mut().reset(tokio::time::Instant::now() + timeouts.header);
                }
                Verdict::Idle | Verdict::Stalled => return,
            }
        }
    }
}

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    // Half-closed senders that wait for their answer are real; heads are timed by `watch`.
    builder.http1().timer(TokioTimer::new()).header_read_timeout(None).max_buf_size(HEAD_BYTES_MAX);
    // Answers are short: a copy into one buffer costs less than a write of two.
    builder.http1().max_headers(HEADERS_MAX).half_close(true).writev(false);
    builder.http2().timer(TokioTimer::new()).max_concurrent_streams(HTTP2_STREAMS_MAX);
    builder.http2().max_header_list_size(HEAD_BYTES_MAX as u32);
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
