//! How much memory attacks can take: the resident set of a process with nothing else in it, while connections hold
//! all they can. The memory is used again by the next connections.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "test code")]

#[allow(dead_code, reason = "of other tests")]
#[path = "hostile_clients/frames.rs"]
mod frames;
#[allow(dead_code, reason = "of other tests")]
#[path = "connections/raw.rs"]
mod raw;
mod support;

use std::process::Command;
use std::time::Duration;

use frames::{Frames, INITIAL_WINDOW_SIZE, call_with_long_answer};
use pinfold_server::config::Config;
use raw::{Raw, assert_still_serves, post};
use support::TestServer;
use support::no_timeouts::LONG;
use support::process_memory::{peak_kib, resident_kib};
use tokio::time::timeout;

const ROUNDS: usize = 4;
/// Growth of later rounds over the second, by fragmentation.
const GROWTH_KIB_MAX: u64 = 4 * 1024;

/// Resident memory once it grows no more: everything that came was worked on.
async fn settled_kib() -> u64 {
    let mut before = 0;
    loop {
        let now = resident_kib().unwrap();
        if now <= before {
            return now;
        }
        before = now;
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// Waits until the server has noticed that its callers have left, which takes a busy machine some time.
async fn until_all_have_left(server: &TestServer) {
    for _ in 0..200 {
        if server.metrics.text().await.contains("\npinfold_connections_open 0\n") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("connections are still open after 10 s");
}

/// Runs an attack several times, each by this many connections, which it returns; they take no more than `kib_max`
/// each.
async fn try_out<H>(kib_max: u64, connections: u64, attack: impl AsyncFn(&TestServer, u64) -> Vec<H>) {
    try_out_on(|_| (), kib_max, connections, attack).await;
}

/// The same where the heads of all connections have little room together.
async fn try_out_with_few_heads<H>(kib_max: u64, connections: u64, attack: impl AsyncFn(&TestServer, u64) -> Vec<H>) {
    try_out_on(|config| config.heads_mib_max = 4, kib_max, connections, attack).await;
}

async fn try_out_on<H>(
    change: impl FnOnce(&mut Config),
    kib_max: u64,
    connections: u64,
    attack: impl AsyncFn(&TestServer, u64) -> Vec<H>,
) {
    let server = TestServer::with(|config| {
        config.connections_per_address_max = 0;
        change(config);
    })
    .await;
    assert_still_serves(&server).await;
    let Some(before) = resident_kib() else { return };
    let mut peaks = Vec::new();
    for _ in 0..ROUNDS {
        let held = attack(&server, connections).await;
        peaks.push(settled_kib().await.saturating_sub(before));
        drop(held);
        until_all_have_left(&server).await;
    }
    println!("{connections} connections: {peaks:?} KiB");
    assert!(peaks.iter().all(|peak| *peak < connections * kib_max), "{peaks:?} KiB for {connections} connections");
    assert!(peaks[ROUNDS - 1] < peaks[1] + GROWTH_KIB_MAX, "it takes more each time: {peaks:?} KiB");
    assert_still_serves(&server).await;
}

/// Heads in HTTP/2 frames, of the smallest headers there are: each takes a byte, and more when it is decoded.
async fn unfinished_heads_in_frames(server: &TestServer, connections: u64) -> Vec<Frames> {
    let indexed = vec![0x80 | 19; 1900];
    let head = frames::frame(frames::HEADERS, 0, 1, &[frames::head("/"), indexed].concat());
    let mut all = Vec::new();
    for _ in 0..connections {
        let mut frames = Frames::connect(server, &[]).await;
        let _ = frames.send(&head).await;
        all.push(frames);
    }
    all
}

/// Heads that are complete, of calls whose bodies do not come.
async fn heads_without_bodies(server: &TestServer, connections: u64) -> Vec<Frames> {
    let target = TestServer::target("recentcontact/get_contact_group");
    let block = [frames::head(&target), frames::header("x", &"x".repeat(15_000))].concat();
    let heads: Vec<_> = (0..90)
        .flat_map(|number| frames::frame(frames::HEADERS, frames::END_HEADERS, number * 2 + 1, &block))
        .collect();
    let mut all = Vec::new();
    for _ in 0..connections {
        let mut frames = Frames::connect(server, &[]).await;
        let _ = frames.send(&heads).await;
        all.push(frames);
    }
    all
}

async fn unfinished_heads(server: &TestServer, connections: u64) -> Vec<Raw> {
    let head = format!("POST /v4/x?{} HTTP/1.1\r\nX: {}", "q".repeat(30_000), "x".repeat(30_000));
    let mut raws = Vec::new();
    for _ in 0..connections {
        let mut raw = Raw::connect(server).await;
        let _ = raw.try_send(&head).await;
        raws.push(raw);
    }
    raws
}

async fn calls_without_reading(server: &TestServer, connections: u64) -> Vec<Raw> {
    let (target, body) = call_with_long_answer();
    let calls = post(&target, "", &body).repeat(80);
    let mut raws = Vec::new();
    for _ in 0..connections {
        let mut raw = Raw::connect(server).await;
        let _ = timeout(Duration::from_millis(20), raw.try_send(&calls)).await;
        raws.push(raw);
    }
    raws
}

async fn streams_without_a_window(server: &TestServer, connections: u64) -> Vec<Frames> {
    let (target, body) = call_with_long_answer();
    // All but a hundred are refused.
    let calls: Vec<_> = (0..200).flat_map(|number| frames::call(number * 2 + 1, &target, &body)).collect();
    let mut all = Vec::new();
    for _ in 0..connections {
        let mut frames = Frames::connect(server, &[(INITIAL_WINDOW_SIZE, 0)]).await;
        frames.send(&calls).await.unwrap();
        all.push(frames);
    }
    all
}

async fn streams_that_are_reset(server: &TestServer, connections: u64) -> Vec<Frames> {
    let (target, _) = call_with_long_answer();
    let mut all = Vec::new();
    for _ in 0..connections {
        let mut frames = Frames::connect(server, &[]).await;
        for round in 0..50 {
            let streams = (0..20).map(|number| (round * 20 + number) * 2 + 1);
            let pairs = streams.flat_map(|stream| [frames::request(stream, &target), frames::reset(stream)].concat());
            if frames.send(pairs.collect::<Vec<_>>()).await.is_err() {
                break;
            }
        }
        all.push(frames);
    }
    all
}

/// The heads themselves are 60 KB.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run in a process of its own by the test below"]
async fn by_unfinished_heads() {
    try_out(160, 200, unfinished_heads).await;
}

/// Without a bound they are 40 MB.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run in a process of its own by the test below"]
async fn by_more_unfinished_heads_than_there_is_room_for() {
    try_out_with_few_heads(60, 400, unfinished_heads).await;
}

/// Without a bound they are 100 MB.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run in a process of its own by the test below"]
async fn by_unfinished_heads_in_frames() {
    try_out_with_few_heads(60, 400, unfinished_heads_in_frames).await;
}

/// Without a bound they are 100 MB.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run in a process of its own by the test below"]
async fn by_heads_without_bodies() {
    try_out_with_few_heads(400, 80, heads_without_bodies).await;
}

/// One answer, one call and 256 KiB of the system, which is not in the resident set.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run in a process of its own by the test below"]
async fn by_calls_without_reading() {
    try_out(400, 10, calls_without_reading).await;
}

/// A hundred answers of 10 KB and the streams they are for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run in a process of its own by the test below"]
async fn by_streams_without_a_window() {
    try_out(2200, 5, streams_without_a_window).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run in a process of its own by the test below"]
async fn by_streams_that_are_reset() {
    try_out(160, 30, streams_that_are_reset).await;
}

/// Bodies of this size that take much more than their size when they are read, each with its command.
fn large_bodies(bytes: usize) -> Vec<(&'static str, String)> {
    let filled = |before: &str, piece: &str, after: &str| {
        let count = (bytes - before.len() - after.len()) / (piece.len() + 1);
        format!("{before}{}{after}", vec![piece; count].join(","))
    };
    let numbered = |begin: &str, piece: &dyn Fn(usize) -> String, end: &str| {
        let mut body = begin.to_owned();
        for number in 0.. {
            let next = piece(number);
            if body.len() + next.len() + end.len() > bytes {
                break;
            }
            body += &next;
        }
        body + end
    };
    let (mark, account) = ("recentcontact/mark_contact", "im_open_login_svc/multiaccount_import");
    let of_marks = |piece| (mark, filled(r#"{"MarkItem":["#, piece, "]}"));
    vec![
        of_marks("[]"),
        of_marks("{}"),
        (mark, filled(r#"{"MarkItem":[{"SetMark":["#, "1", "]}]}")),
        (mark, filled(r#"{"MarkItem":{"a":["#, "[]", "]}}")),
        (mark, numbered(r#"{"MarkItem":{"x":0"#, &|number| format!(r#","{number}":0"#), "}}")),
        (mark, numbered(r#"{"x":0"#, &|number| format!(r#","{number}":0"#), "}")),
        (mark, numbered(r#"{"x":0"#, &|number| format!(r#","\u0061{number}":0"#), "}")),
        (mark, numbered("{", &|_| "//\n".into(), "}")),
        (mark, format!(r#"{{"From_Account":"{}"}}"#, r"\n".repeat(bytes / 2 - 20))),
        (mark, format!(r#"{{"x":{}}}"#, "1".repeat(bytes - 10))),
        (
            "recentcontact/create_contact_group",
            filled(r#"{"GroupContactItem":["#, r#"{"ContactItem":[{},{},{}]}"#, "]}"),
        ),
        (account, filled(r#"{"Accounts":["#, "\"a\"", "]}")),
        ("group_open_http_svc/get_group_info", filled(r#"{"GroupIdList":["#, "\"a\"", "]}")),
    ]
}

const BODIES: usize = 16;
const BODIES_KIB_MAX: u64 = 200 * 1024;

/// Their own 16 MiB are in it three times: those of the callers, as they are sent, and the server's.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "run in a process of its own by the test below"]
async fn by_large_bodies() {
    let server = TestServer::start().await;
    assert_still_serves(&server).await;
    let Some(before) = peak_kib() else { return };
    for (command, body) in large_bodies(1 << 20) {
        assert!((1 << 19..=1 << 20).contains(&body.len()), "{command}: {} bytes", body.len());
        let call: std::sync::Arc<str> = post(&TestServer::target(command), "", &body).into();
        drop(body);
        let mut raws = Vec::new();
        for _ in 0..BODIES {
            raws.push(Raw::connect(&server).await);
        }
        let calls = raws.into_iter().map(|mut raw| {
            let call = std::sync::Arc::clone(&call);
            tokio::spawn(async move {
                raw.send(&*call).await;
                raw.answer().await.code()
            })
        });
        let codes = futures_util::future::join_all(calls).await;
        assert!(codes.iter().all(|code| *code.as_ref().unwrap() != 60018), "{command}: {codes:?}");
        let grown = peak_kib().unwrap().saturating_sub(before);
        let begin: String = call.split("\r\n\r\n").nth(1).unwrap().chars().take(40).collect();
        assert!(grown < BODIES_KIB_MAX, "{grown} KiB for {BODIES} bodies: {command} {begin:?}");
    }
    println!("{BODIES} bodies of each kind: {} KiB at most", peak_kib().unwrap().saturating_sub(before));
}

#[test]
fn every_attack_takes_a_bounded_amount_of_memory_and_the_same_again_takes_no_more() {
    for attack in [
        "by_unfinished_heads",
        "by_more_unfinished_heads_than_there_is_room_for",
        "by_unfinished_heads_in_frames",
        "by_heads_without_bodies",
        "by_calls_without_reading",
        "by_streams_without_a_window",
        "by_streams_that_are_reset",
        "by_large_bodies",
    ] {
        let mut command = Command::new(std::env::current_exe().unwrap());
        // With an arena for each thread the C library keeps more each round for a while, which hides a small leak. Large
        // blocks outside of it leave no holes, so that what is held is measured and not how it lies.
        let command = command.env("MALLOC_ARENA_MAX", "1").env("MALLOC_MMAP_THRESHOLD_", "8192");
        let output = command.args(["--ignored", "--exact", "--nocapture", attack]).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        let told = text.lines().find(|line| line.contains("KiB")).unwrap_or_default();
        println!("{attack}: {told}");
        assert!(output.status.success() && text.contains("1 passed"), "{attack}: {text}");
    }
}
