//! One keep-alive connection to a server: plain, or TLS with HTTP/1.1 or HTTP/2.

use std::io;
use std::net::SocketAddr;

use bytes::Bytes;
use clap::ValueEnum;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2::{self, SendRequest};
use hyper::header::CONTENT_TYPE;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

use crate::request::Request;

/// What the requests travel over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Transport {
    /// HTTP/1.1 without TLS.
    Plain,
    /// HTTP/1.1 over TLS.
    Tls1,
    /// HTTP/2 over TLS; each connection has one stream at a time.
    Tls2,
}

/// Where and how to connect.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) address: SocketAddr,
    /// Trusts the certificate of this run and no other; `None` connects in plain.
    pub(crate) connector: Option<TlsConnector>,
    pub(crate) transport: Transport,
}

/// What a connection travels over.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

enum Wire {
    Http1(Box<dyn Stream>),
    Http2(SendRequest<Full<Bytes>>),
}

/// A connection that sends one request after the other.
pub(crate) struct Caller {
    wire: Wire,
    answer: Vec<u8>,
}

/// Opens these many connections.
pub(crate) async fn connect(target: &Target, connections: usize) -> Result<Vec<Caller>, String> {
    let connecting: Vec<_> = (0..connections)
        .map(|_| {
            let target = target.clone();
            tokio::spawn(async move { Caller::connect(&target).await })
        })
        .collect();
    let mut callers = Vec::with_capacity(connections);
    for caller in connecting {
        let caller = caller.await.map_err(|error| error.to_string())?;
        callers.push(caller.map_err(|error| format!("cannot connect to {}: {error}", target.address))?);
    }
    Ok(callers)
}

/// Opens a connection that nothing was sent over yet.
pub(crate) async fn open(target: &Target) -> io::Result<Box<dyn Stream>> {
    let stream = TcpStream::connect(target.address).await?;
    stream.set_nodelay(true)?;
    Ok(match &target.connector {
        None => Box::new(stream),
        Some(connector) => Box::new(connector.connect(ServerName::from(target.address.ip()), stream).await?),
    })
}

impl Caller {
    async fn connect(target: &Target) -> io::Result<Self> {
        let stream = open(target).await?;
        let wire = match target.transport {
            Transport::Plain | Transport::Tls1 => Wire::Http1(stream),
            Transport::Tls2 => {
                let handshake = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await;
                let (sender, connection) = handshake.map_err(io::Error::other)?;
                tokio::spawn(connection);
                Wire::Http2(sender)
            }
        };
        Ok(Self { wire, answer: Vec::with_capacity(1 << 16) })
    }

    /// Sends a request, reads its whole answer and gives back the body.
    pub(crate) async fn call(&mut self, request: &Request) -> Result<&[u8], String> {
        self.answer.clear();
        let body_at = match &mut self.wire {
            Wire::Http1(stream) => over_http1(stream, request, &mut self.answer).await,
            Wire::Http2(sender) => over_http2(sender, request, &mut self.answer).await.map_err(io::Error::other),
        };
        let body_at = body_at.map_err(|error| format!("a connection broke: {error}"))?;
        Ok(&self.answer[body_at..])
    }
}

/// Gives back where the body begins.
async fn over_http1(stream: &mut Box<dyn Stream>, request: &Request, answer: &mut Vec<u8>) -> io::Result<usize> {
    stream.write_all(request.http1()).await?;
    stream.flush().await?;
    loop {
        if stream.read_buf(answer).await? == 0 {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof));
        }
        if let Some((body_at, length)) = head(answer)
            && answer.len() >= body_at + length
        {
            return Ok(body_at);
        }
    }
}

/// Where the head ends, and the length of the body it announces.
fn head(answer: &[u8]) -> Option<(usize, usize)> {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&answer[..end]).ok()?;
    let length =
        head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
    Some((end + 4, length?))
}

async fn over_http2(
    sender: &mut SendRequest<Full<Bytes>>,
    request: &Request,
    answer: &mut Vec<u8>,
) -> hyper::Result<usize> {
    let (uri, body) = request.http2();
    let mut request = hyper::Request::post(uri).body(Full::new(body)).expect("all its parts are there");
    request.headers_mut().insert(CONTENT_TYPE, hyper::header::HeaderValue::from_static("application/json"));
    let mut body = sender.send_request(request).await?.into_body();
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame?.into_data() {
            answer.extend_from_slice(&data);
        }
    }
    Ok(0)
}
