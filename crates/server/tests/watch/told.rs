//! What a stream tells, over each version of HTTP.

use crate::stream::{Next, Stream, get, target};
use crate::support::{ADMIN, TestServer};
use crate::{pin, server_of};

#[tokio::test]
async fn a_stream_begins_where_the_account_stands_and_tells_each_change() {
    let server = server_of(&["alice", "bob"]).await;
    let mut stream = Stream::of(&server, "alice").await;
    assert_eq!(stream.next().await, Next::Began);
    pin(&server, "alice", "bob").await;
    assert_eq!(stream.next().await, Next::Change(2, vec!["Pinned".into()]));
}

#[tokio::test]
async fn the_blocks_are_those_of_the_contract_to_the_byte() {
    let server = server_of(&["alice", "bob"]).await;
    let mut stream = Stream::of(&server, "alice").await;
    stream.next().await;
    let began = stream.id.clone();
    pin(&server, "alice", "bob").await;
    stream.next().await;
    let change = r#"{"Revision":2,"Time":1750000000000,"Caller":"administrator","Via":"call","Command":"top","Event":[{"EventType":"Pinned","ContactItem":{"Type":1,"To_Account":"bob"},"PinnedAt":1750000000,"Place":0}]}"#;
    let expected = format!("id: {began}\n\nevent: change\nid: {}\ndata: {change}\n\n", stream.id);
    assert_eq!(String::from_utf8(stream.raw).unwrap(), expected);
    assert_ne!(stream.id, began);
    let headers = ["content-type", "cache-control", "x-accel-buffering", "access-control-allow-origin"];
    let values = headers.map(|name| stream.head.headers[name].to_str().unwrap().to_owned());
    assert_eq!(values, ["text/event-stream", "no-store", "no", "*"]);
}

#[tokio::test]
async fn streams_over_http2_share_a_connection_version_and_tell_the_same() {
    let server = server_of(&["alice", "bob"]).await;
    let target = target(ADMIN, "&account=alice");
    let mut stream = Stream::of_answer(get(&server, &target, &[], true).await);
    assert_eq!(stream.next().await, Next::Began);
    pin(&server, "alice", "bob").await;
    stream.changes([2]).await;
}

#[tokio::test]
async fn a_stream_is_never_compressed() {
    let server = server_of(&["alice"]).await;
    let accepts = [("accept-encoding", "gzip, deflate, br")];
    let stream = Stream::open(&server, &target(ADMIN, "&account=alice"), &accepts).await;
    assert!(!stream.head.headers.contains_key("content-encoding"));
}

#[tokio::test]
async fn an_account_watches_itself_named_or_not() {
    let server = server_of(&["alice", "bob"]).await;
    for more in ["", "&account=alice", "&account="] {
        let mut stream = Stream::open(&server, &target("alice", more), &[]).await;
        assert_eq!(stream.next().await, Next::Began, "{more}");
    }
}

#[tokio::test]
async fn a_stream_tells_of_its_account_alone() {
    let server = server_of(&["alice", "bob"]).await;
    let mut stream = Stream::of(&server, "alice").await;
    stream.next().await;
    pin(&server, "bob", "alice").await;
    assert!(stream.is_quiet().await);
    pin(&server, "alice", "bob").await;
    stream.changes([2]).await;
}

#[tokio::test]
async fn every_stream_of_an_account_tells_every_change() {
    let server = server_of(&["alice", "bob", "carol"]).await;
    let mut streams = [Stream::of(&server, "alice").await, Stream::of(&server, "alice").await];
    for stream in &mut streams {
        stream.next().await;
    }
    pin(&server, "alice", "bob").await;
    pin(&server, "alice", "carol").await;
    for stream in &mut streams {
        stream.changes([2, 3]).await;
    }
}

#[tokio::test]
async fn an_account_that_nothing_is_kept_for_can_be_watched_where_it_need_not_be_imported() {
    let server = TestServer::with(|config| config.apps[0].accounts = pinfold_core::Registration::Any).await;
    let mut stream = Stream::of(&server, "alice").await;
    assert_eq!(stream.next().await, Next::Began);
    pin(&server, "alice", "bob").await;
    stream.changes([1]).await;
}
