//! The page on the admin plane.

use std::net::SocketAddr;

use pinfold_server::config::Timeouts;
use pinfold_server::{AdminPlane, Health};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::MARK;
use crate::scrape::Scrape;
use crate::support::TestServer;

async fn get(address: SocketAddr) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: pinfold\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

async fn admin() -> AdminPlane {
    AdminPlane::bind(SocketAddr::from(([127, 0, 0, 1], 0)), &Timeouts::default(), Health::default()).unwrap()
}

#[tokio::test]
async fn the_admin_plane_serves_what_the_rest_plane_measures_as_prometheus_text() {
    let server = TestServer::start().await;
    let admin = admin().await;
    admin.pages().measures(server.metrics.clone());
    let address = admin.address().unwrap();
    let serving = tokio::spawn(admin.serve(std::future::pending()));
    server.post(MARK.0, MARK.1).await;
    let answer = get(address).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    assert!(head.contains("content-type: text/plain; version=0.0.4; charset=utf-8"), "{head}");
    assert_eq!(Scrape::read(body).sum("pinfold_calls_total", &[("command", "mark_contact")]), 1.0);
    serving.abort();
    server.stop().await;
}

#[tokio::test]
async fn a_server_that_starts_has_no_metrics_yet_and_the_rest_plane_never_has_any() {
    let admin = admin().await;
    let address = admin.address().unwrap();
    let serving = tokio::spawn(admin.serve(std::future::pending()));
    assert!(get(address).await.starts_with("HTTP/1.1 503 "));
    serving.abort();
    let server = TestServer::start().await;
    assert!(!get(server.address).await.contains("pinfold_"));
    server.stop().await;
}
