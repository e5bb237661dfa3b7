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

use crate::frames::{self, CONTINUATION, END_STREAM, Frames, HEADERS, PING, frame};
use crate::raw::{assert_lives, get_body};
use crate::support::TestServer;
use crate::{LONG, ms, patient, refused};

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
    let server = TestServer::with(patient).await;
    let mut sender = connect(&server).await;
    // One of them is the length of the body.
    for (headers, status) in [(99, 200), (100, 431), (99, 200)] {
        assert_eq!(call(&mut sender, headers, "", whole()).await.0, status, "{headers} headers and the length");
    }
}

#[tokio::test]
async fn headers_of_64_kib_are_too_large_and_the_connection_stays() {
    let server = TestServer::with(patient).await;
    let mut sender = connect(&server).await;
    for (bytes, status) in [(1_000, 200), (14_000, 431), (1_000, 200)] {
        assert_eq!(call(&mut sender, 5, &"x".repeat(bytes), whole()).await.0, status);
    }
}

#[tokio::test]
async fn a_head_that_never_ends_ends_the_connection() {
    let server = TestServer::with(patient).await;
    let mut frames = Frames::connect(&server, &[]).await;
    frames.send(frame(HEADERS, END_STREAM, 1, &frames::head("/"))).await.unwrap();
    let piece = frame(CONTINUATION, 0, 1, &frames::header("x", &"x".repeat(16_000)));
    let mut sent_mib = 0;
    while sent_mib < 64 && frames.send(piece.repeat(64)).await.is_ok() {
        sent_mib += 1;
    }
    assert!(sent_mib < 64, "64 MiB of one head were read");
    assert_lives(&server).await;
}

#[tokio::test]
async fn a_body_that_stalls_is_timed_out_and_the_connection_stays() {
    let server = TestServer::with(|config| {
        patient(config);
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
        patient(config);
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

/// Their bodies are not read, and what comes of them afterwards is for streams that have ended. That is no attack.
#[tokio::test]
async fn calls_that_are_refused_do_not_end_their_connection_however_many_they_are() {
    let server = TestServer::with(patient).await;
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
