//! A proxy between pinfold and the database that fails on command.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What the proxy does with bytes from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    /// It hands them on.
    Passes,
    /// It keeps answers, and what they answer, to itself, and the connections open.
    Stalls,
    /// It hands requests on and closes the connection in place of the answer.
    CutsAnswers,
    /// It closes every connection, new ones too.
    Resets,
}

/// The proxy; it ends with the test's runtime.
pub(crate) struct Proxy {
    address: SocketAddr,
    mood: Arc<watch::Sender<Mood>>,
    requests: Arc<AtomicUsize>,
}

impl Proxy {
    pub(crate) async fn before(database: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mood = Arc::new(watch::Sender::new(Mood::Passes));
        let requests = Arc::new(AtomicUsize::new(0));
        let (moods, counted) = (Arc::clone(&mood), Arc::clone(&requests));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(connection(client, database, moods.subscribe(), Arc::clone(&counted)));
            }
        });
        Self { address, mood, requests }
    }

    /// How often a client wrote to the database since the last time this was asked.
    pub(crate) fn requests(&self) -> usize {
        self.requests.swap(0, Ordering::Relaxed)
    }

    pub(crate) fn set(&self, mood: Mood) {
        self.mood.send_replace(mood);
    }

    /// The same URL, by way of the proxy.
    pub(crate) fn url(&self, url: &str, database: SocketAddr) -> String {
        url.replace(&database.to_string(), &self.address.to_string())
    }
}

async fn connection(
    client: TcpStream,
    database: SocketAddr,
    mut mood: watch::Receiver<Mood>,
    requests: Arc<AtomicUsize>,
) {
    if *mood.borrow() == Mood::Resets {
        return;
    }
    let Ok(server) = TcpStream::connect(database).await else { return };
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    let requests = forward(from_client, to_server, mood.clone(), Some(&requests));
    let answers = forward(from_server, to_client, mood.clone(), None);
    let reset = async { drop(mood.wait_for(|mood| *mood == Mood::Resets).await) };
    tokio::select! {
        // Requests may end first; a cut answer must not wait for more of them.
        () = answers => tokio::time::sleep(Duration::ZERO).await,
        () = requests => {}
        () = reset => {}
    }
}

/// Hands on requests, which are counted, or answers.
async fn forward(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut mood: watch::Receiver<Mood>,
    requests: Option<&AtomicUsize>,
) {
    let mut buffer = vec![0; 64 << 10];
    while let Ok(bytes @ 1..) = from.read(&mut buffer).await {
        if mood.wait_for(|mood| *mood != Mood::Stalls).await.is_err() {
            return;
        }
        if let Some(requests) = requests {
            requests.fetch_add(1, Ordering::Relaxed);
        }
        let cut = requests.is_none() && *mood.borrow() == Mood::CutsAnswers;
        if cut || to.write_all(&buffer[..bytes]).await.is_err() {
            return;
        }
    }
}
