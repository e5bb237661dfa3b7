//! HTTP/2: heads that are too large, bodies and heads that do not come to an end.

use std::convert::Infallible;
use std::time::Instant;

use bytes::Bytes;
use futures_util::future::join_all;
use futures_util::stream::pending;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::Frame;
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper::{Request, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::frames::{self, CONTINUATION, DATA, END_HEADERS, END_STREAM, Frames, HEADERS, PING, RST_STREAM, frame};
use crate::raw::{assert_still_serves, get_body};
use crate::support::TestServer;
use crate::{LONG, ms, no_timeouts, refused};

type Body = BoxBody<Bytes, Infallible>;

async fn connect(server: &TestServer) -> SendRequest<Body> {
    let stream = TcpStream::connect(server.address).await.unwrap();
    let (sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender
}

/// Status and body of the answer to a call with these headers.
async fn call(sender: &mut SendRequest<Body>, headers: usize, value: &str, body: Body) -> (StatusCode, String) {
    let target = TestServer::target("recentcontact/get_contact_group");
    let request = Request::post(format!("http://pinfold{target}"));
    let request = (0..headers).fold(request, |request, number| request.header(format!("x-{number}"), value));
    let answer = timeout(LONG, sender.send_request(request.body(body).unwrap())).await.expect("no answer").unwrap();
    let status = answer.status();
    (status, String::from_utf8(answer.into_body().collect().await.unwrap().to_bytes().into()).unwrap())
}

fn whole() -> Body {
    Full::from(get_body()).boxed()
}

#[tokio::test]
async fn a_hundred_headers_are_read_and_more_are_not() {
    let server = TestServer::with(no_timeouts).await;
    let mut sender = connect(&server).await;
    // One of them is the length of the body.
    for (headers, status) in [(99, 200), (100, 431), (99, 200)] {
        assert_eq!(call(&mut sender, headers, "", whole()).await.0, status, "{headers} headers and the length");
    }
}

#[tokio::test]
async fn headers_of_64_kib_are_too_large_and_the_connection_stays() {
    let server = TestServer::with(no_timeouts).await;
    let mut sender = connect(&server).await;
    for (bytes, status) in [(1_000, 200), (14_000, 431), (1_000, 200)] {
        assert_eq!(call(&mut sender, 5, &"x".repeat(bytes), whole()).await.0, status);
    }
}

#[tokio::test]
async fn a_head_that_never_ends_ends_the_connection() {
    let server = TestServer::with(no_timeouts).await;
    let mut frames = Frames::connect(&server, &[]).await;
    frames.send(frame(HEADERS, END_STREAM, 1, &frames::head("/"))).await.unwrap();
    let piece = frame(CONTINUATION, 0, 1, &frames::header("x", &"x".repeat(16_000)));
    let mut sent_mib = 0;
    while sent_mib < 64 && frames.send(piece.repeat(64)).await.is_ok() {
        sent_mib += 1;
    }
    assert!(sent_mib < 64, "64 MiB of one head were read");
    assert_still_serves(&server).await;
}

#[tokio::test]
async fn a_body_that_stalls_is_timed_out_and_the_connection_stays() {
    let server = TestServer::with(|config| {
        no_timeouts(config);
        config.timeouts.body = ms(150);
    })
    .await;
    let mut sender = connect(&server).await;
    let began = Instant::now();
    let stalled = StreamBody::new(pending::<Result<Frame<Bytes>, Infallible>>()).boxed();
    let (status, answer) = call(&mut sender, 0, "", stalled).await;
    assert!(status == 200 && answer.contains("60008") && began.elapsed() >= ms(145), "{answer}");
    assert_eq!(call(&mut sender, 0, "", whole()).await.0, 200);
}

#[tokio::test]
async fn frames_without_a_request_do_not_keep_a_connection() {
    let server = TestServer::with(|config| {
        no_timeouts(config);
        config.timeouts.idle = ms(200);
        config.timeouts.header = ms(100);
    })
    .await;
    let half_a_head = frame(HEADERS, END_STREAM, 1, &frames::head("/"));
    let ping = frame(PING, 0, 0, &[0; 8]);
    for (first, then) in [(half_a_head, Vec::new()), (ping.clone(), ping)] {
        let mut frames = Frames::connect(&server, &[]).await;
        frames.send(first).await.unwrap();
        let closed = async { while frames.send(&then).await.is_ok() && !closes(&mut frames).await {} };
        timeout(LONG, closed).await.expect("not closed");
    }
}

/// Heads that do not come to their end: how they begin, and what comes again and again.
fn unfinished_heads() -> [(Vec<u8>, &'static [u8]); 3] {
    let whole = frame(HEADERS, END_STREAM, 3, &frames::head("/"));
    let continued = frame(CONTINUATION, 0, 3, &frames::header("x", &"x".repeat(10_000)));
    [(whole.clone(), b""), ([&whole[..], &continued[..50]].concat(), b"x"), (whole[..12].to_vec(), b"")]
}

#[tokio::test]
async fn a_head_that_dribbles_has_no_more_time_than_another_while_other_calls_are_at_work() {
    let server = TestServer::with(|config| {
        no_timeouts(config);
        config.timeouts.header = ms(150);
    })
    .await;
    for (first, then) in unfinished_heads() {
        let mut frames = Frames::connect(&server, &[]).await;
        let target = TestServer::target("recentcontact/get_contact_group");
        frames.send(frame(HEADERS, END_HEADERS, 1, &frames::head(&target))).await.unwrap();
        frames.send(first).await.unwrap();
        let began = Instant::now();
        let closed = async { while frames.send(then).await.is_ok() && !closes(&mut frames).await {} };
        timeout(LONG, closed).await.expect("not closed");
        assert!(began.elapsed() >= ms(140));
    }
    assert_eq!(refused(&server), [("slow_senders", 3)]);
    assert_still_serves(&server).await;
}

/// Kinds of the frames that come, up to one of these.
async fn kinds_until(frames: &mut Frames, last: &[u8]) -> Vec<u8> {
    let mut kinds = Vec::new();
    while kinds.last().is_none_or(|kind| !last.contains(kind)) {
        kinds.push(frames.next().await.expect("closed").kind);
    }
    kinds
}

/// Calls that are refused for their head, of which the body is not looked at.
fn refused_heads() -> [Vec<u8>; 3] {
    let target = TestServer::target("recentcontact/get_contact_group");
    let headers = frames::header("x", "").repeat(101);
    let options = [&[0x02][..], &[7], b"OPTIONS", &frames::head(&target)[1..]].concat();
    [frames::head("/v4/none"), [frames::head(&target), headers].concat(), options]
        .map(|block| frame(HEADERS, END_HEADERS, 1, &block))
}

#[tokio::test]
async fn a_refused_call_is_answered_after_its_body_and_its_stream_is_not_reset() {
    let server = TestServer::with(no_timeouts).await;
    for head in refused_heads() {
        let mut frames = Frames::connect(&server, &[]).await;
        let part = frame(DATA, 0, 1, &[b' '; 10_000]);
        frames.send([head, part.clone()].concat()).await.unwrap();
        tokio::time::sleep(ms(100)).await;
        frames.send([part, frame(DATA, END_STREAM, 1, b"")].concat()).await.unwrap();
        let mut kinds = kinds_until(&mut frames, &[HEADERS]).await;
        frames.send(frame(PING, 0, 0, &[7; 8])).await.unwrap();
        kinds.extend(kinds_until(&mut frames, &[PING]).await);
        assert!(!kinds.contains(&RST_STREAM), "{kinds:?}");
    }
}

#[tokio::test]
async fn a_refused_call_whose_body_does_not_end_is_answered_and_its_stream_is_reset_only_later() {
    let server = TestServer::with(|config| {
        no_timeouts(config);
        config.timeouts.body = ms(300);
    })
    .await;
    let target = TestServer::target("recentcontact/get_contact_group");
    let valid = frame(HEADERS, END_HEADERS, 1, &frames::head(&target));
    for head in refused_heads().into_iter().chain([valid]) {
        let mut frames = Frames::connect(&server, &[]).await;
        frames.send([head, frame(DATA, 0, 1, b"{")].concat()).await.unwrap();
        assert!(!kinds_until(&mut frames, &[HEADERS]).await.contains(&RST_STREAM));
        let answered = Instant::now();
        kinds_until(&mut frames, &[RST_STREAM]).await;
        assert!(answered.elapsed() >= ms(200), "reset {:?} after its answer", answered.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn curl_prints_the_answer_to_a_refused_call_of_any_size() {
    let server = TestServer::with(no_timeouts).await;
    let directory = tempfile::tempdir().unwrap();
    for bytes in [2, 70_000, 200_000, 3_000_000] {
        let file = directory.path().join("body");
        std::fs::write(&file, vec![b' '; bytes]).unwrap();
        let mut curl = std::process::Command::new("curl");
        curl.args(["-sS", "--http2-prior-knowledge", "--data-binary"]);
        curl.arg(format!("@{}", file.display())).arg(format!("http://{}/v4/none", server.address));
        let output = tokio::task::spawn_blocking(move || curl.output()).await.unwrap();
        let Ok(output) = output else { return println!("skipped: curl is not installed") };
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        if complaint.contains("does not support") || complaint.contains("Unsupported protocol") {
            return println!("skipped: {complaint}");
        }
        let answer = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success() && answer.contains("60009"), "{bytes} bytes: {answer}{complaint}");
    }
}

/// Whether the end comes within a moment.
async fn closes(frames: &mut Frames) -> bool {
    loop {
        match timeout(ms(20), frames.next()).await {
            Ok(Some(_)) => {}
            Ok(None) => return true,
            Err(_) => return false,
        }
    }
}

/// Their bodies are not read, and what comes of them afterwards is for streams that have ended. That is not an attack.
#[tokio::test]
async fn calls_that_are_refused_do_not_end_their_connection_however_many_they_are() {
    let server = TestServer::with(no_timeouts).await;
    let sender = connect(&server).await;
    for _ in 0..60 {
        let calls = (0..50).map(|_| {
            let mut sender = sender.clone();
            let body = Full::from(vec![b' '; 20_000]).boxed();
            async move {
                sender.ready().await?;
                sender.send_request(Request::post("http://pinfold/v4/none").body(body).unwrap()).await
            }
        });
        for answer in timeout(LONG, join_all(calls)).await.expect("no answer") {
            assert_eq!(answer.expect("the connection ended").status(), 200);
        }
    }
    assert!(refused(&server).is_empty());
}
