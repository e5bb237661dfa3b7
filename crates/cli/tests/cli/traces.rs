//! Spans of calls, sent to a collector that a test plays.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use crate::support::{APP, KEY, TIMEOUT, Workspace, http};

const MARK: &str = r#"{"From_Account":"alice","MarkItem":[{"OptType":2,"ContactItem":{"Type":1,"To_Account":"confidant"},"CustomMark":"hush-hush"}]}"#;

fn workspace(collector: SocketAddr) -> Workspace {
    Workspace::with_app(
        &format!("otlp_endpoint = \"http://{collector}\""),
        "accounts = \"any\"\ncalls_per_second_max = 0",
    )
}

/// Takes every request, answers it, and hands it on.
fn collector() -> (SocketAddr, Receiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, received) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let _ = sender.send(taken(stream.unwrap()));
        }
    });
    (address, received)
}

fn taken(mut stream: TcpStream) -> Vec<u8> {
    stream.set_read_timeout(Some(TIMEOUT)).unwrap();
    let (mut request, mut piece) = (Vec::new(), [0; 4096]);
    while !is_whole(&request) {
        let read = stream.read(&mut piece).unwrap();
        assert!(read > 0, "a request breaks off");
        request.extend_from_slice(&piece[..read]);
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n").unwrap();
    request
}

fn is_whole(request: &[u8]) -> bool {
    let Some(end) = request.windows(4).position(|four| four == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&request[..end]).to_lowercase();
    let length = head.split("\r\n").find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    request.len() >= end + 4 + length.parse::<usize>().unwrap()
}

fn has(request: &[u8], text: &str) -> bool {
    request.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn a_collector_gets_a_span_of_each_call_with_command_app_and_code_and_nothing_of_its_caller() {
    let (address, received) = collector();
    let workspace = workspace(address);
    let server = workspace.serve();
    let signature = http::signature(KEY);
    assert_eq!(http::code(&http::post(server.rest, "recentcontact/mark_contact", MARK)), 0);
    assert_eq!(
        http::code(&http::post_signed(server.rest, "recentcontact/top", "{}", "a-key-that-is-not-configured")),
        70009
    );
    server.stop();
    let sent = received.recv_timeout(TIMEOUT).unwrap();
    assert!(sent.starts_with(b"POST /v1/traces HTTP/1.1\r\n"));
    for text in ["pinfold", "mark_contact", "top", "command", "code", "app", &APP.to_string()] {
        assert!(has(&sent, text), "no {text:?} in {}", String::from_utf8_lossy(&sent));
    }
    for text in ["alice", "confidant", "hush-hush", "administrator", "usersig", &signature[..40], KEY] {
        assert!(!has(&sent, text), "{text:?} in {}", String::from_utf8_lossy(&sent));
    }
}

/// A collector that takes connections and never answers.
fn silent() -> (SocketAddr, TcpListener) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    (listener.local_addr().unwrap(), listener)
}

#[test]
fn a_collector_that_is_away_or_silent_holds_up_neither_calls_nor_the_end() {
    let (address, listener) = silent();
    let (away, gone) = silent();
    drop(gone);
    for collector in [away, address] {
        let workspace = workspace(collector);
        let server = workspace.serve();
        let began = Instant::now();
        for _ in 0..2500 {
            assert_eq!(
                http::code(&http::post(server.rest, "recentcontact/get_contact_group", "{\"From_Account\":\"alice\"}")),
                0
            );
        }
        assert!(began.elapsed() < TIMEOUT, "{:?}", began.elapsed());
        let began = Instant::now();
        server.stop();
        assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    }
    drop(listener);
}

#[test]
fn without_a_collector_no_line_of_the_log_begins_with_a_span() {
    let workspace = Workspace::with_app("log = \"trace\"", "accounts = \"any\"");
    let server = workspace.serve();
    assert_eq!(http::code(&http::post(server.rest, "recentcontact/mark_contact", MARK)), 0);
    server.signal("TERM");
    let (_, log) = server.wait();
    assert!(!log.contains("call{"), "{log}");
}
