//! The disk is full for a while. Changes are refused meanwhile, and watchers are told what the history holds, no more and
//! no less.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use pinfold_client::Client;
use tokio::sync::{oneshot, watch};
use tokio::time::timeout;

use crate::account::{ACCOUNT, client, told, workspace};
use crate::history::{Caller, verify};
use crate::support::TIMEOUT;
use crate::support::failing_disk::serve_over_failing_disk;

const CALLERS: usize = 4;
/// Times that the disk is full.
const SHORTAGES: usize = 2;

/// What callers have done so far, and whether they stop.
#[derive(Default)]
struct Progress {
    acknowledged: AtomicUsize,
    refused: AtomicUsize,
    is_over: AtomicBool,
}

async fn change(client: Client, mut caller: Caller, progress: Arc<Progress>) -> Caller {
    while !progress.is_over.load(Ordering::Relaxed) {
        match caller.call(&client).await {
            Some(0) => &progress.acknowledged,
            Some(50004) => &progress.refused,
            other => panic!("answered with {other:?}"),
        }
        .fetch_add(1, Ordering::Relaxed);
    }
    caller
}

/// Waits until some more calls than now are counted.
async fn more(count: &AtomicUsize) {
    let (before, began) = (count.load(Ordering::Relaxed), Instant::now());
    while count.load(Ordering::Relaxed) < before + 50 {
        assert!(began.elapsed() < TIMEOUT, "too few calls");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_leaves_no_gap_in_the_history_and_watchers_are_told_what_it_holds() {
    let workspace = workspace("");
    let (server, trigger) = serve_over_failing_disk(&workspace, "PINFOLD_TEST_DISK_FULL");
    let ((tell_last, last), (beginning, mut began)) = (oneshot::channel(), watch::channel(0));
    let watching = tokio::spawn(told(client(&server).watch(Some(ACCOUNT), None), beginning, last));
    began.wait_for(|began| *began == 1).await.unwrap();

    let progress = Arc::<Progress>::default();
    let call = |number| tokio::spawn(change(client(&server), Caller::new(number), Arc::clone(&progress)));
    let tasks: Vec<_> = (0..CALLERS).map(call).collect();
    for _ in 0..SHORTAGES {
        more(&progress.acknowledged).await;
        fs::write(&trigger, "").unwrap();
        more(&progress.refused).await;
        fs::remove_file(&trigger).unwrap();
    }
    more(&progress.acknowledged).await;
    progress.is_over.store(true, Ordering::Relaxed);
    let mut callers = Vec::new();
    for task in tasks {
        callers.push(task.await.unwrap());
    }

    let (history, unacknowledged) = verify(&client(&server), &callers).await;
    tell_last.send(history.last().unwrap().revision).unwrap();
    let told = timeout(TIMEOUT, watching).await.expect("not everything is told").unwrap();
    assert!(told == history, "what was told is not what is kept");
    println!("{} changes, of which {unacknowledged} were not acknowledged; {} streams", told.len(), *began.borrow());
    server.stop();
    let server = workspace.serve();
    assert!(verify(&client(&server), &callers).await.0 == history, "a restart changes it");
    server.stop();
}
