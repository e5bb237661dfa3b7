//! A stream that is watched: the bytes and the protocol that come in, and whether bytes go out.

use std::future::poll_fn;
use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use super::idle::ConnectionActivity;
use super::incoming::{HTTP2_PREFACE, HttpVersion, Incoming};
use super::slow_reader::InFlight;

/// Bytes that may come over HTTP/1 while a long answer is sent: none of them is looked at.
const IGNORED_BYTES_MAX: usize = 64 * 1024;
const READ_BYTES: usize = 256;

/// A stream whose unsent bytes can be thrown away, which otherwise stay with the system for minutes after the end.
pub(crate) trait Abort {
    /// Makes dropping the stream discard its unsent bytes.
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

/// A stream that reports to a [`ConnectionActivity`] the bytes that come in, and whether bytes wait to go out.
pub(crate) struct WatchedStream<S: Abort> {
    stream: S,
    activity: Arc<ConnectionActivity>,
    /// Bytes were offered to the stream and it took none since.
    blocked: Option<InFlight>,
    incoming: Incoming,
    /// What showed the version, until it is read again.
    first: Vec<u8>,
    /// Bytes that came while a long answer was sent.
    ignored: usize,
}

impl<S: Abort> WatchedStream<S> {
    pub(crate) fn new(stream: S, activity: Arc<ConnectionActivity>) -> Self {
        let incoming = Incoming::new(Arc::clone(&activity));
        Self { stream, activity, blocked: None, incoming, first: Vec::new(), ignored: 0 }
    }

    /// Remembers that the stream takes nothing, until it does.
    fn sent<T>(&mut self, polled: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        match polled {
            Poll::Ready(_) => self.blocked = None,
            Poll::Pending if self.blocked.is_none() => self.blocked = Some(self.activity.unread.begin()),
            Poll::Pending => {}
        }
        polled
    }
}

impl<S: AsyncRead + Abort + Unpin> WatchedStream<S> {
    /// Waits until it is known which version the client speaks. HTTP/1 for one that sends nothing and ends.
    ///
    /// # Errors
    /// Those of reading.
    pub(crate) async fn version(&mut self) -> io::Result<HttpVersion> {
        poll_fn(|cx| self.poll_version(cx)).await
    }

    fn poll_version(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<HttpVersion>> {
        loop {
            if let Some(version) = self.incoming.version() {
                return Poll::Ready(Ok(version));
            }
            let mut memory = [MaybeUninit::uninit(); HTTP2_PREFACE.len()];
            let mut buf = ReadBuf::uninit(&mut memory[self.first.len()..]);
            ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buf))?;
            if buf.filled().is_empty() {
                return Poll::Ready(Ok(HttpVersion::Http1));
            }
            let pass = self.incoming.come(buf.filled())?;
            self.first.extend_from_slice(&buf.filled()[..pass]);
        }
    }

    /// Passes on what showed the version; whether that is all for now. Alone, it has the HTTP layer double its buffer, which
    /// then serves many calls without being replaced. A GET, which is often a stream that stays, goes with what follows of
    /// its head instead: a buffer that is replaced after it is fresh memory, which takes none as long as nothing comes.
    fn pass_first(&mut self, to: &mut ReadBuf<'_>) -> bool {
        if self.first.is_empty() {
            return false;
        }
        let goes_on = self.first.starts_with(b"GET ") && self.incoming.is_within_head();
        let pass = self.first.len().min(to.remaining());
        to.put_slice(&self.first[..pass]);
        self.first.drain(..pass);
        !(goes_on && self.first.is_empty())
    }

    /// Ends the connection if its client has closed it or sends too much. The HTTP layer, which lets clients close their
    /// half and read on, reads nothing before a long answer over HTTP/1 ends, and so would never notice. The connection
    /// closes with that answer, so what comes meanwhile is ignored.
    fn look_for_end(&mut self, cx: &mut Context<'_>) {
        let mut memory = [MaybeUninit::uninit(); READ_BYTES];
        while self.ignored <= IGNORED_BYTES_MAX {
            let mut buf = ReadBuf::uninit(&mut memory);
            match Pin::new(&mut self.stream).poll_read(cx, &mut buf) {
                Poll::Pending => return,
                Poll::Ready(Ok(())) if !buf.filled().is_empty() => self.ignored += buf.filled().len(),
                Poll::Ready(_) => break,
            }
        }
        self.activity.end();
    }
}

impl<S: Abort> Drop for WatchedStream<S> {
    fn drop(&mut self) {
        if self.activity.is_given_up() {
            self.stream.abort();
        }
    }
}

impl<S: AsyncRead + Abort + Unpin> AsyncRead for WatchedStream<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let begin = buf.filled().len();
        if self.pass_first(buf) || self.incoming.pass_kept(buf)? {
            return Poll::Ready(Ok(()));
        }
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        if polled.is_pending() && before > begin {
            return Poll::Ready(Ok(()));
        }
        ready!(polled)?;
        let pass = self.incoming.come(&buf.filled()[before..])?;
        buf.set_filled(before + pass);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Abort + Unpin> AsyncWrite for WatchedStream<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.sent(polled)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_flush(cx);
        if polled.is_ready() {
            self.activity.unread.written();
        }
        if self.activity.is_deaf() {
            self.look_for_end(cx);
        }
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
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

    use super::*;

    impl Abort for () {
        fn abort(&self) {}
    }

    impl Abort for DuplexStream {
        fn abort(&self) {}
    }

    /// The version that a client speaks who sends these bytes at once, and what the first two reads give then.
    async fn read_twice(bytes: &[u8]) -> (HttpVersion, Vec<u8>, Vec<u8>) {
        let (mut client, server) = duplex(1024);
        client.write_all(bytes).await.unwrap();
        let mut watched = WatchedStream::new(server, Arc::default());
        let version = watched.version().await.unwrap();
        let (mut first, mut second) = (Vec::with_capacity(1024), Vec::with_capacity(1024));
        watched.read_buf(&mut first).await.unwrap();
        client.shutdown().await.unwrap();
        watched.read_buf(&mut second).await.unwrap();
        (version, first, second)
    }

    #[tokio::test]
    async fn what_showed_the_version_is_read_together_with_the_rest_of_its_head_for_a_get() {
        let head = b"GET /a/path/of/more/than/24/bytes HTTP/1.1\r\n\r\n";
        assert_eq!(read_twice(head).await, (HttpVersion::Http1, head.to_vec(), Vec::new()));
    }

    #[tokio::test]
    async fn what_showed_the_version_is_read_alone_for_a_call() {
        let head = b"POST /a/path/of/more/than/24/bytes HTTP/1.1\r\n\r\n";
        let (first, second) = head.split_at(HTTP2_PREFACE.len());
        assert_eq!(read_twice(head).await, (HttpVersion::Http1, first.to_vec(), second.to_vec()));
    }

    #[tokio::test]
    async fn what_follows_a_head_that_showed_the_version_is_read_later() {
        let (head, next) = (b"GET / HTTP/1.0\n\n", b"GET / HTTP/1.0\n\n");
        let read = read_twice(&[head.as_slice(), next].concat()).await;
        assert_eq!(read.0, HttpVersion::Http1);
        assert_eq!(read.1, head);
        assert!(next.starts_with(&read.2) && !read.2.is_empty());
    }

    #[tokio::test]
    async fn the_preface_of_http2_is_read_again() {
        let read = read_twice(HTTP2_PREFACE).await;
        assert_eq!(read, (HttpVersion::Http2, HTTP2_PREFACE.to_vec(), Vec::new()));
    }

    #[test]
    fn a_stream_that_takes_nothing_waits_until_it_takes_something() {
        let activity = Arc::new(ConnectionActivity::default());
        let mut watched = WatchedStream::new((), Arc::clone(&activity));
        assert!(watched.sent(Poll::<io::Result<()>>::Pending).is_pending());
        assert!(!activity.unread.end_period() && activity.unread.end_period());
        assert!(watched.sent(Poll::Ready(Ok(1))).is_ready());
        assert!(!activity.unread.end_period() && !activity.unread.end_period());
    }
}
