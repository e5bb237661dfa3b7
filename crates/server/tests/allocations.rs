//! How often a call allocates memory, from the bytes of its request to those of its answer. Alone in its binary: it counts
//! every allocation.
#![allow(clippy::unwrap_used, reason = "the helpers are part of tests")]

mod support;

use std::alloc::System;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use pinfold_core::Registration;
use pinfold_server::config::Config;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use support::TestServer;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// The allocations of a call at most, memory that grows included. They are the counts of today: a change that needs fewer
/// lowers the number here.
const OF_A_MARK: usize = 29;
const OF_A_MARK_THAT_IS_KEPT: usize = 32;
const OF_A_SEARCH: usize = 22;
const OF_A_PAGE_OF_20: usize = 20;

/// Calls that are counted together: some memory is allocated for several calls at once.
const TOGETHER: usize = 10;
/// The least of so many counts is a call's own: work in the background allocates too.
const ROUNDS: usize = 20;

/// How the answer to a call that succeeded ends.
const SUCCESS: &[u8] = br#""ErrorCode":0,"ErrorInfo":"","ErrorDisplay":""}"#;

/// A connection that sends prepared requests and allocates nothing.
struct Caller {
    stream: TcpStream,
    answer: [u8; 16 * 1024],
}

impl Caller {
    fn call(&mut self, request: &[u8]) {
        self.stream.write_all(request).unwrap();
        let mut read = 0;
        while !self.answer[..read].ends_with(br#","ErrorDisplay":""}"#) {
            let more = self.stream.read(&mut self.answer[read..]).unwrap();
            assert!(more > 0, "the answer ended early");
            read += more;
        }
        let answer = &self.answer[..read];
        assert!(answer.ends_with(SUCCESS), "{}", String::from_utf8_lossy(answer));
    }

    /// The allocations of one call; the requests take turns.
    fn allocations(&mut self, requests: [&[u8]; 2]) -> usize {
        let mut together = || {
            let before = ALLOCATOR.stats();
            for turn in 0..TOGETHER {
                self.call(requests[turn % 2]);
            }
            let after = ALLOCATOR.stats();
            let grown = after.reallocations - before.reallocations;
            after.allocations - before.allocations + grown
        };
        (0..ROUNDS).map(|_| together()).min().unwrap().div_ceil(TOGETHER)
    }
}

fn request(command: &str, body: &str) -> Vec<u8> {
    let (target, length) = (TestServer::target(&format!("recentcontact/{command}")), body.len());
    let head = format!(
        "POST {target} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    );
    (head + body).into_bytes()
}

/// Marks these conversations.
fn mark(peers: std::ops::Range<u32>, text: &str) -> Vec<u8> {
    let item = |peer| {
        let contact = format!(r#""ContactItem":{{"Type":1,"To_Account":"peer-{peer}"}}"#);
        format!(r#"{{"OptType":3,{contact},"ClearMark":[1],"SetMark":[2],"CustomMark":"{text}"}}"#)
    };
    let items: Vec<_> = peers.map(item).collect();
    request("mark_contact", &format!(r#"{{"From_Account":"alice","MarkItem":[{}]}}"#, items.join(",")))
}

/// A caller of a server whose account has 20 records.
async fn caller(history_days: u32) -> (TestServer, Caller) {
    let settings = |config: &mut Config| {
        config.apps[0].accounts = Registration::Any;
        config.apps[0].history_days = history_days;
    };
    let server = TestServer::with(settings).await;
    let stream = TcpStream::connect(server.address).unwrap();
    stream.set_nodelay(true).unwrap();
    let mut caller = Caller { stream, answer: [0; _] };
    caller.call(&mark(0..20, "mark"));
    (server, caller)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_call_allocates_no_more_often_than_it_did() {
    let marks = [mark(3..4, "mark-1"), mark(3..4, "mark-2")];
    let (keeping, mut caller_of_it) = caller(7).await;
    let of_a_mark_that_is_kept = caller_of_it.allocations([&marks[0], &marks[1]]);
    keeping.stop().await;
    let (server, mut caller) = caller(0).await;
    let of_a_mark = caller.allocations([&marks[0], &marks[1]]);
    let search =
        request("search_contact_group", r#"{"From_Account":"alice","ContactItem":[{"Type":1,"To_Account":"peer-3"}]}"#);
    let of_a_search = caller.allocations([&search; 2]);
    let page = request("get_contact_group", r#"{"From_Account":"alice","StartIndex":0}"#);
    let of_a_page = caller.allocations([&page; 2]);
    for (call, allocations, max) in [
        ("mark", of_a_mark, OF_A_MARK),
        ("mark that is kept", of_a_mark_that_is_kept, OF_A_MARK_THAT_IS_KEPT),
        ("search", of_a_search, OF_A_SEARCH),
        ("page of 20", of_a_page, OF_A_PAGE_OF_20),
    ] {
        assert!(allocations <= max, "a {call} allocates {allocations} times, {max} times at most so far");
    }
    server.stop().await;
}
