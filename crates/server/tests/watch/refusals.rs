//! Requests that begin no stream: each is answered in JSON, in the protocol's order of checks.

use pinfold_core::{AppId, Registration, Users};

use crate::server_of;
use crate::stream::{Stream, get, refusal, target};
use crate::support::{ADMIN, APP, KEY, START, TestServer, sign};

#[tokio::test]
async fn a_request_is_checked_in_the_order_of_every_call() {
    let server = server_of(&["alice"]).await;
    let signature = TestServer::signature(ADMIN);
    let expired = sign(APP, ADMIN, START - 100, 50, KEY);
    let admin = format!("sdkappid={APP}&identifier={ADMIN}");
    for (query, code) in [
        (String::new(), 60012),
        ("sdkappid=x".to_owned(), 60012),
        ("sdkappid=7".to_owned(), 60006),
        (format!("sdkappid={APP}"), 60004),
        (admin.clone(), 70002),
        (format!("{admin}&usersig=x"), 70003),
        (format!("{admin}&usersig={expired}"), 70001),
        (format!("sdkappid={APP}&identifier=alice&usersig={signature}"), 70013),
        (format!("{admin}&usersig={signature}"), 50002),
        (format!("{admin}&usersig={signature}&account="), 50002),
        (format!("{admin}&usersig={signature}&account={}", "a".repeat(33)), 50002),
        (format!("{admin}&usersig={signature}&account=nobody"), 50001),
    ] {
        assert_eq!(refusal(&server, &format!("/v4/pinfold/watch?{query}")).await.0, code, "{query}");
    }
}

#[tokio::test]
async fn an_administrator_has_to_say_whom_it_watches() {
    let server = server_of(&["alice"]).await;
    let refused = refusal(&server, &target(ADMIN, "")).await;
    assert_eq!(refused, (50002, "account is missing in the URL".to_owned()));
}

#[tokio::test]
async fn an_account_may_not_watch_another_one_however_it_is_spelled() {
    let server = server_of(&["alice", "bob"]).await;
    for more in
        ["&account=bob", "&account=Alice", "&account=%61lice%20", "&account=bob&account=alice", "&%61ccount=bob"]
    {
        assert_eq!(refusal(&server, &target("alice", more)).await.0, 50003, "{more}");
    }
}

#[tokio::test]
async fn an_account_watches_only_where_accounts_call_for_themselves_and_if_it_is_imported() {
    let server = server_of(&["alice"]).await;
    assert_eq!(refusal(&server, &target("carol", "")).await.0, 50001);
    let closed = TestServer::start().await;
    assert_eq!(refusal(&closed, &target("alice", "")).await.0, 50003);
    let any = TestServer::with(|config| {
        config.apps[0].users = Users::Own;
        config.apps[0].accounts = Registration::Any;
    });
    Stream::open(&any.await, &target("carol", ""), &[]).await;
}

#[tokio::test]
async fn a_disabled_app_is_not_watched() {
    let server = TestServer::with(|config| config.apps[0].disabled = true).await;
    assert_eq!(refusal(&server, &target(ADMIN, "&account=alice")).await.0, 60016);
}

#[tokio::test]
async fn a_signature_of_another_app_is_refused() {
    let server = server_of(&["alice"]).await;
    let query = format!("sdkappid={APP}&identifier={ADMIN}&usersig={}", sign(7, ADMIN, START, 100, KEY));
    assert_eq!(refusal(&server, &format!("/v4/pinfold/watch?{query}&account=alice")).await.0, 70014);
    assert_ne!(AppId(7), AppId(APP));
}

#[tokio::test]
async fn streams_are_begun_no_faster_than_calls_are_allowed() {
    let server = TestServer::with(|config| {
        config.apps[0].users = Users::Own;
        config.apps[0].accounts = Registration::Any;
        config.apps[0].calls_per_second_max = Some(1);
        config.apps[0].user_calls_per_second_max = 1;
    })
    .await;
    let first_refused = async |target: String| {
        for _ in 0..50 {
            let answer = get(&server, &target, &[], false).await;
            if answer.headers()["content-type"] != "text/event-stream" {
                return refusal(&server, &target).await.0;
            }
        }
        0
    };
    assert_eq!(first_refused(target(ADMIN, "&account=alice")).await, 60007);
    assert_eq!(first_refused(target("bob", "")).await, 60007);
}
