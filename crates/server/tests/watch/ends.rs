//! How a stream ends: by its signature, its permission, its account, or the server.

use std::sync::atomic::Ordering;

use pinfold_client::{Client, Settings};
use pinfold_core::Users;
use pinfold_server::config::{AppConfig, Config, Secret};

use crate::stream::{Next, Stream, refusal, target};
use crate::support::{ADMIN, APP, KEY, START, TestServer, config, sign};
use crate::{own, pin, server_of};

const OTHER_KEY: &str = "another-made-up-key-for-the-tests";
const UNPIN: &str = r#"{"From_Account":"alice","OperationType":2,"RecentContactItem":[{"Type":1,"To_Account":"bob"}]}"#;

/// A configuration like that of the server, with a change.
fn reloaded(change: impl FnOnce(&mut AppConfig)) -> Config {
    let mut config = config();
    own(&mut config);
    change(&mut config.apps[0]);
    config
}

/// A stream of alice, and one that the administrator has of her.
async fn both(server: &TestServer) -> [Stream; 2] {
    let mut streams = [Stream::open(server, &target("alice", ""), &[]).await, Stream::of(server, "alice").await];
    for stream in &mut streams {
        stream.next().await;
    }
    streams
}

/// What each of the streams sends when a change is to be sent.
async fn after_a_change(server: &TestServer, mut streams: [Stream; 2]) -> [Next; 2] {
    pin(server, "alice", "bob").await;
    let [own, admins] = &mut streams;
    [own.next().await, admins.next().await]
}

fn change() -> Next {
    Next::Change(2, vec!["Pinned".into()])
}

#[tokio::test]
async fn a_reload_that_takes_no_right_ends_no_stream() {
    let server = server_of(&["alice", "bob"]).await;
    let streams = both(&server).await;
    server.control.follow(&reloaded(|app| app.recent_days = 3)).unwrap();
    assert_eq!(after_a_change(&server, streams).await, [change(), change()]);
}

#[tokio::test]
async fn streams_of_accounts_end_when_accounts_may_not_call_for_themselves_any_more() {
    let server = server_of(&["alice", "bob"]).await;
    let streams = both(&server).await;
    server.control.follow(&reloaded(|app| app.users = Users::None)).unwrap();
    assert_eq!(after_a_change(&server, streams).await, [Next::End, change()]);
    assert_eq!(refusal(&server, &target("alice", "")).await.0, 50003);
}

#[tokio::test]
async fn streams_end_with_their_key() {
    let server = server_of(&["alice", "bob"]).await;
    let streams = both(&server).await;
    let other = || Secret::new(OTHER_KEY).unwrap();
    server.control.follow(&reloaded(|app| app.keys = vec![other(), Secret::new(KEY).unwrap()])).unwrap();
    assert_eq!(after_a_change(&server, streams).await, [change(), change()]);
    let mut streams = both(&server).await;
    server.control.follow(&reloaded(|app| app.keys = vec![other()])).unwrap();
    let address = format!("http://{}", server.address);
    let client = Client::new(Settings::new(address, APP, ADMIN, OTHER_KEY)).unwrap();
    client.call_raw("recentcontact/top", UNPIN.into()).await.unwrap();
    for stream in &mut streams {
        assert_eq!(stream.next().await, Next::End);
    }
}

#[tokio::test]
async fn streams_of_an_administrator_end_when_it_is_not_one_any_more() {
    let server = server_of(&["alice", "bob"]).await;
    let second = "second";
    let with_second = |app: &mut AppConfig| app.administrators.extend(pinfold_core::AccountId::parse(second));
    server.control.follow(&reloaded(with_second)).unwrap();
    let mut stream = Stream::open(&server, &target(second, "&account=alice"), &[]).await;
    stream.next().await;
    server.control.follow(&reloaded(|_| ())).unwrap();
    pin(&server, "alice", "bob").await;
    assert_eq!(stream.next().await, Next::End);
}

#[tokio::test]
async fn streams_end_with_their_signature() {
    let server = server_of(&["alice", "bob"]).await;
    let signature = sign(APP, ADMIN, START, 100, KEY);
    let target = format!("/v4/pinfold/watch?sdkappid={APP}&identifier={ADMIN}&usersig={signature}&account=alice");
    let mut stream = Stream::open(&server, &target, &[]).await;
    stream.next().await;
    server.clock.store(START + 100, Ordering::Relaxed);
    pin(&server, "alice", "bob").await;
    stream.changes([2]).await;
    server.clock.store(START + 101, Ordering::Relaxed);
    // Within the second that was left when the change was sent, without another one.
    assert_eq!(stream.next().await, Next::End);
    assert_eq!(refusal(&server, &target).await.0, 70001);
}

#[tokio::test]
async fn a_clock_that_goes_back_ends_no_stream() {
    let server = server_of(&["alice", "bob"]).await;
    let streams = both(&server).await;
    server.clock.store(START - 86_400, Ordering::Relaxed);
    assert_eq!(after_a_change(&server, streams).await, [change(), change()]);
}

#[tokio::test]
async fn streams_of_a_disabled_app_and_of_one_that_is_gone_end() {
    let disabled = |app: &mut AppConfig| app.disabled = true;
    let gone = |app: &mut AppConfig| app.sdkappid = pinfold_core::AppId(7);
    for config in [reloaded(disabled), reloaded(gone)] {
        let server = server_of(&["alice", "bob"]).await;
        let signature = sign(APP, "alice", START, 1, KEY);
        let target = format!("/v4/pinfold/watch?sdkappid={APP}&identifier=alice&usersig={signature}");
        let mut stream = Stream::open(&server, &target, &[]).await;
        stream.next().await;
        server.control.follow(&config).unwrap();
        // Looked at when the signature may have expired, as nothing is sent.
        assert_eq!(stream.next().await, Next::End);
    }
}

#[tokio::test]
async fn a_deleted_account_is_a_reset_and_the_end() {
    let server = server_of(&["alice", "bob"]).await;
    let mut stream = Stream::of(&server, "alice").await;
    stream.next().await;
    let standing = stream.id.clone();
    let body = r#"{"DeleteItem":[{"UserID":"alice"}]}"#;
    assert!(server.post("im_open_login_svc/account_delete", body).await.contains(r#""ErrorCode":0"#));
    assert_eq!(stream.next().await, Next::Reset);
    assert_ne!(stream.id, standing);
    assert_eq!(stream.next().await, Next::End);
    assert_eq!(refusal(&server, &target(ADMIN, "&account=alice")).await.0, 50001);
}

#[tokio::test]
async fn a_server_that_stops_says_when_to_come_back() {
    let server = server_of(&["alice"]).await;
    let mut stream = Stream::of(&server, "alice").await;
    stream.next().await;
    server.stop().await;
    let Next::Retry(ms) = stream.next().await else { panic!("no time to come back") };
    assert!((1000..5000).contains(&ms), "{ms}");
    assert_eq!(stream.next().await, Next::End);
}
