//! Callers that ask and do not read the answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use crate::frames::{Frames, INITIAL_WINDOW_SIZE, PING, WINDOW_UPDATE, call, call_with_long_answer, frame, request};
use crate::raw::{Raw, assert_still_serves, get, post};
use crate::support::TestServer;
use crate::{LONG, failing_server, in_progress, ms, no_timeouts, refused, until_refused};

pub(crate) const SEND: Duration = ms(200);

pub(crate) fn short_send_timeout(config: &mut pinfold_server::config::Config) {
    no_timeouts(config);
    config.timeouts.send = SEND;
}

/// A connection whose end takes in as little as the system lets it.
pub(crate) async fn connect_with_small_buffer(server: &TestServer) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    socket.connect(server.address).await.unwrap()
}

/// Calls with a long answer as they are sent over HTTP/1, so many of them.
fn long_answers(times: usize) -> String {
    let (target, body) = call_with_long_answer();
    post(&target, "", &body).repeat(times)
}

/// A server that counts its calls.
async fn counting() -> (TestServer, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counts = Arc::clone(&count);
    let server = failing_server::start(short_send_timeout, move || {
        counts.fetch_add(1, Ordering::SeqCst);
        async {}.boxed()
    })
    .await;
    (server, count)
}

#[tokio::test]
async fn a_pipelining_caller_that_reads_nothing_is_answered_a_bounded_number_of_times_and_closed() {
    let (server, count) = counting().await;
    let mut raw = Raw::over(connect_with_small_buffer(&server).await);
    let calls = long_answers(20);
    let began = Instant::now();
    let sending = async { while raw.try_send(&calls).await.is_ok() {} };
    timeout(LONG, sending).await.expect("not closed");
    assert!(began.elapsed() >= SEND);
    assert_eq!(refused(&server), [("slow_readers", 1)]);
    // 256 KiB of the system and one answer of ours.
    let answered = in_progress(&count);
    assert!((5..80).contains(&answered), "{answered} answers of 10 KB");
    assert_still_serves(&server).await;
}

#[tokio::test]
async fn unread_answers_do_not_stay_in_kernel_buffers() {
    let (server, _) = counting().await;
    let window = 1 << 24;
    let mut frames = Frames::over(connect_with_small_buffer(&server).await, &[(INITIAL_WINDOW_SIZE, window)]).await;
    let (target, body) = call_with_long_answer();
    // Everything that is sent is read: else the system would throw away what is not, in both directions.
    let calls = (0..100).flat_map(|number| call(number * 2 + 1, &target, &body));
    let bytes: Vec<_> = frame(WINDOW_UPDATE, 0, 0, &window.to_be_bytes()).into_iter().chain(calls).collect();
    frames.send(bytes).await.unwrap();
    until_refused(&server, "slow_readers").await;
    // A good-bye in order would come after all that the system had taken.
    let left = frames.left().await;
    assert!(left < 128 * 1024, "{left} bytes");
}

#[tokio::test]
async fn a_caller_that_takes_its_time_within_the_limit_gets_every_answer() {
    let (server, _) = counting().await;
    let mut raw = Raw::over(connect_with_small_buffer(&server).await);
    let calls = long_answers(10);
    for _ in 0..6 {
        raw.send(&calls).await;
        tokio::time::sleep(SEND / 2).await;
        for _ in 0..10 {
            let answer = raw.answer().await;
            assert!(answer.text().contains(r#""ErrorCode":0"#), "{}", answer.text());
        }
    }
    assert!(refused(&server).is_empty());
}

#[tokio::test]
async fn an_http2_caller_that_gives_no_window_is_closed_and_pings_do_not_help() {
    let server = TestServer::with(short_send_timeout).await;
    let mut frames = Frames::connect(&server, &[(INITIAL_WINDOW_SIZE, 0)]).await;
    let target = TestServer::target("recentcontact/get_contact_group");
    let began = Instant::now();
    frames.send((0..50).flat_map(|number| request(number * 2 + 1, &target)).collect::<Vec<_>>()).await.unwrap();
    let ping = frame(PING, 0, 0, &[0; 8]);
    let sending = async {
        while frames.send(&ping).await.is_ok() {
            tokio::time::sleep(ms(10)).await;
        }
    };
    timeout(LONG, sending).await.expect("not closed");
    assert!(began.elapsed() >= SEND);
    assert_eq!(refused(&server), [("slow_readers", 1)]);
    assert_still_serves(&server).await;
}

#[tokio::test]
async fn one_answer_that_is_not_read_is_enough_even_while_others_are() {
    let server = TestServer::with(short_send_timeout).await;
    let mut frames = Frames::connect(&server, &[(INITIAL_WINDOW_SIZE, 0)]).await;
    frames.send(request(1, "/")).await.unwrap();
    let reading = async {
        for number in 1.. {
            let stream = number * 2 + 1;
            let window = frame(WINDOW_UPDATE, 0, stream, &1000_u32.to_be_bytes());
            if frames.send([request(stream, "/"), window].concat()).await.is_err() {
                return;
            }
            tokio::time::sleep(ms(10)).await;
        }
    };
    timeout(LONG, reading).await.expect("not closed");
    assert_eq!(refused(&server), [("slow_readers", 1)]);
}

#[tokio::test]
async fn a_connection_that_is_used_for_longer_than_the_limit_is_not_closed() {
    let server = TestServer::with(short_send_timeout).await;
    let mut raw = Raw::connect(&server).await;
    let began = Instant::now();
    while began.elapsed() < SEND * 5 {
        raw.send(get().repeat(5)).await;
        for _ in 0..5 {
            assert_eq!(raw.answer().await.code(), 0);
        }
        tokio::time::sleep(ms(20)).await;
    }
    assert!(refused(&server).is_empty());
}

#[tokio::test]
async fn a_flood_of_pings_whose_answers_are_not_read_is_closed_too() {
    let server = TestServer::with(short_send_timeout).await;
    let mut frames = Frames::connect(&server, &[]).await;
    let pings = frame(PING, 0, 0, &[7; 8]).repeat(10_000);
    let sending = async { while frames.send(&pings).await.is_ok() {} };
    timeout(LONG, sending).await.expect("not closed");
    assert_eq!(refused(&server), [("slow_readers", 1)]);
    assert_still_serves(&server).await;
}
