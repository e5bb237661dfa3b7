//! Streams of changes, a task for each.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use pinfold_wire::sse::{self, Block, Reader};
use tokio::task::JoinHandle;

use super::deliveries::Deliveries;
use crate::accounts::Accounts;
use crate::caller::{self, Target, Transport};
use crate::prepare::{APP, signature};

/// Connections that are opened at a time.
const OPENERS: usize = 32;
/// Streams of a connection of HTTP/2. The server allows no more.
const STREAMS_OF_CONNECTION: usize = 100;
const LINE_BYTES_MAX: usize = 1 << 20;

/// Where a stream stands: the number of its account, and its cursor.
pub(super) type Standing = (u32, Option<String>);

/// Streams that were opened.
pub(super) struct Streams(Vec<JoinHandle<Result<Standing, String>>>);

/// Opens a stream after each cursor, or from now on, and waits until each has said where it stands.
pub(super) async fn open(
    target: &Target,
    accounts: Accounts,
    standings: Vec<Standing>,
    deliveries: &Arc<Deliveries>,
) -> Result<Streams, String> {
    let of_connection = if target.transport == Transport::Tls2 { STREAMS_OF_CONNECTION } else { 1 };
    let of_opener = standings.len().div_ceil(OPENERS).next_multiple_of(of_connection);
    let openers: Vec<_> = standings
        .chunks(of_opener)
        .map(|share| {
            let (target, share, deliveries) = (target.clone(), share.to_vec(), Arc::clone(deliveries));
            tokio::spawn(async move {
                let mut reading = Vec::with_capacity(share.len());
                for together in share.chunks(of_connection) {
                    let mut sender = Sender::connect(&target).await?;
                    for (account, cursor) in together {
                        let stream = Stream::open(&mut sender, accounts, *account, cursor.as_deref()).await?;
                        reading.push(tokio::spawn(stream.read(Arc::clone(&deliveries))));
                    }
                }
                Ok::<_, String>(reading)
            })
        })
        .collect();
    let mut streams = Vec::with_capacity(standings.len());
    for opener in openers {
        streams.extend(opener.await.map_err(|error| error.to_string())??);
    }
    Ok(Streams(streams))
}

impl Streams {
    /// Streams that have ended.
    pub(super) fn ended(&self) -> usize {
        self.0.iter().filter(|reading| reading.is_finished()).count()
    }

    /// Waits for the end of all, and gives where each stood.
    pub(super) async fn standings(self) -> Result<Vec<Standing>, String> {
        let mut standings = Vec::with_capacity(self.0.len());
        for reading in self.0 {
            standings.push(reading.await.map_err(|error| error.to_string())??);
        }
        Ok(standings)
    }
}

enum Sender {
    Http1(http1::SendRequest<Empty<Bytes>>),
    Http2(http2::SendRequest<Empty<Bytes>>),
}

impl Sender {
    async fn connect(target: &Target) -> Result<Self, String> {
        let io =
            caller::open(target).await.map_err(|error| format!("cannot connect to {}: {error}", target.address))?;
        let io = TokioIo::new(io);
        if target.transport == Transport::Tls2 {
            let (sender, connection) =
                http2::handshake(TokioExecutor::new(), io).await.map_err(|error| error.to_string())?;
            tokio::spawn(connection);
            Ok(Self::Http2(sender))
        } else {
            let (sender, connection) = http1::handshake(io).await.map_err(|error| error.to_string())?;
            tokio::spawn(connection);
            Ok(Self::Http1(sender))
        }
    }

    async fn send(&mut self, path: &str) -> Result<Response<Incoming>, String> {
        let request = match self {
            Self::Http1(_) => Request::get(path).header(HOST, "127.0.0.1"),
            Self::Http2(_) => Request::get(format!("https://127.0.0.1{path}")),
        };
        let request = request.body(Empty::new()).map_err(|error| error.to_string())?;
        let answer = match self {
            Self::Http1(sender) => sender.send_request(request).await,
            Self::Http2(sender) => sender.send_request(request).await,
        };
        answer.map_err(|error| error.to_string())
    }
}

struct Stream {
    account: u32,
    cursor: String,
    body: Incoming,
    reader: Reader,
}

impl Stream {
    async fn open(sender: &mut Sender, accounts: Accounts, account: u32, after: Option<&str>) -> Result<Self, String> {
        let (usersig, name) = (signature(), accounts.name(account));
        let after = after.map_or(String::new(), |cursor| format!("&after={cursor}"));
        let path = format!(
            "/v4/pinfold/watch?sdkappid={APP}&identifier=administrator&usersig={usersig}&account={name}{after}"
        );
        let answer = sender.send(&path).await?;
        if answer.headers().get(CONTENT_TYPE).is_none_or(|value| value != "text/event-stream") {
            let body = answer.into_body().collect().await.map_err(|error| error.to_string())?;
            return Err(format!("no stream for {name}: {}", String::from_utf8_lossy(&body.to_bytes())));
        }
        let mut stream =
            Self { account, cursor: String::new(), body: answer.into_body(), reader: Reader::new(LINE_BYTES_MAX) };
        match stream.next().await? {
            Some(Block::Began { id }) => stream.cursor = id,
            other => return Err(format!("the stream of {name} begins with {other:?}")),
        }
        Ok(stream)
    }

    /// The next block; `None` at the end, however it ends.
    async fn next(&mut self) -> Result<Option<Block>, String> {
        loop {
            if let Some(block) = self.reader.next() {
                return Ok(Some(block));
            }
            let Some(Ok(frame)) = self.body.frame().await else { return Ok(None) };
            if let Ok(bytes) = frame.into_data() {
                self.reader.push(&bytes).map_err(|error| error.to_string())?;
            }
        }
    }

    /// Reads to the end.
    async fn read(mut self, deliveries: Arc<Deliveries>) -> Result<Standing, String> {
        while let Some(block) = self.next().await? {
            match block {
                Block::Event { kind, id, data } if kind == sse::CHANGE => {
                    deliveries.told(self.account, revision(&data)?)?;
                    self.cursor = id;
                }
                Block::Event { kind, .. } => return Err(format!("account {} was told {kind}", self.account)),
                Block::Began { .. } | Block::Comment | Block::Retry(_) => {}
            }
        }
        Ok((self.account, Some(self.cursor)))
    }
}

/// Read by hand: the generator shares the processors with the server.
fn revision(data: &str) -> Result<u32, String> {
    let digits = data.strip_prefix(r#"{"Revision":"#).and_then(|rest| rest.split(',').next());
    digits.and_then(|digits| digits.parse().ok()).ok_or_else(|| format!("a change without a revision: {data:.100}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_revision_stands_first_in_a_change() {
        assert_eq!(revision(r#"{"Revision":12,"Time":1}"#), Ok(12));
        assert!(revision("{}").is_err());
    }
}
