//! A log that is not read, and peers who cause more lines than anyone wants.

use std::io::{BufRead as _, BufReader, PipeReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::dev::Dev;
use crate::postgres;
use crate::support::{Killed, Server, Workspace, field, http, pinfold};

const LINE_BYTES_MAX: usize = 1024;
/// Lines of one kind in ten seconds: at info and above, and below.
const LINES_MAX: usize = 10;
const DETAIL_LINES_MAX: usize = 100;
const OTHER_KEY: &str = "a-key-that-the-server-does-not-know";

/// Periods of ten seconds that can have begun.
fn periods(began: Instant) -> usize {
    began.elapsed().as_secs() as usize / 10 + 2
}

/// Stops a server; its log, of which no line is too long.
fn log_of(server: Server) -> String {
    server.signal("TERM");
    let (status, log) = server.wait();
    assert_eq!(status.code(), Some(0), "{log}");
    assert_eq!(log.lines().find(|line| line.len() >= LINE_BYTES_MAX), None);
    log
}

fn count(log: &str, text: &str) -> usize {
    log.lines().filter(|line| line.contains(text)).count()
}

/// How many lines of a kind the log says it left out.
fn left_out(log: &str, kind: &str) -> usize {
    let summaries = log.lines().filter_map(|line| line.split_once("too many of one kind: "));
    let kinds = summaries.flat_map(|(_, kinds)| kinds.split(", ")).filter(|text| text.contains(kind));
    kinds.map(|text| text.rsplit(' ').next().unwrap().parse::<usize>().unwrap()).sum()
}

fn refused_call(address: SocketAddr) {
    assert_eq!(http::code(&http::post_signed(address, "recentcontact/top", "{}", OTHER_KEY)), 70009);
}

/// Writes into a pipe that is not read until nothing more fits.
fn fill(mut pipe: std::io::PipeWriter) {
    let (written, counted) = (Arc::new(AtomicUsize::new(0)), Instant::now());
    let count = Arc::clone(&written);
    // It ends when the reader is dropped.
    std::thread::spawn(move || {
        while pipe.write_all(&[b'x'; 512]).is_ok() {
            count.fetch_add(1, Ordering::Relaxed);
        }
    });
    let mut before = 0;
    while before == 0 || written.load(Ordering::Relaxed) > before {
        assert!(counted.elapsed() < Duration::from_secs(30));
        before = written.load(Ordering::Relaxed);
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Reads the log until it says where the server listens: the REST plane and the admin plane.
fn addresses(log: &mut BufReader<PipeReader>) -> (SocketAddr, SocketAddr) {
    let mut lines = log.by_ref().lines().map(Result::unwrap);
    let line = lines.find(|line| line.contains(": started ")).unwrap();
    (field(&line, "addresses=[", ']').parse().unwrap(), field(&line, "admin=\"", '"').parse().unwrap())
}

#[test]
fn a_log_that_is_not_read_stops_neither_calls_nor_pages_nor_the_end() {
    let workspace = Workspace::with("log = \"debug\"");
    let (reader, writer) = std::io::pipe().unwrap();
    let mut command = workspace.command("serve");
    let mut server = Killed(command.stderr(writer.try_clone().unwrap()).spawn().unwrap());
    drop(command);
    let mut log = BufReader::new(reader);
    let (rest, admin) = addresses(&mut log);
    fill(writer);
    for _ in 0..50 {
        refused_call(rest);
    }
    assert_eq!(http::get(admin, "/healthz").0, 200);
    let kill = std::process::Command::new("kill").arg(server.0.id().to_string()).status().unwrap();
    assert!(kill.success());
    assert_eq!(server.ended().code(), Some(0));
    assert!(workspace.path("pinfold-data/clean").exists(), "it was closed in good order");
}

fn frame(kind: u8, flags: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![0, 0, payload.len() as u8, kind, flags, 0, 0, 0, 0];
    frame.extend(payload);
    frame
}

/// Sends answers to pings that were never sent; all are read when this returns.
fn send_unasked_answers(address: SocketAddr, count: usize) {
    let (ping, ack, settings) = (6, 1, 4);
    let mut stream = http::connect(address);
    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    bytes.extend(frame(settings, 0, &[]));
    bytes.extend(frame(ping, ack, b"unasked!").repeat(count));
    bytes.extend(frame(ping, 0, b"the last"));
    stream.write_all(&bytes).unwrap();
    let wanted = frame(ping, ack, b"the last");
    let mut answer: Vec<u8> = Vec::new();
    while !answer.windows(wanted.len()).any(|part| part == wanted) {
        let mut part = [0; 4096];
        let bytes = stream.read(&mut part).unwrap();
        assert!(bytes > 0, "the connection ended early");
        answer.extend(&part[..bytes]);
    }
}

#[test]
fn frames_that_the_http2_library_complains_about_make_a_few_lines() {
    const FRAMES: usize = 11_700;
    let began = Instant::now();
    let workspace = Workspace::with("");
    let server = workspace.serve();
    send_unasked_answers(server.rest, FRAMES);
    let metrics = http::get(server.admin.unwrap(), "/metrics").1;
    let throttled = "pinfold_log_lines_dropped_total{reason=\"throttled\"} ";
    let throttled = metrics.lines().find_map(|line| line.strip_prefix(throttled)).unwrap().parse::<usize>().unwrap();
    let log = log_of(server);
    let logged = count(&log, "recv PING ack");
    assert!((1..=LINES_MAX * periods(began)).contains(&logged), "{logged} lines");
    assert_eq!((throttled, left_out(&log, "h2::proto::ping_pong")), (FRAMES - logged, FRAMES - logged));
}

#[test]
fn at_debug_too_they_make_a_bounded_number_of_lines() {
    let began = Instant::now();
    let workspace = Workspace::with("log = \"debug\"");
    let server = workspace.serve();
    send_unasked_answers(server.rest, 11_700);
    let lines = log_of(server).lines().count();
    // More than a few places in the code that log are passed by no connection.
    assert!(lines < 20 * DETAIL_LINES_MAX * periods(began), "{lines} lines");
}

#[test]
fn refused_calls_at_debug_are_logged_up_to_a_bound_and_then_counted() {
    const CALLS: usize = 300;
    let began = Instant::now();
    let workspace = Workspace::with("log = \"info,pinfold_server=debug\"");
    let server = workspace.serve();
    (0..CALLS).for_each(|_| refused_call(server.rest));
    let log = log_of(server);
    let logged = count(&log, "call refused");
    assert!((1..=DETAIL_LINES_MAX * periods(began)).contains(&logged), "{logged} lines");
    assert_eq!(left_out(&log, "pinfold_server::rest::call_in_progress"), CALLS - logged);
}

#[test]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
fn calls_that_fail_without_a_database_make_a_few_lines() {
    const CALLS: usize = 300;
    let began = Instant::now();
    let database = postgres::Server::start(&["-c", "fsync=off"]);
    let url = database.new_schema();
    let top = format!("store.url = \"{url}\"\nstore.connect_ms = 100\nstore.acquire_ms = 100");
    let workspace = Workspace::with_app(&top, "accounts = \"any\"\ncalls_per_second_max = 0");
    let server = workspace.serve();
    database.stop();
    let call =
        || http::code(&http::post(server.rest, "recentcontact/get_contact_group", r#"{"From_Account":"alice"}"#));
    std::thread::scope(|scope| {
        for _ in 0..10 {
            scope.spawn(|| (0..CALLS / 10).for_each(|_| assert!(call() != 0)));
        }
    });
    let log = log_of(server);
    let logged = count(&log, "call failed");
    assert!((1..=LINES_MAX * periods(began)).contains(&logged), "{logged} lines");
    assert_eq!(logged + left_out(&log, "pinfold_server::rest::call_in_progress"), CALLS);
    // The other places that log are those of the pool.
    assert!(log.lines().count() < 8 * LINES_MAX * periods(began), "{} lines", log.lines().count());
}

/// A TLS hello whose name is that long and has nothing in it that belongs into a name.
fn hello(name_bytes: usize) -> Vec<u8> {
    let be = |number: usize, bytes: usize| number.to_be_bytes()[8 - bytes..].to_vec();
    let with_length = |bytes: usize, content: Vec<u8>| [be(content.len(), bytes), content].concat();
    let name = with_length(2, [vec![0], with_length(2, vec![0x1b; name_bytes])].concat());
    let extensions = with_length(2, [vec![0, 0], with_length(2, name)].concat());
    let body = [vec![3, 3], vec![7; 32], vec![0], vec![0, 2, 0xc0, 0x2f], vec![1, 0], extensions].concat();
    let handshake = [vec![1], with_length(3, body)].concat();
    handshake.chunks(16_000).flat_map(|part| [vec![22, 3, 1], with_length(2, part.to_vec())].concat()).collect()
}

#[test]
fn a_long_name_in_a_tls_hello_makes_no_long_line_and_no_escape_sequence() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path(), &["--tls", "--log", "trace"]);
    let mut stream = TcpStream::connect(dev.server.rest).unwrap();
    stream.write_all(&hello(60_000)).unwrap();
    dev.server.await_log("TLS handshake failed");
    let log = log_of(dev.server);
    assert!(log.contains("Illegal SNI"), "{log}");
    assert!(!log.contains('\u{1b}'));
}

#[test]
fn a_failing_start_ends_with_its_sentence_even_if_its_log_is_not_read() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let workspace = Workspace::with(&format!("listen = [\"{}\"]", taken.local_addr().unwrap()));
    let (_reader, writer) = std::io::pipe().unwrap();
    fill(writer.try_clone().unwrap());
    let mut command = pinfold(["serve", "--config"]);
    let mut server = Killed(command.arg(workspace.config()).stderr(writer).spawn().unwrap());
    assert_eq!(server.ended().code(), Some(1));
}
