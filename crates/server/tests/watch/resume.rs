//! A client that comes back with the cursor of the last block it got.

use std::sync::Arc;

use pinfold_store::{Memory, Store};

use crate::stream::{Next, Stream, target};
use crate::support::{ADMIN, TestServer, config};
use crate::{import, own, pin, server_of};

const PEERS: [&str; 4] = ["bob", "carol", "dave", "erin"];

async fn server() -> TestServer {
    let server = server_of(&["alice"]).await;
    import(&server, &PEERS).await;
    server
}

/// The cursor of alice as she stands now.
async fn cursor(server: &TestServer) -> String {
    let mut stream = Stream::of(server, "alice").await;
    stream.next().await;
    stream.id
}

async fn delete(server: &TestServer, account: &str) {
    let body = format!(r#"{{"DeleteItem":[{{"UserID":"{account}"}}]}}"#);
    assert!(server.post("im_open_login_svc/account_delete", &body).await.contains(r#""ErrorCode":0"#));
}

#[tokio::test]
async fn a_client_gets_what_came_since_without_gap_or_repeat_and_then_what_comes() {
    let server = server().await;
    let cursor = cursor(&server).await;
    pin(&server, "alice", "bob").await;
    pin(&server, "alice", "carol").await;
    let mut stream = Stream::after(&server, "alice", &cursor).await;
    assert_eq!((stream.next().await, &stream.id), (Next::Began, &cursor));
    stream.changes([2, 3]).await;
    pin(&server, "alice", "dave").await;
    stream.changes([4]).await;
}

#[tokio::test]
async fn the_cursor_of_any_block_goes_on_after_it() {
    let server = server().await;
    let mut stream = Stream::of(&server, "alice").await;
    stream.next().await;
    let mut cursors = vec![stream.id.clone()];
    for peer in PEERS {
        pin(&server, "alice", peer).await;
        stream.next().await;
        cursors.push(stream.id.clone());
    }
    for (known, cursor) in (1..).zip(&cursors) {
        let mut stream = Stream::after(&server, "alice", cursor).await;
        assert_eq!(stream.next().await, Next::Began);
        stream.changes(known + 1..=5).await;
        assert!(stream.is_quiet().await);
    }
}

#[tokio::test]
async fn the_header_of_a_browser_goes_before_the_cursor_in_its_url() {
    let server = server().await;
    let old = cursor(&server).await;
    pin(&server, "alice", "bob").await;
    let new = cursor(&server).await;
    pin(&server, "alice", "carol").await;
    let target = target(ADMIN, &format!("&account=alice&after={old}"));
    fn last<'a>(values: &[&'a str]) -> Vec<(&'static str, &'a str)> {
        values.iter().map(|value| ("last-event-id", *value)).collect()
    }
    for (headers, first) in [(last(&[&new]), 3), (last(&[&old, &new]), 3), (last(&[""]), 2), (last(&[]), 2)] {
        let mut stream = Stream::open(&server, &target, &headers).await;
        assert_eq!(stream.next().await, Next::Began);
        stream.changes([first]).await;
    }
}

#[tokio::test]
async fn every_other_cursor_is_a_reset_to_where_the_account_stands() {
    let server = server().await;
    let alice = cursor(&server).await;
    let mut other = Stream::of(&server, "bob").await;
    other.next().await;
    let long = "A".repeat(8000);
    let other_cursors = [&other.id, &alice[1..], &alice[..22], "x", "%00", "%F0%9F%90%9F", &long];
    for cursor in other_cursors {
        for in_url in [true, false] {
            let more = if in_url { format!("&account=alice&after={cursor}") } else { "&account=alice".to_owned() };
            let headers = if in_url { vec![] } else { vec![("last-event-id", cursor)] };
            let mut stream = Stream::open(&server, &target(ADMIN, &more), &headers).await;
            assert_eq!((stream.next().await, &stream.id), (Next::Reset, &alice), "{cursor}");
        }
    }
}

#[tokio::test]
async fn after_a_reset_a_stream_goes_on() {
    let server = server().await;
    let mut stream = Stream::after(&server, "alice", "x").await;
    assert_eq!(stream.next().await, Next::Reset);
    pin(&server, "alice", "bob").await;
    stream.changes([2]).await;
}

#[tokio::test]
async fn an_account_that_was_deleted_and_imported_again_is_a_reset() {
    let server = server().await;
    pin(&server, "alice", "bob").await;
    let before = cursor(&server).await;
    delete(&server, "alice").await;
    import(&server, &["alice"]).await;
    let mut stream = Stream::after(&server, "alice", &before).await;
    assert_eq!(stream.next().await, Next::Reset);
    pin(&server, "alice", "bob").await;
    stream.changes([2]).await;
}

#[tokio::test]
async fn the_cursor_of_a_deletion_is_good_until_an_account_comes_after_it() {
    let server = server().await;
    let mut stream = Stream::of(&server, "bob").await;
    stream.next().await;
    delete(&server, "bob").await;
    assert_eq!(stream.next().await, Next::Reset);
    import(&server, &["bob"]).await;
    let mut after = Stream::after(&server, "bob", &stream.id).await;
    assert_eq!(after.next().await, Next::Reset);
    pin(&server, "bob", "alice").await;
    after.changes([2]).await;
}

#[tokio::test]
async fn where_no_history_is_kept_every_cursor_is_a_reset() {
    let server = TestServer::with(|config| {
        own(config);
        config.apps[0].history_days = 0;
    })
    .await;
    import(&server, &["alice", "bob", "carol"]).await;
    let old = cursor(&server).await;
    let mut stream = Stream::of(&server, "alice").await;
    stream.next().await;
    pin(&server, "alice", "bob").await;
    stream.changes([2]).await;
    for cursor in [&old, &stream.id] {
        let mut after = Stream::after(&server, "alice", cursor).await;
        assert_eq!((after.next().await, &after.id), (Next::Reset, &stream.id));
    }
}

#[tokio::test]
async fn a_history_that_was_switched_off_for_a_while_has_a_gap_that_is_a_reset() {
    let days = |days: u32| {
        let mut config = config();
        own(&mut config);
        config.apps[0].history_days = days;
        config
    };
    let server = server().await;
    let mut open = Stream::of(&server, "alice").await;
    open.next().await;
    let mut cursors = vec![open.id.clone()];
    for (days_kept, peer) in [(0, "bob"), (7, "carol"), (7, "dave")] {
        server.control.follow(&days(days_kept)).unwrap();
        pin(&server, "alice", peer).await;
        open.next().await;
        cursors.push(open.id.clone());
    }
    let mut first = Vec::new();
    for cursor in &cursors {
        first.push(Stream::after(&server, "alice", cursor).await.next().await);
    }
    assert_eq!(first, [Next::Reset, Next::Began, Next::Began, Next::Began]);
}

#[tokio::test]
async fn cursors_stay_good_over_another_server_on_the_same_store() {
    let memory = Arc::new(Memory::new());
    let mut config = config();
    own(&mut config);
    let first = TestServer::over(&config, Store::new(Arc::clone(&memory) as _)).await;
    import(&first, &["alice"]).await;
    import(&first, &PEERS).await;
    let cursor = cursor(&first).await;
    pin(&first, "alice", "bob").await;
    first.stop().await;
    let second = TestServer::over(&config, Store::new(memory)).await;
    let mut stream = Stream::after(&second, "alice", &cursor).await;
    assert_eq!(stream.next().await, Next::Began);
    stream.changes([2]).await;
}

#[tokio::test]
async fn hundreds_of_missed_changes_come_in_order() {
    let server = server().await;
    let cursor = cursor(&server).await;
    for number in 0..300 {
        let body = format!(
            r#"{{"From_Account":"alice","MarkItem":[{{"OptType":2,"ContactItem":{{"Type":1,"To_Account":"bob"}},"CustomMark":"{number}"}}]}}"#
        );
        assert!(server.post("recentcontact/mark_contact", &body).await.contains(r#""ErrorCode":0"#));
    }
    let mut stream = Stream::after(&server, "alice", &cursor).await;
    assert_eq!(stream.next().await, Next::Began);
    stream.changes(2..=301).await;
}
