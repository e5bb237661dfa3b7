//! One request on a connection of its own, written and read as bytes: no library stands between the transcript and
//! the server.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// A server that takes longer is stuck: every answer comes within 5 s.
const ANSWER_MAX: Duration = Duration::from_secs(20);

/// A request.
pub(crate) struct Request<'a> {
    pub(crate) method: &'a str,
    pub(crate) target: &'a str,
    pub(crate) body: &'a str,
    /// Announces one byte more than it sends.
    pub(crate) is_incomplete: bool,
}

/// The body of the answer; everything around it has to be as the protocol says, or the error says what is not.
pub(crate) async fn send(address: SocketAddr, request: &Request<'_>) -> Result<String, String> {
    let exchange = async {
        let mut stream = TcpStream::connect(address).await?;
        let Request { method, target, body, is_incomplete } = request;
        let bytes = body.len() + usize::from(*is_incomplete);
        let head = format!(
            "{method} {target} HTTP/1.1\r\nHost: {address}\r\nContent-Length: {bytes}\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(body.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        Ok(answer)
    };
    let answer = timeout(ANSWER_MAX, exchange).await.map_err(|_| "no answer came".to_owned())?;
    let answer = answer.map_err(|error: std::io::Error| format!("the connection broke: {error}"))?;
    body_of(&String::from_utf8(answer).map_err(|_| "the answer is not UTF-8".to_owned())?)
}

fn body_of(answer: &str) -> Result<String, String> {
    let (head, body) = answer.split_once("\r\n\r\n").ok_or("the answer has no head")?;
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap_or_default();
    let headers: Vec<(String, &str)> =
        lines.filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.to_lowercase(), value)).collect();
    let header = |name: &str| headers.iter().find(|(other, _)| other == name).map_or("", |(_, value)| value);
    let expected = [
        ("content-type", "application/json; charset=utf-8"),
        ("content-length", &body.len().to_string()),
        ("access-control-allow-origin", "*"),
    ];
    if status != "HTTP/1.1 200 OK" {
        return Err(format!("the status is {status:?}"));
    }
    match expected.iter().find(|(name, value)| header(name) != *value) {
        Some((name, value)) => Err(format!("{name} is {:?}, not {value:?}", header(name))),
        None => Ok(body.to_owned()),
    }
}
