//! Watching a stream: what its first byte says, that bytes come, that bytes go.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use super::activity::Activity;
use super::unsent::Waiting;

/// How a TLS client begins to talk.
const TLS_HANDSHAKE: u8 = 0x16;
/// How an HTTP/2 client begins to talk.
const HTTP2_PREFACE: &[u8; 3] = b"PRI";

/// A stream whose unsent bytes can be thrown away, which otherwise stay with the system for minutes after the end.
pub(super) trait Abort {
    /// Sees to it that dropping the stream keeps nothing.
    fn abort(&self);
}

impl Abort for TcpStream {
    fn abort(&self) {
        let _ = self.set_zero_linger();
    }
}

impl Abort for TlsStream<TcpStream> {
    fn abort(&self) {
        self.get_ref().0.abort();
    }
}

/// A stream that tells an [`Activity`] what comes in.
pub(super) struct Watched<S: Abort> {
    stream: S,
    activity: Arc<Activity>,
    /// Bytes were offered to the stream and it took none since.
    stuck: Option<Waiting>,
    /// How many of the first bytes were those of an HTTP/2 client; they may come one by one.
    preface: usize,
    began: bool,
}

impl<S: Abort> Watched<S> {
    pub(super) fn new(stream: S, activity: Arc<Activity>) -> Self {
        Self { stream, activity, stuck: None, preface: 0, began: false }
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

    /// Remembers that the stream takes nothing, until it does.
    fn sent<T>(&mut self, polled: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        match polled {
            Poll::Ready(_) => self.stuck = None,
            Poll::Pending if self.stuck.is_none() => self.stuck = Some(self.activity.unsent.begin()),
            Poll::Pending => {}
        }
        polled
    }
}

impl<S: Abort> Drop for Watched<S> {
    fn drop(&mut self) {
        if self.activity.is_given_up() {
            self.stream.abort();
        }
    }
}

impl<S: AsyncRead + Abort + Unpin> AsyncRead for Watched<S> {
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

impl<S: AsyncWrite + Abort + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.sent(polled)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_flush(cx);
        self.sent(polled)
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
        let polled = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.sent(polled)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::activity::{Patience, Verdict};
    use super::*;

    impl Abort for () {
        fn abort(&self) {}
    }

    #[test]
    fn a_tls_hello_is_an_error_as_the_first_byte_only() {
        let mut watched = Watched::new((), Arc::new(Activity::new()));
        assert!(watched.begins(&[TLS_HANDSHAKE, 3, 1]).is_err());
        assert!(watched.begins(b"P").is_ok() && watched.begins(&[TLS_HANDSHAKE]).is_ok());
    }

    #[test]
    fn a_stream_that_takes_nothing_waits_until_it_takes_something() {
        let activity = Arc::new(Activity::new());
        let mut watched = Watched::new((), Arc::clone(&activity));
        assert!(watched.sent(Poll::<io::Result<()>>::Pending).is_pending());
        assert!(!activity.unsent.end_period() && activity.unsent.end_period());
        assert!(watched.sent(Poll::Ready(Ok(1))).is_ready());
        assert!(!activity.unsent.end_period() && !activity.unsent.end_period());
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
        std::thread::sleep(Duration::from_millis(25));
        let patience = Patience { head: Duration::from_millis(20), idle: Duration::MAX, send: Duration::MAX };
        assert!(matches!(activity.verdict(patience), Verdict::Keep(_)));
    }
}
