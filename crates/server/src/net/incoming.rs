//! What comes in on a connection: which protocol it is of, and where its heads begin and end.
//!
//! The HTTP layer does not report that it holds a part of a head. So over HTTP/1 it gets no byte beyond the end of a
//! head or of a body before it asks again; then a head has begun exactly if bytes of it were passed on.

use std::io;
use std::sync::Arc;

use bytes::{Buf, Bytes};
use memchr::memchr;
use tokio::io::ReadBuf;

use super::frames::Frames;
use super::idle::ConnectionActivity;

/// How a TLS client begins to talk.
const TLS_HANDSHAKE: u8 = 0x16;
/// How an HTTP/2 client begins to talk.
pub(crate) const HTTP2_PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The incoming half of a connection.
pub(crate) struct Incoming {
    activity: Arc<ConnectionActivity>,
    protocol: Protocol,
    /// What came after the end of a head or a body, in one read with it.
    kept: Bytes,
}

/// What a client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HttpVersion {
    Http1,
    Http2,
}

enum Protocol {
    /// So many of the first bytes were those of an HTTP/2 client; they may come one by one.
    Unknown(usize),
    Http1(Lines),
    Http2(Frames),
}

/// Lines of an HTTP/1 head, or of a body in pieces: both end with the first empty one.
struct Lines {
    /// Bytes of the head that were passed on.
    head: usize,
    /// Whether nothing came of the line yet.
    is_line_empty: bool,
}

impl Incoming {
    pub(crate) fn new(activity: Arc<ConnectionActivity>) -> Self {
        Self { activity, protocol: Protocol::Unknown(0), kept: Bytes::new() }
    }

    /// `None` as long as what came may be the begin of either.
    pub(crate) fn version(&self) -> Option<HttpVersion> {
        match self.protocol {
            Protocol::Unknown(_) => None,
            Protocol::Http1(_) => Some(HttpVersion::Http1),
            Protocol::Http2(_) => Some(HttpVersion::Http2),
        }
    }

    /// Whether a part of a head of HTTP/1 was passed on.
    pub(crate) fn is_within_head(&self) -> bool {
        matches!(self.protocol, Protocol::Http1(Lines { head: 1.., .. }))
    }

    /// Passes on what was kept; whether there was something.
    ///
    /// # Errors
    /// There is not enough memory for its heads.
    pub(crate) fn pass_kept(&mut self, to: &mut ReadBuf<'_>) -> io::Result<bool> {
        if self.kept.is_empty() {
            return Ok(false);
        }
        let bytes = self.kept.slice(..self.kept.len().min(to.remaining()));
        let pass = self.look_at(&bytes)?;
        to.put_slice(&bytes[..pass]);
        self.kept.advance(pass);
        check_room(self.activity.heads.keep(self.kept.len()))?;
        Ok(true)
    }

    /// Takes bytes that came. Returns how many of them are passed on; the rest is kept.
    ///
    /// # Errors
    /// The connection cannot be used again, or there is not enough memory for its heads.
    pub(crate) fn come(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let pass = self.look_at(bytes)?;
        if pass < bytes.len() {
            self.kept = Bytes::copy_from_slice(&bytes[pass..]);
            check_room(self.activity.heads.keep(self.kept.len()))?;
        }
        Ok(pass)
    }

    fn look_at(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.is_empty() {
            return Ok(0);
        }
        let mut from = 0;
        if let Protocol::Unknown(same) = self.protocol {
            (self.protocol, from) = Protocol::begin(same, bytes)?;
        }
        match &mut self.protocol {
            Protocol::Unknown(_) => self.activity.head_comes(),
            Protocol::Http1(lines) => return lines.come(&self.activity, bytes),
            Protocol::Http2(frames) => come_in_frames(frames, &self.activity, &bytes[from..])?,
        }
        Ok(bytes.len())
    }
}

impl Protocol {
    /// What the first bytes say, of which `same` came before; and where in `bytes` those of the protocol itself begin.
    fn begin(same: usize, bytes: &[u8]) -> io::Result<(Self, usize)> {
        if same == 0 && bytes.first() == Some(&TLS_HANDSHAKE) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "TLS on a port for plain HTTP"));
        }
        let expected = &HTTP2_PREFACE[same..];
        let more = bytes.iter().zip(expected).take_while(|(came, expected)| came == expected).count();
        Ok(match more {
            _ if more == expected.len() => (Self::Http2(Frames::default()), more),
            _ if more == bytes.len() => (Self::Unknown(same + more), more),
            _ => (Self::Http1(Lines { head: same, is_line_empty: same == 0 }), 0),
        })
    }
}

impl Lines {
    /// How many of these bytes may be passed on: those up to the end of the head, or of the body.
    fn come(&mut self, activity: &ConnectionActivity, bytes: &[u8]) -> io::Result<usize> {
        match activity.body_left() {
            Some(0) => self.come_of_head(activity, bytes),
            Some(left) => {
                let pass = usize::try_from(left).map_or(bytes.len(), |left| left.min(bytes.len()));
                activity.body_comes(pass as u64);
                Ok(pass)
            }
            None => Ok(self.end(bytes).unwrap_or(bytes.len())),
        }
    }

    fn come_of_head(&mut self, activity: &ConnectionActivity, bytes: &[u8]) -> io::Result<usize> {
        // Some clients send an empty line after a body; that is not how a head begins.
        let is_blank = |byte: &u8| matches!(byte, b'\r' | b'\n');
        let begin = if self.head == 0 { bytes.iter().take_while(|byte| is_blank(byte)).count() } else { 0 };
        if begin == bytes.len() {
            return Ok(begin);
        }
        activity.head_comes();
        let end = self.end(&bytes[begin..]).map(|end| begin + end);
        let pass = end.unwrap_or(bytes.len());
        self.head += pass;
        let has_room = activity.heads.come(self.head);
        self.head = if end.is_some() { 0 } else { self.head };
        check_room(has_room).map(|()| pass)
    }

    /// Where the first empty line ends.
    fn end(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut from = 0;
        while let Some(length) = memchr(b'\n', &bytes[from..]) {
            let is_end = self.is_line_empty && bytes[from..from + length].iter().all(|byte| *byte == b'\r');
            from += length + 1;
            self.is_line_empty = true;
            if is_end {
                return Some(from);
            }
        }
        self.is_line_empty &= bytes[from..].iter().all(|byte| *byte == b'\r');
        None
    }
}

fn come_in_frames(frames: &mut Frames, activity: &ConnectionActivity, bytes: &[u8]) -> io::Result<()> {
    activity.speaks_http2();
    if frames.come(bytes) {
        activity.no_head_comes();
    }
    let unfinished = frames.unfinished();
    if unfinished.is_some() {
        activity.head_comes();
    }
    check_room(activity.heads.come(unfinished.unwrap_or(0)))
}

fn check_room(has_room: bool) -> io::Result<()> {
    let no_room = || io::Error::new(io::ErrorKind::OutOfMemory, "no room for heads");
    has_room.then_some(()).ok_or_else(no_room)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http_body_util::{Empty, Full, StreamBody};
    use hyper::Request;
    use hyper::body::{Body, Frame};

    use super::super::idle::{ConnectionTimeouts, Verdict};
    use super::*;

    fn incoming() -> (Arc<ConnectionActivity>, Incoming) {
        let activity = Arc::new(ConnectionActivity::default());
        (Arc::clone(&activity), Incoming::new(activity))
    }

    fn one_by_one(incoming: &mut Incoming, bytes: &[u8]) {
        for byte in bytes {
            assert_eq!(incoming.come(&[*byte]).unwrap(), 1);
        }
    }

    /// What is passed on at the next read.
    fn kept(incoming: &mut Incoming) -> Vec<u8> {
        let mut memory = [0; 1000];
        let mut buf = ReadBuf::new(&mut memory);
        incoming.pass_kept(&mut buf).unwrap();
        buf.filled().to_vec()
    }

    /// Whether a head has begun and not ended.
    fn is_stalled(activity: &ConnectionActivity) -> bool {
        std::thread::sleep(Duration::from_millis(5));
        let timeouts = ConnectionTimeouts {
            head: Duration::from_millis(1),
            idle: Duration::MAX,
            send: Duration::MAX,
            tls_handshake: Duration::MAX,
        };
        activity.verdict(timeouts) == Verdict::Stalled
    }

    fn begin<B: Body>(activity: &ConnectionActivity, body: B) {
        drop(activity.request_begins(&Request::new(body)));
    }

    #[test]
    fn a_tls_hello_is_an_error_as_the_first_byte_only() {
        assert!(incoming().1.come(&[TLS_HANDSHAKE, 3, 1]).is_err());
        let (_, mut incoming) = incoming();
        assert!(incoming.come(b"P").is_ok() && incoming.come(&[TLS_HANDSHAKE]).is_ok());
    }

    #[test]
    fn what_begins_like_an_http2_client_is_a_head_until_it_is_all_there() {
        for end in 1..HTTP2_PREFACE.len() {
            let (activity, mut incoming) = incoming();
            one_by_one(&mut incoming, &HTTP2_PREFACE[..end]);
            assert!(is_stalled(&activity), "{end}");
        }
        let (activity, mut incoming) = incoming();
        one_by_one(&mut incoming, HTTP2_PREFACE);
        assert!(is_stalled(&activity), "no frame came yet");
        incoming.come(&[0, 0, 0, 4, 0, 0, 0, 0, 0]).unwrap();
        assert!(!is_stalled(&activity));
    }

    #[test]
    fn a_method_that_begins_like_http2_is_http1() {
        let (_, mut incoming) = incoming();
        assert_eq!(incoming.come(b"PR").unwrap(), 2);
        assert_eq!(incoming.come(b"OPFIND / HTTP/1.1\r\n\r\nmore").unwrap(), 21);
        assert_eq!(kept(&mut incoming), b"more");
    }

    #[test]
    fn an_empty_line_between_requests_begins_no_head() {
        let (activity, mut incoming) = incoming();
        assert_eq!(incoming.come(b"\r\n").unwrap(), 2);
        assert!(!is_stalled(&activity));
        incoming.come(b"P").unwrap();
        assert!(is_stalled(&activity));
    }

    #[test]
    fn what_follows_a_body_is_passed_on_only_at_the_next_read_and_then_is_a_head() {
        let (activity, mut incoming) = incoming();
        let head = "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n";
        assert_eq!(incoming.come(format!("{head}\n\n\n{{}}POST").as_bytes()).unwrap(), head.len());
        begin(&activity, Full::<Bytes>::from("\n\n\n{}"));
        assert_eq!(kept(&mut incoming), b"\n\n\n{}");
        activity.request_ends();
        assert!(!is_stalled(&activity), "the HTTP layer has nothing of it");
        assert_eq!(kept(&mut incoming), b"POST");
        assert!(is_stalled(&activity));
    }

    #[test]
    fn a_body_in_pieces_ends_with_an_empty_line() {
        let (activity, mut incoming) = incoming();
        incoming.come(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n").unwrap();
        begin(&activity, StreamBody::new(futures_util::stream::empty::<Result<Frame<Bytes>, io::Error>>()));
        assert_eq!(incoming.come(b"2\r\n{}\r\n0\r").unwrap(), 9);
        assert_eq!(incoming.come(b"\n\r\nPOST").unwrap(), 3);
        activity.request_ends();
        assert_eq!(kept(&mut incoming), b"POST");
        assert!(is_stalled(&activity));
    }

    #[test]
    fn requests_that_came_together_are_passed_on_one_by_one() {
        let (activity, mut incoming) = incoming();
        let request = b"GET / HTTP/1.1\n\n";
        assert_eq!(incoming.come(&request.repeat(3)).unwrap(), request.len());
        for _ in 0..2 {
            begin(&activity, Empty::<Bytes>::new());
            activity.request_ends();
            assert_eq!(kept(&mut incoming), request);
        }
        assert_eq!(kept(&mut incoming), b"");
    }
}
