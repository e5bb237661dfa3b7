//! Watching a connection: what its first byte says, how long it is idle, how long a head takes.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// How a TLS client begins to talk.
const TLS_HANDSHAKE: u8 = 0x16;
/// How an HTTP/2 client begins to talk.
const HTTP2_PREFACE: &[u8; 3] = b"PRI";
const NEVER: u64 = u64::MAX;

/// What happens on one connection, seen from outside.
pub(super) struct Activity {
    began: Instant,
    in_flight: AtomicU32,
    /// When the last request ended, in milliseconds since `began`.
    idle_since_ms: AtomicU64,
    /// When the first byte of a head came that is not complete yet, or [`NEVER`].
    head_since_ms: AtomicU64,
    /// HTTP/2 frames come without any request, so heads are not timed there.
    is_http2: AtomicBool,
}

/// What to do with a connection.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Look again after this time.
    Keep(Duration),
    /// Nothing happened for too long.
    Idle,
    /// A head began and does not end.
    Stalled,
}

impl Activity {
    pub(super) fn new() -> Self {
        Self {
            began: Instant::now(),
            in_flight: AtomicU32::new(0),
            idle_since_ms: AtomicU64::new(0),
            head_since_ms: AtomicU64::new(NEVER),
            is_http2: AtomicBool::new(false),
        }
    }

    fn now_ms(&self) -> u64 {
        self.began.elapsed().as_millis() as u64
    }

    /// A head is complete and its request is being answered.
    pub(super) fn request_begins(&self) {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        self.head_since_ms.store(NEVER, Ordering::Relaxed);
    }

    /// An answer is ready.
    pub(super) fn request_ends(&self) {
        self.idle_since_ms.store(self.now_ms(), Ordering::Relaxed);
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
    }

    fn bytes_came(&self, bytes: &[u8]) {
        // Some clients send an empty line after a body; that is not how a head begins.
        let begins_head = bytes.iter().any(|byte| !matches!(byte, b'\r' | b'\n'));
        if begins_head && self.in_flight.load(Ordering::Relaxed) == 0 && !self.is_http2.load(Ordering::Relaxed) {
            let _ = self.head_since_ms.compare_exchange(NEVER, self.now_ms(), Ordering::Relaxed, Ordering::Relaxed);
        }
    }

    fn speaks_http2(&self) {
        self.is_http2.store(true, Ordering::Relaxed);
        self.head_since_ms.store(NEVER, Ordering::Relaxed);
    }

    /// What to do now.
    pub(super) fn verdict(&self, head_max: Duration, idle_max: Duration) -> Verdict {
        if self.in_flight.load(Ordering::Relaxed) > 0 {
            return Verdict::Keep(head_max.min(idle_max));
        }
        let head_since = self.head_since_ms.load(Ordering::Relaxed);
        let (since, max, over) = match head_since {
            NEVER => (self.idle_since_ms.load(Ordering::Relaxed), idle_max, Verdict::Idle),
            since => (since, head_max, Verdict::Stalled),
        };
        let elapsed = Duration::from_millis(self.now_ms().saturating_sub(since));
        match max.checked_sub(elapsed) {
            None | Some(Duration::ZERO) => over,
            // A head may begin just now, and then has less time than an idle connection.
            Some(left) => Verdict::Keep(left.min(head_max).max(Duration::from_millis(1))),
        }
    }
}

/// A stream that tells an [`Activity`] what comes in.
pub(super) struct Watched<S> {
    stream: S,
    activity: Arc<Activity>,
    /// How many of the first bytes were those of an HTTP/2 client; they may come one by one.
    preface: usize,
    began: bool,
}

impl<S> Watched<S> {
    pub(super) fn new(stream: S, activity: Arc<Activity>) -> Self {
        Self { stream, activity, preface: 0, began: false }
    }

    /// Looks at the first bytes of a connection, until they tell which protocol it speaks.
    fn begins(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.preface == 0 && bytes.first() == Some(&TLS_HANDSHAKE) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "TLS on a port for plain HTTP"));
        }
        let expected = &HTTP2_PREFACE[self.preface..];
        let same = bytes.iter().zip(expected).take_while(|(came, expected)| came == expected).count();
        self.preface += same;
        self.began = same < bytes.len() || self.preface == HTTP2_PREFACE.len();
        if self.preface == HTTP2_PREFACE.len() {
            self.activity.speaks_http2();
        }
        Ok(())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        let came = &buf.filled()[before..];
        if !came.is_empty() {
            if !self.began {
                self.begins(came)?;
            }
            self.activity.bytes_came(came);
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: Duration = Duration::from_millis(20);
    const IDLE: Duration = Duration::from_millis(60);

    fn after(activity: &Activity, pause_ms: u64) -> Verdict {
        std::thread::sleep(Duration::from_millis(pause_ms));
        activity.verdict(HEAD, IDLE)
    }

    #[test]
    fn a_connection_without_a_request_is_idle_after_its_time() {
        let activity = Activity::new();
        assert!(matches!(after(&activity, 25), Verdict::Keep(_)));
        assert_eq!(after(&activity, 60), Verdict::Idle);
    }

    #[test]
    fn a_head_that_does_not_end_is_stalled_and_a_request_at_work_is_not() {
        let activity = Activity::new();
        activity.bytes_came(b"POST");
        assert_eq!(after(&activity, 25), Verdict::Stalled);
        activity.request_begins();
        assert!(matches!(after(&activity, 70), Verdict::Keep(_)));
        activity.request_ends();
        assert!(matches!(after(&activity, 5), Verdict::Keep(_)));
    }

    #[test]
    fn an_empty_line_between_requests_begins_no_head() {
        let activity = Activity::new();
        activity.bytes_came(b"\r\n");
        assert!(matches!(after(&activity, 25), Verdict::Keep(_)));
    }

    #[test]
    fn a_tls_hello_is_an_error_as_the_first_byte_only() {
        let mut watched = Watched::new((), Arc::new(Activity::new()));
        assert!(watched.begins(&[TLS_HANDSHAKE, 3, 1]).is_err());
        assert!(watched.begins(b"P").is_ok() && watched.begins(&[TLS_HANDSHAKE]).is_ok());
    }

    #[test]
    fn an_http2_preface_that_comes_byte_by_byte_is_noticed() {
        let activity = Arc::new(Activity::new());
        let mut watched = Watched::new((), Arc::clone(&activity));
        for byte in b"PRI" {
            watched.begins(&[*byte]).unwrap();
            activity.bytes_came(&[*byte]);
        }
        activity.bytes_came(b" * HTTP/2.0");
        assert!(matches!(after(&activity, 25), Verdict::Keep(_)));
    }
}
