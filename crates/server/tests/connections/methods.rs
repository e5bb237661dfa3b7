//! Methods, targets and headers of answers.

use std::io::Read;

use flate2::read::GzDecoder;

use crate::no_timeouts;
use crate::raw::{Answer, Raw, get_body, post};
use crate::support::{ADMIN, TestServer};

fn target() -> String {
    TestServer::target("recentcontact/get_contact_group")
}

async fn ask(server: &TestServer, request: &str) -> Answer {
    let mut raw = Raw::connect(server).await;
    raw.send(request).await;
    raw.answer().await
}

#[tokio::test]
async fn a_browser_may_ask_whether_it_may_call() {
    let server = TestServer::with(no_timeouts).await;
    let request = format!("OPTIONS {} HTTP/1.1\r\nHost: pinfold\r\nOrigin: https://example.com\r\n\r\n", target());
    let answer = ask(&server, &request).await;
    assert_eq!((answer.status, answer.body.len()), (200, 0));
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(answer.header("access-control-allow-methods"), Some("post"));
    assert_eq!(answer.header("access-control-allow-headers"), Some("x-requested-with, content-type"));
}

#[tokio::test]
async fn another_method_than_post_is_refused_in_json_on_a_connection_that_stays() {
    let server = TestServer::with(no_timeouts).await;
    let mut raw = Raw::connect(&server).await;
    for method in ["GET", "PUT", "DELETE", "PATCH", "TRACE", "post", "BREW"] {
        raw.send(post(&target(), "", "{}").replacen("POST", method, 1)).await;
        let answer = raw.answer().await;
        assert_eq!((answer.code(), answer.closes()), (60002, false), "{method}");
    }
    assert_eq!(raw.call().await.code(), 0);
}

#[tokio::test]
async fn head_is_answered_without_a_body() {
    let server = TestServer::with(no_timeouts).await;
    let mut raw = Raw::connect(&server).await;
    raw.send(format!("HEAD {} HTTP/1.1\r\nHost: pinfold\r\n\r\n", target())).await;
    assert_eq!(raw.head().await.status, 200);
    assert_eq!(raw.call().await.code(), 0);
}

#[tokio::test]
async fn a_server_is_no_proxy() {
    let server = TestServer::with(no_timeouts).await;
    let mut raw = Raw::connect(&server).await;
    raw.send("CONNECT 192.0.2.1:443 HTTP/1.1\r\nHost: 192.0.2.1:443\r\n\r\n").await;
    assert_eq!(raw.answer().await.status, 405);
    assert_eq!(raw.call().await.code(), 0);
}

#[tokio::test]
async fn a_whole_url_as_the_target_is_read_as_its_path() {
    let server = TestServer::with(no_timeouts).await;
    let request = post(&format!("http://another.example{}", target()), "", &get_body());
    assert_eq!(ask(&server, &request).await.code(), 0);
}

#[tokio::test]
async fn another_path_is_another_command_and_never_a_redirect() {
    let server = TestServer::with(no_timeouts).await;
    let (_, query) = target().split_once('?').map(|(path, query)| (path.to_owned(), query.to_owned())).unwrap();
    for path in [
        "/v4/recentcontact/get_contact_group/",
        "/v4/recentcontact//",
        "/v4/recentcontact/Get_Contact_Group",
        "/v4/recentcontact/get_contact%5Fgroup",
        "/v4/./recentcontact/get_contact_group",
        "/v3/recentcontact/get_contact_group",
        "/metrics",
        "/",
    ] {
        let answer = ask(&server, &post(&format!("{path}?{query}"), "", &get_body())).await;
        assert_eq!(answer.code(), 60009, "{path}");
    }
    assert_eq!(ask(&server, "OPTIONS * HTTP/1.1\r\nHost: pinfold\r\n\r\n").await.code(), 60009);
}

#[tokio::test]
async fn the_media_type_of_a_body_is_never_looked_at() {
    let server = TestServer::with(no_timeouts).await;
    for media_type in ["text/plain", "application/x-www-form-urlencoded", "nonsense"] {
        let request = post(&target(), &format!("Content-Type: {media_type}\r\n"), &get_body());
        assert_eq!(ask(&server, &request).await.code(), 0, "{media_type}");
    }
}

/// Many conversations, so that reading them gives a long answer.
async fn fill(server: &TestServer) {
    let marks = (0..100).map(|number| {
        format!(
            r#"{{"OptType":2,"ContactItem":{{"Type":2,"ToGroupId":"chat-group-{number}"}},"CustomMark":"a custom mark"}}"#
        )
    });
    let body = format!(r#"{{"From_Account":"{ADMIN}","MarkItem":[{}]}}"#, marks.collect::<Vec<_>>().join(","));
    let answer = ask(server, &post(&TestServer::target("recentcontact/mark_contact"), "", &body)).await;
    assert_eq!(answer.code(), 0);
}

#[tokio::test]
async fn an_answer_is_compressed_only_for_a_caller_that_asks() {
    let server = TestServer::with(no_timeouts).await;
    fill(&server).await;
    let get = async |more: &str| ask(&server, &post(&target(), more, &get_body())).await;
    let plain = get("").await;
    assert_eq!((plain.code(), plain.header("content-encoding")), (0, None));
    assert!(plain.body.len() > 4096, "{}", plain.body.len());
    let zipped = get("Accept-Encoding: deflate, gzip\r\n").await;
    assert_eq!(zipped.header("content-encoding"), Some("gzip"));
    let mut unzipped = Vec::new();
    GzDecoder::new(&*zipped.body).read_to_end(&mut unzipped).unwrap();
    assert_eq!(unzipped, plain.body);
    let refused = get("Accept-Encoding: br, gzip;q=0\r\n").await;
    assert_eq!(refused.header("content-encoding"), None);
}

#[tokio::test]
async fn a_base_address_that_ends_in_a_slash_leads_to_the_same_command() {
    let server = TestServer::with(no_timeouts).await;
    let mut raw = Raw::connect(&server).await;
    for target in [format!("/{}", target()), target().replace("/get_", "//get_")] {
        raw.send(post(&target, "", &get_body())).await;
        assert_eq!(raw.answer().await.code(), 0, "{target}");
    }
}

#[tokio::test]
async fn a_health_check_of_the_wrong_port_fails_in_plain_text_whatever_its_method() {
    let server = TestServer::with(no_timeouts).await;
    let mut raw = Raw::connect(&server).await;
    for path in ["/healthz", "/readyz", "//readyz", "/readyz?x=1"] {
        for method in ["GET", "POST", "OPTIONS", "PUT"] {
            raw.send(post(path, "", "{}").replacen("POST", method, 1)).await;
            let answer = raw.answer().await;
            assert_eq!((answer.status, answer.closes()), (404, false), "{method} {path}");
            assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
            assert!(answer.text().starts_with("not found"), "{}", answer.text());
        }
    }
    raw.send("HEAD /healthz HTTP/1.1\r\nHost: pinfold\r\n\r\n").await;
    assert_eq!(raw.head().await.status, 404);
    assert_eq!(raw.call().await.code(), 0);
}

#[tokio::test]
async fn a_query_that_got_into_the_path_does_not_put_its_signature_into_the_answer() {
    let server = TestServer::with(no_timeouts).await;
    let signature = TestServer::signature(ADMIN);
    let answer = ask(&server, &post(&target().replacen('?', "%3F", 1), "", &get_body())).await;
    assert_eq!(answer.code(), 60009);
    assert!(!answer.text().contains(&signature[..16]), "{}", answer.text());
    assert!(answer.text().contains("did you mean /v4/recentcontact/get_contact_group?"), "{}", answer.text());
}
