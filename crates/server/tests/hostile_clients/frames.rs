//! An HTTP/2 client that sends whatever frames it likes.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::LONG;
use crate::support::TestServer;

pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
pub(crate) const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
pub(crate) const PING: u8 = 6;
pub(crate) const GOAWAY: u8 = 7;
pub(crate) const WINDOW_UPDATE: u8 = 8;
pub(crate) const CONTINUATION: u8 = 9;

pub(crate) const END_STREAM: u8 = 1;
pub(crate) const END_HEADERS: u8 = 4;

pub(crate) const INITIAL_WINDOW_SIZE: u16 = 4;

/// A connection.
pub(crate) struct Frames {
    stream: TcpStream,
}

/// A frame as it came.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) kind: u8,
    payload: Vec<u8>,
}

impl Frame {
    /// The error code that ends a stream or the connection, and `None` for other frames.
    pub(crate) fn error(&self) -> Option<u32> {
        let at = match self.kind {
            RST_STREAM => 0,
            GOAWAY => 4,
            _ => return None,
        };
        Some(u32::from_be_bytes(self.payload[at..at + 4].try_into().unwrap()))
    }
}

impl Frames {
    pub(crate) async fn connect(server: &TestServer, settings: &[(u16, u32)]) -> Self {
        Self::over(TcpStream::connect(server.address).await.unwrap(), settings).await
    }

    /// Over a connection of the test's own.
    pub(crate) async fn over(mut stream: TcpStream, settings: &[(u16, u32)]) -> Self {
        stream.set_nodelay(true).unwrap();
        let settings = settings.iter().flat_map(|(id, value)| [&id.to_be_bytes()[..], &value.to_be_bytes()].concat());
        let first = frame(SETTINGS, 0, 0, &settings.collect::<Vec<_>>());
        stream.write_all(&[b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &first[..]].concat()).await.unwrap();
        let mut frames = Self { stream };
        // The server takes more at once than HTTP/2 begins with, but only after it has said so.
        while frames.next().await.expect("closed").kind != WINDOW_UPDATE {}
        frames
    }

    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) -> std::io::Result<()> {
        self.stream.write_all(bytes.as_ref()).await
    }

    /// The next frame; none at the end.
    pub(crate) async fn next(&mut self) -> Option<Frame> {
        timeout(LONG, async {
            let mut head = [0; 9];
            self.stream.read_exact(&mut head).await.ok()?;
            let number = |bytes: &[u8]| bytes.iter().fold(0, |number, byte| number << 8 | u32::from(*byte));
            let mut payload = vec![0; number(&head[..3]) as usize];
            self.stream.read_exact(&mut payload).await.ok()?;
            Some(Frame { kind: head[3], payload })
        })
        .await
        .expect("nothing came for a long time")
    }

    /// How many bytes are left to read before the end.
    pub(crate) async fn left(&mut self) -> usize {
        let mut all = Vec::new();
        // A reset is an end too.
        let _ = timeout(LONG, self.stream.read_to_end(&mut all)).await.expect("not closed");
        all.len()
    }

    /// The error code the connection ends with; none if it just ends.
    pub(crate) async fn end(&mut self) -> Option<u32> {
        let mut error = None;
        while let Some(frame) = self.next().await {
            error = frame.error().filter(|_| frame.kind == GOAWAY).or(error);
        }
        error
    }
}

pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u32).to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// The head of a call, without flags `END_HEADERS` and `END_STREAM`.
pub(crate) fn head(target: &str) -> Vec<u8> {
    let mut block = vec![0x83, 0x86, 0x04];
    text(&mut block, target);
    block.push(0x01);
    text(&mut block, "pinfold");
    block
}

/// A header of a request that the client makes up.
pub(crate) fn header(name: &str, value: &str) -> Vec<u8> {
    let mut block = vec![0];
    text(&mut block, name);
    text(&mut block, value);
    block
}

/// A call without a body.
pub(crate) fn request(stream: u32, target: &str) -> Vec<u8> {
    frame(HEADERS, END_HEADERS | END_STREAM, stream, &head(target))
}

/// A call whose body ends with it.
pub(crate) fn call(stream: u32, target: &str, body: &str) -> Vec<u8> {
    let head = frame(HEADERS, END_HEADERS, stream, &head(target));
    [head, frame(DATA, END_STREAM, stream, body.as_bytes())].concat()
}

pub(crate) fn reset(stream: u32) -> Vec<u8> {
    const CANCEL: u32 = 8;
    frame(RST_STREAM, 0, stream, &CANCEL.to_be_bytes())
}

/// A text with its length, not compressed.
fn text(block: &mut Vec<u8>, text: &str) {
    let mut left = text.len();
    if left < 127 {
        block.push(left as u8);
    } else {
        block.push(127);
        left -= 127;
        while left >= 128 {
            block.push((left % 128) as u8 | 128);
            left /= 128;
        }
        block.push(left as u8);
    }
    block.extend_from_slice(text.as_bytes());
}

/// A call with an answer of nearly 10 KB: target and body.
pub(crate) fn call_with_long_answer() -> (String, String) {
    let items: Vec<_> = (0..100).map(|number| format!(r#"{{"UserID":"{number:032}"}}"#)).collect();
    (TestServer::target("im_open_login_svc/account_check"), format!(r#"{{"CheckItem":[{}]}}"#, items.join(",")))
}
