//! A clock that jumps: a signature is good by the clock as it is, and changes keep their order.

use std::sync::atomic::Ordering;

use serde_json::Value;

use crate::stream::{Next, Stream, refusal};
use crate::support::{ADMIN, APP, KEY, START, TestServer, sign};
use crate::{pin, server_of};

const DAY: u64 = 86_400;

/// Path and query by which this identifier watches alice, with a signature of an hour.
fn target(identifier: &str) -> String {
    let signature = sign(APP, identifier, START, 3600, KEY);
    format!("/v4/pinfold/watch?sdkappid={APP}&identifier={identifier}&usersig={signature}&account=alice")
}

#[tokio::test]
async fn a_signature_that_a_jump_of_the_clock_ends_is_good_again_once_the_clock_is_right() {
    // Signatures of administrators are remembered, and others are not.
    for target in ["alice", ADMIN].map(target) {
        let server = server_of(&["alice", "bob"]).await;
        let mut stream = Stream::open(&server, &target, &[]).await;
        stream.next().await;
        server.clock.store(START + 10 * DAY, Ordering::Relaxed);
        pin(&server, "alice", "bob").await;
        assert_eq!(stream.next().await, Next::End);
        assert_eq!(refusal(&server, &target).await.0, 70001);
        server.clock.store(START, Ordering::Relaxed);
        let mut again = Stream::open(&server, &format!("{target}&after={}", stream.id), &[]).await;
        assert_eq!(again.next().await, Next::Began);
        again.changes([2]).await;
    }
}

#[tokio::test]
async fn a_signature_is_good_by_a_clock_that_went_back_to_before_it_was_made() {
    for target in ["alice", ADMIN].map(target) {
        let server = server_of(&["alice", "bob"]).await;
        server.clock.store(START - 10 * DAY, Ordering::Relaxed);
        assert_eq!(Stream::open(&server, &target, &[]).await.next().await, Next::Began);
    }
}

/// The times of alice's last two changes.
async fn times(server: &TestServer) -> [u64; 2] {
    let answer = server.post("pinfold/get_changes", r#"{"From_Account":"alice","Limit":2}"#).await;
    let answer: Value = serde_json::from_str(&answer).unwrap();
    [1, 0].map(|place| answer["Change"][place]["Time"].as_u64().unwrap())
}

#[tokio::test]
async fn times_of_changes_follow_a_clock_back_only_from_more_than_a_day_ahead() {
    for (ahead, then) in [(1, 1), (DAY, DAY), (DAY + 1, 0)] {
        let server = server_of(&["alice", "bob", "carol"]).await;
        server.clock.store(START + ahead, Ordering::Relaxed);
        pin(&server, "alice", "bob").await;
        server.clock.store(START, Ordering::Relaxed);
        pin(&server, "alice", "carol").await;
        assert_eq!(times(&server).await, [ahead, then].map(|after| (START + after) * 1000));
    }
}
