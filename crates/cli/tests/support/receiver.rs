//! A receiver of webhooks on loopback that notes what it is sent.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::TIMEOUT;

/// The secret of every webhook of the tests.
pub const TOKEN: &str = "a-made-up-token-for-the-tests-of-webhooks";

/// A request that was received.
#[derive(Clone, Debug)]
pub struct Request {
    /// How often [`Receiver::next_run`] was called before.
    pub run: usize,
    /// Request line and headers.
    pub head: String,
    pub body: Value,
}

impl Request {
    pub fn account(&self) -> &str {
        self.body["From_Account"].as_str().unwrap()
    }

    pub fn revision(&self) -> u64 {
        self.body["Revision"].as_u64().unwrap()
    }
}

/// It receives until the process ends.
#[derive(Clone)]
pub struct Receiver(Arc<Shared>);

struct Shared {
    address: SocketAddr,
    received: Mutex<Vec<Request>>,
    run: AtomicUsize,
    /// Connections that are open.
    open: AtomicUsize,
    status: AtomicUsize,
    /// Of so many requests one is answered 500 and not noted; 0 for none.
    refuse_one_of: AtomicUsize,
    /// The longest time that an answer is held back for, in milliseconds.
    delay_ms_max: AtomicU64,
}

impl Receiver {
    /// It answers 200 at once.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let receiver = Self(Arc::new(Shared {
            address: listener.local_addr().unwrap(),
            received: Mutex::default(),
            run: AtomicUsize::new(0),
            open: AtomicUsize::new(0),
            status: AtomicUsize::new(200),
            refuse_one_of: AtomicUsize::new(0),
            delay_ms_max: AtomicU64::new(0),
        }));
        let accepting = receiver.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                accepting.0.open.fetch_add(1, Ordering::SeqCst);
                let receiver = accepting.clone();
                std::thread::spawn(move || {
                    let _ = receiver.serve(&stream);
                    receiver.0.open.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        receiver
    }

    /// The lines of an app whose webhook leads here.
    pub fn app(&self) -> String {
        format!("[app.webhook]\nurl = \"http://{}/hook?hidden=1\"\ntoken = \"{TOKEN}\"", self.0.address)
    }

    /// Host and port, as they are told to operators.
    pub fn host(&self) -> String {
        self.0.address.to_string()
    }

    /// Answers with this status from now on.
    pub fn answer(&self, status: usize) {
        self.0.status.store(status, Ordering::SeqCst);
    }

    /// Refuses one of so many requests, by chance, and forgets it.
    pub fn refuse_one_of(&self, requests: usize) {
        self.0.refuse_one_of.store(requests, Ordering::SeqCst);
    }

    /// Holds each answer back for a random time up to this.
    pub fn delay_ms_max(&self, ms: u64) {
        self.0.delay_ms_max.store(ms, Ordering::SeqCst);
    }

    /// What was received, in its order.
    pub fn received(&self) -> Vec<Request> {
        self.0.received.lock().unwrap().clone()
    }

    /// Waits until this holds for what was received.
    pub fn await_received(&self, holds: impl Fn(&[Request]) -> bool) {
        let began = Instant::now();
        while !holds(&self.0.received.lock().unwrap()) {
            assert!(began.elapsed() < TIMEOUT, "{} requests came", self.received().len());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until all connections of a server that ended are closed; what comes then belongs to another run.
    pub fn next_run(&self) {
        let began = Instant::now();
        while self.0.open.load(Ordering::SeqCst) > 0 {
            assert!(began.elapsed() < TIMEOUT, "connections of a server that ended are open");
            std::thread::sleep(Duration::from_millis(5));
        }
        self.0.run.fetch_add(1, Ordering::SeqCst);
    }

    fn serve(&self, stream: &TcpStream) -> std::io::Result<()> {
        let mut reader = BufReader::new(stream);
        while let Some(head) = head(&mut reader)? {
            let mut body = vec![0; length(&head)];
            reader.read_exact(&mut body)?;
            let body = serde_json::from_slice(&body).unwrap();
            let refuse_one_of = self.0.refuse_one_of.load(Ordering::SeqCst);
            let is_refused = refuse_one_of > 0 && rand::random_range(0..refuse_one_of) == 0;
            if !is_refused {
                let request = Request { run: self.0.run.load(Ordering::SeqCst), head, body };
                self.0.received.lock().unwrap().push(request);
            }
            let delay = rand::random_range(0..=self.0.delay_ms_max.load(Ordering::SeqCst));
            std::thread::sleep(Duration::from_millis(delay));
            let status = if is_refused { 500 } else { self.0.status.load(Ordering::SeqCst) };
            let mut stream = stream;
            stream.write_all(format!("HTTP/1.1 {status} Said\r\nContent-Length: 2\r\n\r\n{{}}").as_bytes())?;
        }
        Ok(())
    }
}

fn length(head: &str) -> usize {
    let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    length.unwrap()
}

/// Request line and headers; `None` at the end of the connection.
fn head(reader: &mut BufReader<&TcpStream>) -> std::io::Result<Option<String>> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Ok(None);
        }
    }
    Ok(Some(head))
}
