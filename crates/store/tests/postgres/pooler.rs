//! A pooler that knows nothing of prepared statements: it refuses their names.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use pinfold_store::postgres::Settings;
use pinfold_store::{Store, StoreError, UpdateError};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, watch};

use super::support::history::life;
use super::support::outbox::{mark_unsent_times, remove_sent, unsent, waiting};
use super::support::postgres::shared;
use super::support::rules::{Caller, policy};
use super::support::{account, one, state};
use super::{open, short_timeouts};

/// How a pooler answers to a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answers {
    /// It hands it on.
    Passes,
    /// The server does not know it: the statement was not run, and the connection stays.
    Unknown,
    /// The server has another statement of that name.
    Another,
    /// It gives the connection up.
    GivesUp,
    /// It lets no client set anything for its session; statements by name it hands on.
    RefusesSettings,
}

struct Pooler {
    address: SocketAddr,
    answers: Arc<watch::Sender<Answers>>,
    names: Arc<AtomicUsize>,
}

impl Pooler {
    async fn new(answers: Answers) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (answers, names) = (Arc::new(watch::Sender::new(answers)), Arc::new(AtomicUsize::new(0)));
        let (now, counted) = (answers.subscribe(), Arc::clone(&names));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(shared().address()).await.unwrap();
                let ((from_client, to_client), (mut from_server, to_server)) =
                    (client.into_split(), server.into_split());
                let to_client = Arc::new(Mutex::new(to_client));
                tokio::spawn(requests(
                    from_client,
                    to_server,
                    Arc::clone(&to_client),
                    now.clone(),
                    Arc::clone(&counted),
                ));
                tokio::spawn(async move {
                    let mut buffer = vec![0; 64 << 10];
                    while let Ok(bytes @ 1..) = from_server.read(&mut buffer).await {
                        if to_client.lock().await.write_all(&buffer[..bytes]).await.is_err() {
                            return;
                        }
                    }
                });
            }
        });
        Self { address, answers, names }
    }

    /// How many statements were to be run by name since the last time this was asked.
    fn names(&self) -> usize {
        self.names.swap(0, Ordering::Relaxed)
    }

    async fn caller(&self, place: &str) -> Caller {
        let url = place.replace(shared().host(), &self.address.to_string());
        let settings = Settings { connections_max: 1, ..short_timeouts(&format!("{url}&sslmode=disable")) };
        Caller { store: Store::new(open(&settings).await), account: account(1, "alice"), policy: policy(100) }
    }
}

/// Hands on what a client says, but for statements by name.
async fn requests(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    client: Arc<Mutex<OwnedWriteHalf>>,
    answers: watch::Receiver<Answers>,
    names: Arc<AtomicUsize>,
) -> Option<()> {
    // The first message has no letter.
    let length = from.read_u32().await.ok()?;
    to.write_u32(length).await.ok()?;
    let mut first = vec![0; length as usize - 4];
    from.read_exact(&mut first).await.ok()?;
    if *answers.borrow() == Answers::RefusesSettings && first.windows(12).any(|part| part == b"lock_timeout") {
        client.lock().await.write_all(&error(Answers::RefusesSettings)).await.ok()?;
        return client.lock().await.shutdown().await.ok();
    }
    to.write_all(&first).await.ok()?;
    let mut refused = false;
    loop {
        let (letter, length) = (from.read_u8().await.ok()?, from.read_u32().await.ok()?);
        let mut body = vec![0; length as usize - 4];
        from.read_exact(&mut body).await.ok()?;
        // Bind: the name of a portal, which is empty, and the name of the statement.
        let is_named = letter == b'B' && body[1] != 0;
        names.fetch_add(usize::from(is_named), Ordering::Relaxed);
        let now = *answers.borrow();
        if is_named && ![Answers::Passes, Answers::RefusesSettings].contains(&now) {
            refused = true;
            client.lock().await.write_all(&error(now)).await.ok()?;
            if now == Answers::GivesUp {
                return client.lock().await.shutdown().await.ok();
            }
        }
        match (refused, letter) {
            (false, _) => {
                to.write_u8(letter).await.ok()?;
                to.write_u32(length).await.ok()?;
                to.write_all(&body).await.ok()?;
            }
            // Sync ends what was refused: the server is ready, and in no transaction.
            (true, b'S') => {
                refused = false;
                client.lock().await.write_all(b"Z\0\0\0\x05I").await.ok()?;
            }
            (true, _) => {}
        }
    }
}

fn error(answers: Answers) -> Vec<u8> {
    let (severity, code) = match answers {
        Answers::Passes | Answers::Unknown => ("ERROR", "26000"),
        Answers::Another => ("ERROR", "08P01"),
        Answers::GivesUp | Answers::RefusesSettings => ("FATAL", "08P01"),
    };
    let fields = format!("S{severity}\0V{severity}\0C{code}\0Mno such name\0\0");
    [b"E", &u32::try_from(fields.len() + 4).unwrap().to_be_bytes()[..], fields.as_bytes()].concat()
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn behind_a_pooler_that_refuses_names_statements_are_run_without_and_stay_so() {
    for answers in [Answers::Unknown, Answers::Another] {
        let (pooler, place) = (Pooler::new(answers).await, shared().new_schema());
        let alice = pooler.caller(&place).await;
        alice.mark(one("bob"), 0, 1).await.unwrap();
        assert!(pooler.names() > 0, "it was tried");
        for bits in [2, 4, 8] {
            alice.mark(one("bob"), 0, bits).await.unwrap();
        }
        assert_eq!(pooler.names(), 0, "and not again");
        let kept = state(alice.store.backend(), &alice.account).await;
        assert_eq!(
            (kept.arrangement(&one("bob")).standard.0, kept.head.last_change.0),
            (15, 4),
            "each once: {answers:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn a_pooler_that_gives_the_connection_up_refuses_no_name() {
    let (pooler, place) = (Pooler::new(Answers::Passes).await, shared().new_schema());
    let alice = pooler.caller(&place).await;
    alice.mark(one("bob"), 0, 1).await.unwrap();
    pooler.answers.send_replace(Answers::GivesUp);
    let answer = tokio::time::timeout(Duration::from_secs(5), alice.mark(one("bob"), 0, 2)).await.unwrap();
    // Whether it was run is unknown, so it is not run again without a name.
    assert!(matches!(answer, Err(UpdateError::Store(StoreError::Timeout))), "{answer:?}");
    pooler.answers.send_replace(Answers::Passes);
    pooler.names();
    alice.mark(one("bob"), 0, 4).await.unwrap();
    assert!(pooler.names() > 0, "names are used as before");
    let kept = state(alice.store.backend(), &alice.account).await;
    assert_eq!((kept.arrangement(&one("bob")).standard.0, kept.head.last_change.0), (5, 2));
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn behind_a_pooler_that_refuses_settings_of_a_session_none_are_made() {
    let (pooler, place) = (Pooler::new(Answers::RefusesSettings).await, shared().new_schema());
    let alice = pooler.caller(&place).await;
    alice.mark(one("bob"), 0, 1).await.unwrap();
    assert_eq!(state(alice.store.backend(), &alice.account).await.records.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn behind_a_pooler_that_refuses_names_what_waits_is_read_and_removed() {
    let (pooler, place) = (Pooler::new(Answers::Unknown).await, shared().new_schema());
    let alice = pooler.caller(&place).await;
    let backend = alice.store.backend();
    mark_unsent_times(backend, &alice.account, 2).await;
    remove_sent(backend, &alice.account, life(backend, &alice.account).await, &[1]).await;
    assert_eq!(unsent(backend, &alice.account).await, [2]);
    assert_eq!(waiting(backend, 1).await, [("alice".into(), 2)]);
}
