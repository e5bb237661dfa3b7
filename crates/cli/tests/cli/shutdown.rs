//! The end of a server.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::support::{KEY, Server, TIMEOUT, Workspace, http};

const IMPORT: &str = "im_open_login_svc/account_import";
const BODY: &str = r#"{"UserID":"alice"}"#;

/// A call whose body is on its way but for the last byte. The server has the head and waits for the body: it said
/// to continue. What waits in the system's queue would not be in flight.
fn stalled(server: &Server) -> TcpStream {
    let mut stream = http::connect(server.rest);
    let head = http::head(IMPORT, KEY, BODY.len()).replace("\r\n\r\n", "\r\nExpect: 100-continue\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let mut continued = [0; 25];
    stream.read_exact(&mut continued).unwrap();
    assert_eq!(&continued, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(&BODY.as_bytes()[..BODY.len() - 1]).unwrap();
    stream
}

fn refuses_connections(server: &Server) -> bool {
    let began = Instant::now();
    while began.elapsed() < TIMEOUT {
        if TcpStream::connect(server.rest).is_err() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

#[test]
fn a_signal_lets_the_request_in_flight_finish_and_takes_no_new_one() {
    for signal in ["TERM", "INT"] {
        let workspace = Workspace::with("");
        let server = workspace.serve();
        let admin = server.admin.unwrap();
        assert_eq!(http::get(admin, "/readyz"), (200, r#"{"ready":true}"#.to_owned()));
        assert_eq!(http::get(admin, "/healthz").0, 200);

        let mut stream = stalled(&server);
        server.signal(signal);
        assert!(refuses_connections(&server));
        let draining = r#"{"ready":false,"reason":"draining","detail":"the server was told to stop"}"#;
        assert_eq!(http::get(admin, "/readyz"), (503, draining.to_owned()));
        assert_eq!(http::get(admin, "/healthz").0, 200);
        stream.write_all(b"}").unwrap();
        let (status, answer) = http::answer(stream);
        assert_eq!((status, http::code(&answer)), (200, 0));

        let (status, log) = server.wait();
        assert_eq!(status.code(), Some(0), "{log}");
        assert!(log.contains(" INFO pinfold::running: stopped"), "{log}");
        assert!(workspace.path("pinfold-data/clean").exists(), "it was closed in good order");

        let server = workspace.serve();
        let check = http::post(server.rest, "im_open_login_svc/account_check", r#"{"CheckItem":[{"UserID":"alice"}]}"#);
        assert!(check.contains(r#""AccountStatus":"Imported""#), "{check}");
        server.stop();
    }
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let workspace = Workspace::with("");
    let server = workspace.serve();
    let _stream = stalled(&server);
    server.signal("TERM");
    server.await_log("stopping");
    server.signal("TERM");
    let (status, log) = server.wait();
    assert_eq!(status.code(), Some(1));
    assert!(log.contains("stopped at once"), "{log}");
}

#[test]
fn a_request_that_never_ends_is_cut_off_after_the_time_for_it() {
    let workspace = Workspace::with("[timeouts]\ndrain_ms = 300");
    let server = workspace.serve();
    let mut stream = stalled(&server);
    let began = Instant::now();
    server.signal("TERM");
    let (status, log) = server.wait();
    assert_eq!(status.code(), Some(0));
    assert!(began.elapsed() >= Duration::from_millis(300));
    assert!(log.contains("connections were cut off at the end"), "{log}");
    let mut answer = Vec::new();
    assert!(stream.read_to_end(&mut answer).is_err() || answer.is_empty());
}

#[test]
fn with_a_delay_new_calls_are_taken_while_balancers_are_told_to_turn_away() {
    let workspace = Workspace::with("drain_delay_seconds = 2");
    let server = workspace.serve();
    let began = Instant::now();
    server.signal("TERM");
    while http::get(server.admin.unwrap(), "/readyz").0 == 200 {
        assert!(began.elapsed() < TIMEOUT);
    }
    // A machine that was busy for all of the delay shows nothing.
    if began.elapsed() < Duration::from_secs(1) {
        assert_eq!(http::code(&http::post(server.rest, IMPORT, BODY)), 0);
    }
    let (status, log) = server.wait();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(began.elapsed() >= Duration::from_millis(1950));
}

#[test]
fn an_open_admin_connection_does_not_hold_up_the_end() {
    let workspace = Workspace::with("");
    let server = workspace.serve();
    let mut stream = http::connect(server.admin.unwrap());
    stream.write_all(b"GET /readyz HTTP/1.1\r\nHo").unwrap();
    std::thread::sleep(Duration::from_millis(100));
    server.stop();
}
