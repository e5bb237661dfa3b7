//! A client that writes and reads bytes.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::LONG;
use crate::support::{ADMIN, TestServer};

/// A connection.
pub(crate) struct Raw {
    stream: TcpStream,
    read: Vec<u8>,
}

/// An answer as it came.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    fn parse(head: &str) -> Self {
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap();
        Self { status, head: head.to_lowercase(), body: Vec::new() }
    }

    /// The value of a header in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.split("\r\n").filter_map(|line| line.split_once(": ")).find(|(it, _)| *it == name).map(|it| it.1)
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// The `ErrorCode` of an answer that must be one of the protocol.
    pub(crate) fn code(&self) -> u64 {
        assert_eq!(self.status, 200, "{self:?}");
        assert_eq!(self.header("content-type"), Some("application/json; charset=utf-8"), "{self:?}");
        assert_eq!(self.header("access-control-allow-origin"), Some("*"), "{self:?}");
        let json: serde_json::Value = serde_json::from_slice(&self.body).unwrap();
        json["ErrorCode"].as_u64().unwrap()
    }

    /// Whether the server says that it closes.
    pub(crate) fn closes(&self) -> bool {
        self.header("connection") == Some("close")
    }
}

impl Raw {
    pub(crate) async fn connect(server: &TestServer) -> Self {
        Self::over(TcpStream::connect(server.address).await.unwrap())
    }

    /// Over a connection of the test's own.
    pub(crate) fn over(stream: TcpStream) -> Self {
        stream.set_nodelay(true).unwrap();
        Self { stream, read: Vec::new() }
    }

    pub(crate) async fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.stream.write_all(bytes.as_ref()).await
    }

    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.try_send(bytes).await.unwrap();
    }

    /// Says that nothing more will be sent; answers can still be read.
    pub(crate) async fn send_no_more(&mut self) {
        self.stream.shutdown().await.unwrap();
    }

    /// Whether there was more to read.
    async fn more(&mut self) -> bool {
        let read = timeout(LONG, self.stream.read_buf(&mut self.read)).await.expect("nothing came for a long time");
        // A reset is an end too.
        read.unwrap_or(0) > 0
    }

    /// The next head, `100 Continue` included.
    pub(crate) async fn head(&mut self) -> Answer {
        loop {
            if let Some(end) = self.read.windows(4).position(|four| four == b"\r\n\r\n") {
                let head: Vec<u8> = self.read.drain(..end + 4).collect();
                return Answer::parse(std::str::from_utf8(&head).unwrap());
            }
            assert!(self.more().await, "closed instead of an answer: {:?}", String::from_utf8_lossy(&self.read));
        }
    }

    /// The next answer with its body, which has a length.
    pub(crate) async fn answer(&mut self) -> Answer {
        let mut answer = self.head().await;
        let length: usize = answer.header("content-length").map_or(0, |length| length.parse().unwrap());
        while self.read.len() < length {
            assert!(self.more().await, "the answer breaks off");
        }
        answer.body = self.read.drain(..length).collect();
        answer
    }

    /// Waits for the end; what came before it.
    pub(crate) async fn closed(&mut self) -> Vec<u8> {
        while self.more().await {}
        std::mem::take(&mut self.read)
    }

    /// Whether something, or the end, comes within this time.
    pub(crate) async fn receives_within(&mut self, time: Duration) -> bool {
        !self.read.is_empty() || timeout(time, self.stream.read_buf(&mut self.read)).await.is_ok()
    }

    /// Sends a call that every server answers with success; its answer.
    pub(crate) async fn call(&mut self) -> Answer {
        self.send(get()).await;
        self.answer().await
    }
}

/// A call that reads an account which always is there.
pub(crate) fn get() -> String {
    post(&TestServer::target("recentcontact/get_contact_group"), "", &get_body())
}

pub(crate) fn get_body() -> String {
    format!(r#"{{"From_Account":"{ADMIN}"}}"#)
}

/// A whole request, with more header lines, each ended by CR LF.
pub(crate) fn post(target: &str, more: &str, body: &str) -> String {
    format!("{}{body}", head(target, &format!("Content-Length: {}\r\n{more}", body.len())))
}

/// The head of a request.
pub(crate) fn head(target: &str, more: &str) -> String {
    format!("POST {target} HTTP/1.1\r\nHost: pinfold\r\n{more}\r\n")
}

/// A fresh connection is answered: the server lives.
pub(crate) async fn assert_still_serves(server: &TestServer) {
    assert_eq!(Raw::connect(server).await.call().await.code(), 0);
}
