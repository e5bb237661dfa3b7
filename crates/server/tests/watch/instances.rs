//! Three servers over one database: a stream is told of every change, whichever server makes it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use pinfold_client::Client;
use pinfold_server::config::Config;
use pinfold_store::postgres::Settings;
use pinfold_store::{Postgres, Store};

use crate::postgres;
use crate::stream::{Next, Stream};
use crate::support::{TestServer, config};

const SERVERS: usize = 3;
const ACCOUNTS: usize = 10;
/// Streams of each account at each server.
const STREAMS: usize = 3;
/// Changes of each account that are watched; the first one comes before.
const CHANGES: u64 = 200;
/// A second is the target; machines that run many tests at once are slower.
const DELAY_MAX: Duration = Duration::from_secs(5);

async fn servers(change: impl Fn(&mut Config)) -> Vec<TestServer> {
    let settings = Settings::new(postgres::shared().new_schema().parse().unwrap());
    let mut config = config();
    config.apps[0].accounts = pinfold_core::Registration::Any;
    config.connections_per_address_max = 0;
    change(&mut config);
    let mut servers = Vec::new();
    for _ in 0..SERVERS {
        let backend = Postgres::open(&settings).await.unwrap();
        servers.push(TestServer::over(&config, Store::new(Arc::new(backend))).await);
    }
    servers
}

/// Makes a change: sets a mark in every other of them, and clears it in those between.
async fn mark(client: &Client, account: &str, change: u64) {
    let field = if change.is_multiple_of(2) { "ClearMark" } else { "SetMark" };
    let item = format!(r#"{{"OptType":1,"ContactItem":{{"Type":1,"To_Account":"bob"}},"{field}":[0]}}"#);
    let body = format!(r#"{{"From_Account":"{account}","MarkItem":[{item}]}}"#);
    let answer = client.call_raw("recentcontact/mark_contact", body.into_bytes()).await.unwrap();
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.contains(r#""ResultCode":0"#), "{answer}");
}

async fn delete(server: &TestServer, account: &str) {
    let body = format!(r#"{{"DeleteItem":[{{"UserID":"{account}"}}]}}"#);
    assert!(server.post("im_open_login_svc/account_delete", &body).await.contains(r#""ErrorCode":0"#));
}

async fn watch(server: &TestServer, account: &str) -> Stream {
    let mut stream = Stream::of(server, account).await;
    assert_eq!(stream.next().await, Next::Began);
    stream
}

/// Makes the changes of an account by turns through all servers; when each was answered.
async fn changes(clients: Arc<Vec<Client>>, account: String) -> Vec<Instant> {
    let mut answered = Vec::new();
    for change in 2..=CHANGES + 1 {
        mark(&clients[change as usize % SERVERS], &account, change).await;
        answered.push(Instant::now());
    }
    answered
}

/// When each of these changes came.
async fn seen(mut stream: Stream) -> Vec<Instant> {
    let mut seen = Vec::new();
    for revision in 2..=CHANGES + 1 {
        stream.changes([revision]).await;
        seen.push(Instant::now());
    }
    assert!(stream.is_quiet().await, "nothing comes twice");
    seen
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn every_stream_gets_each_change_once_in_order_and_soon() {
    let servers = servers(|_| ()).await;
    let clients: Arc<Vec<_>> = Arc::new(servers.iter().map(TestServer::client).collect());
    let mut watching = Vec::new();
    for n in 0..ACCOUNTS {
        let account = format!("account-{n}");
        mark(&clients[0], &account, 1).await;
        for stream in 0..SERVERS * STREAMS {
            let stream = watch(&servers[stream % SERVERS], &account).await;
            watching.push((n, tokio::spawn(seen(stream))));
        }
    }
    let changing = (0..ACCOUNTS).map(|n| tokio::spawn(changes(Arc::clone(&clients), format!("account-{n}"))));
    let changing: Vec<_> = changing.collect();
    let mut answered = Vec::new();
    for changing in changing {
        answered.push(changing.await.unwrap());
    }
    let mut delays = Vec::new();
    for (n, watching) in watching {
        let seen = watching.await.unwrap();
        delays.extend(seen.iter().zip(&answered[n]).map(|(seen, answered)| seen.saturating_duration_since(*answered)));
    }
    delays.sort();
    let of = |percent: usize| delays[(delays.len() - 1) * percent / 100];
    println!("{} changes told: p50 {:?}, p99 {:?}, p100 {:?}", delays.len(), of(50), of(99), of(100));
    assert!(of(100) < DELAY_MAX, "{:?}", of(100));
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn an_account_that_begins_at_another_server_is_told_from_its_first_change_on() {
    let servers = servers(|_| ()).await;
    let mut streams = [watch(&servers[0], "alice").await, watch(&servers[1], "alice").await];
    for change in 1..=5 {
        mark(&servers[1].client(), "alice", change).await;
    }
    for stream in &mut streams {
        stream.changes(1..=5).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn a_stream_goes_on_at_another_server() {
    let servers = servers(|_| ()).await;
    mark(&servers[0].client(), "alice", 1).await;
    let mut cursor = watch(&servers[0], "alice").await.id;
    for revision in 2..=7 {
        mark(&servers[1].client(), "alice", revision).await;
        let mut stream = Stream::after(&servers[revision as usize % SERVERS], "alice", &cursor).await;
        assert_eq!(stream.next().await, Next::Began);
        stream.changes([revision]).await;
        cursor = stream.id;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn an_account_that_another_server_deletes_resets_its_streams_and_ends_them() {
    for history_days in [7, 0] {
        let servers = servers(|config| config.apps[0].history_days = history_days).await;
        mark(&servers[0].client(), "alice", 1).await;
        let mut stream = watch(&servers[0], "alice").await;
        delete(&servers[1], "alice").await;
        assert_eq!((stream.next().await, stream.next().await), (Next::Reset, Next::End));
    }
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn an_account_that_another_server_creates_is_told() {
    let servers = servers(|_| ()).await;
    let mut stream = watch(&servers[0], "alice").await;
    mark(&servers[1].client(), "alice", 1).await;
    stream.changes([1]).await;
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn without_the_history_a_stream_tells_what_its_own_server_does() {
    let servers = servers(|config| config.apps[0].history_days = 0).await;
    mark(&servers[0].client(), "alice", 1).await;
    let mut stream = watch(&servers[0], "alice").await;
    // The first look at where the account stands.
    tokio::time::sleep(Duration::from_millis(1200)).await;
    mark(&servers[1].client(), "alice", 2).await;
    mark(&servers[0].client(), "alice", 3).await;
    stream.changes([3]).await;
}
