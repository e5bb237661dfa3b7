//! A stream as its client sees it, over HTTP/1.1 or HTTP/2.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper::http::response::Parts;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use pinfold_wire::sse::{Block, Reader};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::{APP, TestServer};

/// For what has to happen.
pub(crate) const LONG: Duration = Duration::from_secs(20);

/// A stream that is open. It ends when this is dropped.
pub(crate) struct Stream {
    pub(crate) head: Parts,
    body: Incoming,
    reader: Reader,
    /// What came, byte by byte.
    pub(crate) raw: Vec<u8>,
    /// Where the stream stood last.
    pub(crate) id: String,
}

/// What a test waits for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    Began,
    /// The revision of a change, and the kinds of its events.
    Change(u64, Vec<String>),
    Reset,
    Retry(u64),
    End,
}

/// Path and query by which this identifier watches; `more` is `&account=…`, say.
pub(crate) fn target(identifier: &str, more: &str) -> String {
    let signature = TestServer::signature(identifier);
    format!("/v4/pinfold/watch?sdkappid={APP}&identifier={identifier}&usersig={signature}{more}")
}

/// The answer to a GET.
pub(crate) async fn get(
    server: &TestServer,
    target: &str,
    headers: &[(&str, &str)],
    is_http2: bool,
) -> Response<Incoming> {
    let mut request = Request::get(format!("http://pinfold{target}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Empty::<Bytes>::new()).unwrap();
    let io = TokioIo::new(TcpStream::connect(server.address).await.unwrap());
    let answer = async {
        if is_http2 {
            let (mut sender, connection) = http2::handshake(TokioExecutor::new(), io).await.unwrap();
            tokio::spawn(connection);
            sender.send_request(request).await.unwrap()
        } else {
            let (mut sender, connection) = http1::handshake(io).await.unwrap();
            tokio::spawn(connection);
            sender.send_request(request).await.unwrap()
        }
    };
    timeout(LONG, answer).await.expect("no answer")
}

/// The code and the sentence of a refusal.
pub(crate) async fn refusal(server: &TestServer, target: &str) -> (u64, String) {
    let answer = get(server, target, &[], false).await;
    assert_eq!(answer.status(), 200);
    let body = timeout(LONG, answer.into_body().collect()).await.expect("the answer goes on").unwrap().to_bytes();
    let json: Value = serde_json::from_slice(&body).unwrap();
    (json["ErrorCode"].as_u64().unwrap(), json["ErrorInfo"].as_str().unwrap().to_owned())
}

impl Stream {
    /// The administrator watches an account.
    pub(crate) async fn of(server: &TestServer, account: &str) -> Self {
        Self::open(server, &target(crate::support::ADMIN, &format!("&account={account}")), &[]).await
    }

    /// The administrator watches an account from a cursor on.
    pub(crate) async fn after(server: &TestServer, account: &str, cursor: &str) -> Self {
        let more = format!("&account={account}&after={cursor}");
        Self::open(server, &target(crate::support::ADMIN, &more), &[]).await
    }

    pub(crate) async fn open(server: &TestServer, target: &str, headers: &[(&str, &str)]) -> Self {
        Self::of_answer(get(server, target, headers, false).await)
    }

    pub(crate) fn of_answer(answer: Response<Incoming>) -> Self {
        let (head, body) = answer.into_parts();
        assert_eq!(head.headers["content-type"], "text/event-stream", "a refusal");
        Self { head, body, reader: Reader::new(1 << 20), raw: Vec::new(), id: String::new() }
    }

    /// What comes next, comments left out.
    pub(crate) async fn next(&mut self) -> Next {
        timeout(LONG, self.block()).await.expect("nothing came").map_or(Next::End, |block| self.read(block))
    }

    /// Waits for these changes.
    pub(crate) async fn changes(&mut self, revisions: impl IntoIterator<Item = u64>) {
        for revision in revisions {
            let next = self.next().await;
            assert!(matches!(next, Next::Change(came, _) if came == revision), "{next:?} instead of change {revision}");
        }
    }

    /// Whether nothing but comments comes for some time.
    pub(crate) async fn is_quiet(&mut self) -> bool {
        timeout(Duration::from_millis(200), self.block()).await.is_err()
    }

    async fn block(&mut self) -> Option<Block> {
        loop {
            match self.reader.next() {
                Some(Block::Comment) => {}
                Some(block) => return Some(block),
                None => {
                    let frame = self.body.frame().await?.ok()?;
                    let bytes = frame.into_data().unwrap();
                    self.raw.extend_from_slice(&bytes);
                    self.reader.push(&bytes).unwrap();
                }
            }
        }
    }

    fn read(&mut self, block: Block) -> Next {
        match block {
            Block::Began { id } => {
                self.id = id;
                Next::Began
            }
            Block::Event { kind, id, data } => {
                self.id = id;
                let json: Value = serde_json::from_str(&data).unwrap();
                match kind.as_str() {
                    "change" => Next::Change(json["Revision"].as_u64().unwrap(), kinds(&json)),
                    "reset" => Next::Reset,
                    other => panic!("an event {other}"),
                }
            }
            Block::Retry(ms) => Next::Retry(ms),
            Block::Comment => unreachable!("left out"),
        }
    }
}

fn kinds(change: &Value) -> Vec<String> {
    let events = change["Event"].as_array().unwrap();
    events.iter().map(|event| event["EventType"].as_str().unwrap().to_owned()).collect()
}
