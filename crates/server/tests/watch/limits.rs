//! How many streams there may be.

use pinfold_core::Registration;
use pinfold_server::config::Config;

use crate::stream::{LONG, Stream, get, refusal, target};
use crate::support::{ADMIN, TestServer};

async fn server(change: impl FnOnce(&mut Config)) -> TestServer {
    TestServer::with(|config| {
        config.apps[0].accounts = Registration::Any;
        change(config);
    })
    .await
}

fn watch(account: &str) -> String {
    target(ADMIN, &format!("&account={account}"))
}

#[tokio::test]
async fn an_account_has_so_many_streams_and_others_have_theirs() {
    let server = server(|config| config.apps[0].limits.watchers_per_account_max = 2).await;
    let _streams = [Stream::of(&server, "alice").await, Stream::of(&server, "alice").await];
    let sentence = "the account has 2 watchers, and more are not allowed (app.limits.watchers_per_account_max)";
    assert_eq!(refusal(&server, &watch("alice")).await, (60018, sentence.to_owned()));
    Stream::of(&server, "bob").await;
}

#[tokio::test]
async fn an_app_has_so_many_streams() {
    let server = server(|config| config.apps[0].limits.watchers_max = 1).await;
    let _stream = Stream::of(&server, "alice").await;
    let sentence = "the app has 1 watchers, and more are not allowed (app.limits.watchers_max)";
    assert_eq!(refusal(&server, &watch("bob")).await, (60018, sentence.to_owned()));
}

#[tokio::test]
async fn a_limit_of_0_refuses_every_stream() {
    let server = server(|config| config.apps[0].limits.watchers_max = 0).await;
    assert_eq!(refusal(&server, &watch("alice")).await.0, 60018);
}

#[tokio::test]
async fn the_place_of_a_client_that_leaves_is_free_at_once() {
    let server = server(|config| config.apps[0].limits.watchers_max = 1).await;
    for is_http2 in [false, true] {
        drop(Stream::of_answer(get(&server, &watch("alice"), &[], is_http2).await));
        let begins = async {
            while get(&server, &watch("alice"), &[], is_http2).await.headers()["content-type"] != "text/event-stream" {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(LONG, begins).await.expect("the place stays taken");
    }
}

#[tokio::test]
async fn a_refused_stream_takes_no_place() {
    let server = TestServer::with(|config| config.apps[0].limits.watchers_max = 1).await;
    for _ in 0..3 {
        assert_eq!(refusal(&server, &watch("nobody")).await.0, 50001);
    }
    Stream::of(&server, ADMIN).await;
}
