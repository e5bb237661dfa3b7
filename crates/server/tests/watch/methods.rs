//! Requests with other methods, and with bodies.

use http_body_util::BodyExt;
use hyper::Method;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::server_of;
use crate::stream::{LONG, Next, Stream, target};
use crate::support::{ADMIN, TestServer};

/// Sends a request of this method and body; the answer.
async fn send(server: &TestServer, method: Method, body: &str) -> hyper::Response<hyper::body::Incoming> {
    let stream = TcpStream::connect(server.address).await.unwrap();
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let request = hyper::Request::builder().method(method).uri(target(ADMIN, "&account=alice"));
    let request = request.header("host", "pinfold").body(body.to_owned()).unwrap();
    timeout(LONG, sender.send_request(request)).await.expect("no answer").unwrap()
}

#[tokio::test]
async fn every_method_but_get_is_refused_by_its_name() {
    let server = server_of(&["alice"]).await;
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
        let answer = send(&server, method.clone(), "{}").await;
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        let json: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(json["ErrorCode"], 60002);
        assert_eq!(json["ErrorInfo"], format!("the method is {method}; GET is allowed"));
    }
    assert_eq!(send(&server, Method::HEAD, "").await.headers()["content-type"], "application/json; charset=utf-8");
}

#[tokio::test]
async fn a_browser_may_ask_with_get_and_send_its_cursor() {
    let server = server_of(&[]).await;
    let answer = send(&server, Method::OPTIONS, "").await;
    let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("access-control-allow-origin"), "*");
    assert_eq!(header("access-control-allow-methods"), "GET");
    assert_eq!(header("access-control-allow-headers"), "X-Requested-With, Content-Type, Last-Event-ID");
}

#[tokio::test]
async fn a_body_is_not_looked_at() {
    let server = server_of(&["alice"]).await;
    let mut stream = Stream::of_answer(send(&server, Method::GET, "not JSON").await);
    assert_eq!(stream.next().await, Next::Began);
}
