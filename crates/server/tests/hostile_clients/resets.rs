//! Streams that are reset: before their request is read, and while their call is in progress.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use futures_util::FutureExt;
use tokio::time::timeout;

use crate::frames::{Frames, call, request, reset};
use crate::raw::{assert_still_serves, get_body};
use crate::support::TestServer;
use crate::{LONG, failing_server, in_progress, ms, no_timeouts, refused, until_refused};

const ENHANCE_YOUR_CALM: u32 = 11;

#[tokio::test]
async fn a_burst_of_resets_ends_the_connection() {
    let server = TestServer::with(no_timeouts).await;
    let target = TestServer::target("recentcontact/get_contact_group");
    let mut frames = Frames::connect(&server, &[]).await;
    let burst = (0..1000).flat_map(|number| [request(number * 2 + 1, &target), reset(number * 2 + 1)].concat());
    // It may be closed before all of it is written.
    let _ = frames.send(burst.collect::<Vec<_>>()).await;
    assert_eq!(frames.end().await, Some(ENHANCE_YOUR_CALM));
    until_refused(&server, "reset").await;
    assert_eq!(refused(&server), [("reset", 1)]);
    assert_still_serves(&server).await;
}

/// Counts down when a call ends, however it ends.
struct InProgress(Arc<AtomicUsize>);

impl Drop for InProgress {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A server where calls wait for ever while the switch is on, and how many do.
async fn stuck() -> (TestServer, Arc<AtomicUsize>, Arc<AtomicBool>) {
    let (count, is_stuck) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(true)));
    let (counts, sticks) = (Arc::clone(&count), Arc::clone(&is_stuck));
    let server = failing_server::start(no_timeouts, move || {
        counts.fetch_add(1, Ordering::SeqCst);
        let guard = InProgress(Arc::clone(&counts));
        let sticks = sticks.load(Ordering::SeqCst);
        async move {
            let _guard = guard;
            if sticks {
                std::future::pending::<()>().await;
            }
        }
        .boxed()
    })
    .await;
    (server, count, is_stuck)
}

/// Waits until so many calls are at work.
async fn until_in_progress(count: &AtomicUsize, wanted: usize) {
    let waiting = async {
        while in_progress(count) != wanted {
            tokio::time::sleep(ms(1)).await;
        }
    };
    timeout(LONG, waiting).await.unwrap_or_else(|_| panic!("{} at work", in_progress(count)));
}

#[tokio::test]
async fn a_call_whose_stream_is_reset_is_given_up_however_often() {
    let (server, count, is_stuck) = stuck().await;
    let target = TestServer::target("recentcontact/get_contact_group");
    let mut frames = Frames::connect(&server, &[]).await;
    for round in 0..40 {
        let streams = (0..50).map(|number| (round * 50 + number) * 2 + 1);
        let calls: Vec<_> = streams.clone().flat_map(|stream| call(stream, &target, &get_body())).collect();
        frames.send(calls).await.unwrap();
        until_in_progress(&count, 50).await;
        frames.send(streams.flat_map(reset).collect::<Vec<_>>()).await.unwrap();
        until_in_progress(&count, 0).await;
    }
    is_stuck.store(false, Ordering::SeqCst);
    assert_still_serves(&server).await;
}

#[tokio::test]
async fn no_more_than_a_hundred_streams_are_at_work_and_further_ones_are_refused() {
    const REFUSED_STREAM: u32 = 7;
    let (server, count, _) = stuck().await;
    let target = TestServer::target("recentcontact/get_contact_group");
    let mut frames = Frames::connect(&server, &[]).await;
    let calls: Vec<_> = (0..150).flat_map(|number| call(number * 2 + 1, &target, &get_body())).collect();
    frames.send(calls).await.unwrap();
    let mut refused = 0;
    while refused < 50 {
        let frame = frames.next().await.expect("closed");
        refused += usize::from(frame.error() == Some(REFUSED_STREAM));
    }
    until_in_progress(&count, 100).await;
}

#[tokio::test]
async fn refused_streams_have_an_end_too() {
    let (server, count, _) = stuck().await;
    let target = TestServer::target("recentcontact/get_contact_group");
    let mut frames = Frames::connect(&server, &[]).await;
    let calls: Vec<_> = (0..100).flat_map(|number| call(number * 2 + 1, &target, &get_body())).collect();
    frames.send(calls).await.unwrap();
    until_in_progress(&count, 100).await;
    let more = (100..3000).flat_map(|number| request(number * 2 + 1, "/"));
    let _ = frames.send(more.collect::<Vec<_>>()).await;
    assert_eq!(frames.end().await, Some(ENHANCE_YOUR_CALM));
    until_in_progress(&count, 0).await;
    assert_eq!(refused(&server), [("reset", 1)]);
}
