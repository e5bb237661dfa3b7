//! Ten thousand connections on which nothing happens.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Resource, getrlimit, setrlimit};

use crate::raw::Raw;
use crate::support::TestServer;
use crate::support::process_memory::resident_kib;

const CONNECTIONS: u64 = 10_000;
/// File descriptors that the process of a test needs for other things.
const RESERVED: u64 = 1_000;
const ADDRESS: &str = "PINFOLD_TEST_IDLE_ADDRESS";
const COUNT: &str = "PINFOLD_TEST_IDLE_COUNT";

/// As many as are wanted, or as the system lets one process have.
fn connections() -> u64 {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    let _ = setrlimit(Resource::Nofile, limit);
    let files = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    let count = CONNECTIONS.min(files.saturating_sub(RESERVED));
    if count < CONNECTIONS {
        println!("only {count} connections: a process may have {files} open files");
    }
    count
}

/// A process of its own holds the clients' ends, because both ends would be too many files for one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_are_answered_beside_ten_thousand_idle_connections() {
    let count = connections();
    // On a busy machine the connecting alone can take a while.
    let server = TestServer::with(|config| {
        config.timeouts.idle = Duration::from_secs(600);
        config.connections_per_address_max = 0;
    })
    .await;
    let before = resident_kib();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture", "idle::clients_that_say_nothing"])
        .env(ADDRESS, server.address.to_string())
        .env(COUNT, count.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let (mut lines, held) = tokio::task::spawn_blocking(move || {
        let held = lines.find(|line| line.contains("all held"));
        (lines, held)
    })
    .await
    .unwrap();
    println!("{}", held.expect("the clients could not connect"));
    let mut raw = Raw::connect(&server).await;
    for _ in 0..50 {
        assert_eq!(raw.call().await.code(), 0);
        assert_eq!(Raw::connect(&server).await.call().await.code(), 0);
    }
    if let (Some(before), Some(now)) = (before, resident_kib()) {
        println!("{count} idle connections, {} KiB more of memory", now.saturating_sub(before));
    }
    drop(child.stdin.take());
    lines.by_ref().for_each(drop);
    assert!(child.wait().unwrap().success(), "the server closed idle connections");
}

#[test]
#[ignore = "the other process of the test above"]
fn clients_that_say_nothing() {
    let (Ok(address), Ok(count)) = (std::env::var(ADDRESS), std::env::var(COUNT)) else { return };
    let (address, count): (SocketAddr, usize) = (address.parse().unwrap(), count.parse().unwrap());
    connections();
    let began = Instant::now();
    let streams: Vec<TcpStream> = (0..count).map(|_| TcpStream::connect(address).unwrap()).collect();
    println!("all held after {:?}", began.elapsed());
    std::io::stdout().flush().unwrap();
    // The end of the input is the sign to go.
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
    for mut stream in streams {
        stream.set_nonblocking(true).unwrap();
        let read = stream.read(&mut [0]);
        assert_eq!(read.unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    }
}
