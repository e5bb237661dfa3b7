//! HTTP/2 without TLS, by prior knowledge.

use std::future::pending;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::join_all;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper::{Request, header};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::failing_server::{self, Gated};
use crate::raw::get_body;
use crate::support::TestServer;
use crate::{LONG, ms, no_timeouts};

/// A connection, and how it ended.
async fn connect(server: &TestServer) -> (SendRequest<Full<Bytes>>, JoinHandle<hyper::Result<()>>) {
    let stream = TcpStream::connect(server.address).await.unwrap();
    let (sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    (sender, tokio::spawn(connection))
}

/// The code of the answer.
async fn call(mut sender: SendRequest<Full<Bytes>>, body: String) -> hyper::Result<u64> {
    let target = TestServer::target("recentcontact/get_contact_group");
    let request = Request::post(format!("http://pinfold{target}")).body(Full::from(body)).unwrap();
    timeout(LONG, async {
        sender.ready().await?;
        let answer = sender.send_request(request).await?;
        assert_eq!(answer.status(), 200);
        assert!(!answer.headers().contains_key(header::CONNECTION));
        assert_eq!(answer.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
        let body = answer.into_body().collect().await?.to_bytes();
        let json: serde_json::Value = serde_json::from_slice(&body).unwrap();
        Ok(json["ErrorCode"].as_u64().unwrap())
    })
    .await
    .expect("no answer")
}

#[tokio::test]
async fn a_thousand_calls_at_a_time_share_a_connection() {
    let server = TestServer::with(no_timeouts).await;
    let (sender, _) = connect(&server).await;
    let codes = join_all((0..1000).map(|_| call(sender.clone(), get_body()))).await;
    assert!(codes.into_iter().all(|code| code.unwrap() == 0));
}

#[tokio::test]
async fn a_stalled_call_holds_up_no_other_on_its_connection() {
    let first = AtomicBool::new(true);
    let server = failing_server::start(
        |config| {
            no_timeouts(config);
            config.timeouts.answer = ms(800);
        },
        move || if first.swap(false, Ordering::Relaxed) { pending().boxed() } else { async {}.boxed() },
    )
    .await;
    let (sender, _) = connect(&server).await;
    let ended = Notify::new();
    let stalled = async {
        let code = call(sender.clone(), get_body()).await.unwrap();
        ended.notify_one();
        code
    };
    let quick = async {
        tokio::task::yield_now().await;
        let codes = join_all((0..20).map(|_| call(sender.clone(), get_body()))).await;
        assert!(codes.into_iter().all(|code| code.unwrap() == 0));
        ended.notified().now_or_never().is_none()
    };
    assert_eq!(tokio::join!(stalled, quick), (50005, true));
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_and_the_connection_stays() {
    let server = TestServer::with(no_timeouts).await;
    let (sender, _) = connect(&server).await;
    assert_eq!(call(sender.clone(), " ".repeat((1 << 20) + 1)).await.unwrap(), 60002);
    assert_eq!(call(sender, get_body()).await.unwrap(), 0);
}

#[tokio::test]
async fn a_connection_may_be_idle_for_longer_than_a_head_may_take_and_says_good_bye_at_its_end() {
    let server = TestServer::with(|config| {
        no_timeouts(config);
        config.timeouts.header = ms(50);
        config.timeouts.idle = ms(400);
    })
    .await;
    let (sender, ended) = connect(&server).await;
    assert_eq!(call(sender.clone(), get_body()).await.unwrap(), 0);
    tokio::time::sleep(ms(200)).await;
    assert_eq!(call(sender.clone(), get_body()).await.unwrap(), 0);
    // Without a good-bye this would be an error of the connection.
    timeout(LONG, ended).await.expect("not closed").unwrap().unwrap();
}

#[tokio::test]
async fn a_call_in_flight_is_answered_when_the_server_stops() {
    let Gated { server, arrived, gate } = Gated::start().await;
    let (sender, ended) = connect(&server).await;
    let in_flight = tokio::spawn(call(sender, get_body()));
    arrived.notified().await;
    let stopping = tokio::spawn(server.stop());
    tokio::time::sleep(ms(50)).await;
    gate.add_permits(1);
    assert_eq!(in_flight.await.unwrap().unwrap(), 0);
    timeout(LONG, ended).await.expect("not closed").unwrap().unwrap();
    stopping.await.unwrap();
}
