//! A server on loopback that takes one connection after another and does with each what the test wrote down.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use pinfold_client::{Client, Settings};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

/// What the server does with a connection, once the head of a request is there.
pub(crate) struct Turn {
    head: String,
    /// Each is sent after this time.
    parts: Vec<(Duration, String)>,
    then: Then,
}

enum Then {
    /// Ends the answer.
    End,
    /// Closes the connection.
    Break,
    /// Says no more until the client leaves.
    Stay,
}

impl Turn {
    /// A stream of these blocks, which ends well.
    pub(crate) fn stream(blocks: &str) -> Turn {
        let head =
            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n".to_owned();
        Turn { head, parts: vec![(Duration::ZERO, chunk(blocks))], then: Then::End }
    }

    /// Any other answer.
    pub(crate) fn answer(status: u16, content_type: &str, body: &str) -> Turn {
        let length = body.len();
        let head =
            format!("HTTP/1.1 {status} X\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\n\r\n{body}");
        Turn { head, parts: Vec::new(), then: Then::Break }
    }

    pub(crate) fn refusal(code: u32) -> Turn {
        let body = format!(r#"{{"ActionStatus":"FAIL","ErrorCode":{code},"ErrorInfo":"because","ErrorDisplay":""}}"#);
        Self::answer(200, "application/json; charset=utf-8", &body)
    }

    /// More blocks, each after this time.
    pub(crate) fn with(mut self, after: Duration, blocks: impl IntoIterator<Item = String>) -> Turn {
        self.parts.extend(blocks.into_iter().map(|blocks| (after, chunk(&blocks))));
        self
    }

    pub(crate) fn then_breaks(self) -> Turn {
        Turn { then: Then::Break, ..self }
    }

    pub(crate) fn then_stays(self) -> Turn {
        Turn { then: Then::Stay, ..self }
    }

    /// Whether the client left first.
    async fn run(self, stream: &mut TcpStream) -> bool {
        stream.write_all(self.head.as_bytes()).await.unwrap();
        for (after, part) in self.parts {
            tokio::time::sleep(after).await;
            if stream.write_all(part.as_bytes()).await.is_err() {
                return true;
            }
        }
        match self.then {
            Then::End => {
                let _ = stream.write_all(b"0\r\n\r\n").await;
                false
            }
            Then::Break => false,
            Then::Stay => {
                let _ = stream.read(&mut [0; 16]).await;
                true
            }
        }
    }
}

fn chunk(text: &str) -> String {
    format!("{:x}\r\n{text}\r\n", text.len())
}

/// The server, and what it saw. After the last turn its port is closed.
pub(crate) struct Script {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<String>>>,
    left: mpsc::UnboundedReceiver<()>,
}

impl Script {
    pub(crate) async fn play(turns: impl IntoIterator<Item = Turn>) -> Script {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (leaves, left) = mpsc::unbounded_channel();
        let script = Script { address: listener.local_addr().unwrap(), seen: Arc::default(), left };
        let (seen, turns) = (Arc::clone(&script.seen), turns.into_iter().collect::<Vec<_>>());
        tokio::spawn(async move {
            for turn in turns {
                let (mut stream, _) = listener.accept().await.unwrap();
                let line = first_line(&mut stream).await;
                seen.lock().unwrap().push(line);
                if turn.run(&mut stream).await {
                    leaves.send(()).unwrap();
                }
            }
        });
        script
    }

    pub(crate) fn settings(&self) -> Settings {
        Settings::new(format!("http://{}", self.address), 7, "admin*", "key")
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(self.settings()).unwrap()
    }

    /// The first line of each request.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }

    /// Waits until a client closed a connection on which the server stayed.
    pub(crate) async fn is_left(&mut self) {
        tokio::time::timeout(Duration::from_secs(20), self.left.recv()).await.unwrap().unwrap();
    }
}

/// Reads the head of a request.
async fn first_line(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap().lines().next().unwrap().to_owned()
}
