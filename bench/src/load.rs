//! The load generator: keep-alive connections that send prepared requests and check every answer.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What a load came to.
pub(crate) struct Measured {
    pub(crate) requests: u64,
    pub(crate) seconds: f64,
    /// Times of single requests, in microseconds.
    pub(crate) times_us: Histogram<u64>,
}

impl Measured {
    pub(crate) fn per_second(&self) -> f64 {
        self.requests as f64 / self.seconds
    }
}

/// How long a load goes on.
#[derive(Clone, Copy)]
pub(crate) enum Until {
    /// This long, going round the requests.
    Elapsed(Duration),
    /// Once through all requests.
    AllSent,
}

/// Sends the requests over this many connections. Each has a part of its own of even length, so that requests that
/// belong together in pairs stay on one connection and in order.
pub(crate) async fn run(
    address: SocketAddr,
    requests: Arc<Vec<Vec<u8>>>,
    connections: usize,
    until: Until,
) -> Result<Measured, String> {
    let began = Instant::now();
    let tasks: Vec<_> = (0..connections)
        .map(|place| tokio::spawn(connection(address, Arc::clone(&requests), place, connections, until, began)))
        .collect();
    let mut times_us = histogram();
    for task in tasks {
        let of_one = task.await.map_err(|error| error.to_string())??;
        times_us.add(of_one).map_err(|error| error.to_string())?;
    }
    Ok(Measured { requests: times_us.len(), seconds: began.elapsed().as_secs_f64(), times_us })
}

async fn connection(
    address: SocketAddr,
    requests: Arc<Vec<Vec<u8>>>,
    place: usize,
    of: usize,
    until: Until,
    began: Instant,
) -> Result<Histogram<u64>, String> {
    let mut times_us = histogram();
    let mut stream = TcpStream::connect(address).await.map_err(|error| format!("{address}: {error}"))?;
    let _ = stream.set_nodelay(true);
    let mut answer = Vec::with_capacity(1 << 16);
    let share = (requests.len() / of) & !1;
    let mine = &requests[share * place..if place + 1 == of { requests.len() } else { share * (place + 1) }];
    let mut next = 0;
    loop {
        let is_over = match until {
            Until::Elapsed(time) => began.elapsed() >= time,
            Until::AllSent => next >= mine.len(),
        };
        if is_over {
            return Ok(times_us);
        }
        let sent = Instant::now();
        let body = exchange(&mut stream, &mine[next % mine.len()], &mut answer).await;
        let body = body.map_err(|error| format!("{address}: {error}"))?;
        check(body)?;
        times_us.saturating_record(sent.elapsed().as_micros() as u64);
        next += 1;
    }
}

fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, 60_000_000, 3).expect("the bounds are right")
}

/// Sends one request and reads its whole answer; gives back the body.
async fn exchange<'a>(stream: &mut TcpStream, request: &[u8], answer: &'a mut Vec<u8>) -> io::Result<&'a [u8]> {
    stream.write_all(request).await?;
    answer.clear();
    loop {
        if stream.read_buf(answer).await? == 0 {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof));
        }
        if let Some((head, length)) = head(answer)
            && answer.len() >= head + length
        {
            return Ok(&answer[head..head + length]);
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

/// An answer with any other code than 0 fails the run.
fn check(body: &[u8]) -> Result<(), String> {
    let text = std::str::from_utf8(body).map_err(|error| error.to_string())?;
    let ok = text.contains(r#""ErrorCode":0"#);
    let refused =
        text.match_indices(r#""ResultCode":"#).any(|(place, name)| !text[place + name.len()..].starts_with('0'));
    if ok && !refused { Ok(()) } else { Err(format!("an answer says: {}", text.get(..300).unwrap_or(text))) }
}
