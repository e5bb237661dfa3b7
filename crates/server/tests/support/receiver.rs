//! A receiver of webhooks on loopback that does with each request what a test says.

#![allow(dead_code, clippy::unwrap_used, reason = "test code, of which each test uses a part")]

use std::borrow::Cow;
use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// What a receiver does with a request that it has read.
pub(crate) enum Step {
    /// Answers, and waits for another request on the connection.
    Answer(Cow<'static, str>),
    /// Answers, and closes the connection.
    Close(&'static str),
    /// Resets the connection without an answer.
    Reset,
    /// Writes this, and nothing more while the connection is open.
    Hang(&'static str),
    /// Writes this, and then the same bytes again and again.
    Endless(&'static str, &'static [u8]),
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    /// Request line and headers.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
    /// Which connection it came on, counted from 0.
    pub(crate) connection: usize,
}

impl Received {
    /// The value of a header; its name is in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.clone().find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

/// What to do with a request; without a step its connection is closed.
type Act = Box<dyn Fn(&Received) -> Option<Step> + Send + Sync>;

struct Shared {
    act: Act,
    /// Whether requests are kept, or only counted.
    keeps: bool,
    received: Mutex<Vec<Received>>,
    count: AtomicUsize,
}

pub(crate) struct Receiver {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl Receiver {
    /// A receiver without TLS. After the steps it closes what comes.
    pub(crate) async fn start(steps: impl IntoIterator<Item = Step>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::on(listener, None, steps)
    }

    pub(crate) async fn with_tls(acceptor: TlsAcceptor, steps: impl IntoIterator<Item = Step>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::on(listener, Some(acceptor), steps)
    }

    pub(crate) fn on(listener: TcpListener, tls: Option<TlsAcceptor>, steps: impl IntoIterator<Item = Step>) -> Self {
        let steps = Mutex::new(steps.into_iter().collect::<VecDeque<_>>());
        Self::acting(listener, tls, move |_| steps.lock().unwrap().pop_front())
    }

    /// A receiver that decides on each request.
    pub(crate) fn acting(
        listener: TcpListener,
        tls: Option<TlsAcceptor>,
        act: impl Fn(&Received) -> Option<Step> + Send + Sync + 'static,
    ) -> Self {
        Self::with(listener, tls, Box::new(act), true)
    }

    /// A receiver that takes everything and keeps nothing of it.
    pub(crate) fn counting(listener: TcpListener) -> Self {
        let taken = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
        Self::with(listener, None, Box::new(|_| Some(Step::Answer(taken.into()))), false)
    }

    fn with(listener: TcpListener, tls: Option<TlsAcceptor>, act: Act, keeps: bool) -> Self {
        let shared = Arc::new(Shared { act, keeps, received: Mutex::default(), count: AtomicUsize::new(0) });
        let address = listener.local_addr().unwrap();
        tokio::spawn(accept(listener, tls, Arc::clone(&shared)));
        Self { address, shared }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// How many requests came.
    pub(crate) fn count(&self) -> usize {
        self.shared.count.load(Ordering::Relaxed)
    }

    /// Everything that came, in its order.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.shared.received.lock().unwrap().clone()
    }
}

async fn accept(listener: TcpListener, tls: Option<TlsAcceptor>, shared: Arc<Shared>) {
    for connection in 0.. {
        let Ok((tcp, _)) = listener.accept().await else { return };
        let (tls, shared) = (tls.clone(), Arc::clone(&shared));
        tokio::spawn(async move {
            match tls {
                Some(tls) => serve(tls.accept(tcp).await?, connection, &shared, |_| ()).await,
                None => serve(tcp, connection, &shared, reset).await,
            }
        });
    }
}

fn reset(tcp: &TcpStream) {
    SockRef::from(tcp).set_linger(Some(Duration::ZERO)).unwrap();
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    connection: usize,
    shared: &Shared,
    reset: fn(&S),
) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    while let Some(request) = read(&mut stream, connection).await? {
        let step = (shared.act)(&request);
        if shared.keeps {
            shared.received.lock().unwrap().push(request);
        }
        shared.count.fetch_add(1, Ordering::Relaxed);
        match step {
            Some(Step::Answer(answer)) => stream.write_all(answer.as_bytes()).await?,
            Some(Step::Close(answer)) => {
                stream.write_all(answer.as_bytes()).await?;
                return stream.shutdown().await;
            }
            Some(Step::Hang(answer)) => {
                stream.write_all(answer.as_bytes()).await?;
                return stream.read_u8().await.map(|_| ());
            }
            Some(Step::Endless(head, more)) => {
                stream.write_all(head.as_bytes()).await?;
                // Until the other side closes the connection.
                loop {
                    stream.write_all(more).await?;
                    stream.flush().await?;
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            }
            Some(Step::Reset) => {
                reset(stream.get_ref());
                return Ok(());
            }
            None => return Ok(()),
        }
        stream.flush().await?;
    }
    Ok(())
}

/// The next request; `None` at the end of the connection.
async fn read<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut BufReader<S>,
    connection: usize,
) -> io::Result<Option<Received>> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head).await? == 0 {
            return Ok(None);
        }
    }
    let mut request = Received { head, body: Vec::new(), connection };
    let length = request.header("content-length").unwrap().parse().unwrap();
    request.body.resize(length, 0);
    stream.read_exact(&mut request.body).await?;
    Ok(Some(request))
}
