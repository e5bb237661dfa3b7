//! The server is killed and stopped while an account is watched and changed. The watcher is told every change, once and
//! in order.

use std::time::Duration;

use pinfold_client::{CallError, Client};
use pinfold_wire::commands::MarkContact;
use tokio::sync::{oneshot, watch};

use crate::account::{ACCOUNT, client, kept, mark, told};
use crate::support::{TIMEOUT, Workspace, free_port};

/// Times that the server ends, every other one by SIGKILL.
const ROUNDS: u32 = 6;

/// Changes the account, beginning with this number, until the server is gone. Gives the next number.
async fn change(client: Client, first: u32) -> u32 {
    for number in first.. {
        match client.call::<MarkContact>(&mark("bob", number)).await {
            Ok(_) => {}
            Err(CallError::Transport(_)) => return number + 1,
            Err(error) => panic!("mark {number} fails otherwise: {error}"),
        }
    }
    unreachable!("the server was to end");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_watcher_is_told_each_change_once_over_kills_and_stops_of_the_server() {
    let listen = format!("listen = [\"127.0.0.1:{}\"]", free_port());
    let workspace = Workspace::with_app(&listen, "accounts = \"any\"\ncalls_per_second_max = 0");
    let mut server = workspace.serve();
    let ((tell_last, last), (beginning, mut began)) = (oneshot::channel(), watch::channel(0));
    let watching = tokio::spawn(told(client(&server).watch(Some(ACCOUNT), None), beginning, last));
    // The account does not exist before its first change, which is told too.
    began.wait_for(|began| *began == 1).await.unwrap();
    let mut number = 1;
    for round in 1..=ROUNDS {
        let changing = tokio::spawn(change(client(&server), number));
        // Some changes are made before the watcher is back, and some are told as they happen.
        let back = began.wait_for(|began| *began >= round);
        assert!(tokio::time::timeout(TIMEOUT, back).await.is_ok(), "no stream in round {round}");
        tokio::time::sleep(Duration::from_millis(rand::random_range(200..800))).await;
        if round % 2 == 0 {
            server.kill();
        } else {
            server.stop();
        }
        number = changing.await.unwrap();
        server = workspace.serve();
    }
    client(&server).call::<MarkContact>(&mark("bob", number)).await.unwrap();
    let kept = kept(&client(&server)).await;
    tell_last.send(kept.last().unwrap().revision).unwrap();
    let told = tokio::time::timeout(TIMEOUT, watching).await.unwrap().unwrap();
    println!("{} changes told by {} streams", told.len(), *began.borrow());
    assert!(told.len() > 50, "too little happened");
    let revisions: Vec<_> = told.iter().map(|change| change.revision).collect();
    assert_eq!(revisions, (1..=told.len() as u32).collect::<Vec<_>>());
    // A fast machine makes more changes than an account keeps.
    assert!(kept.len() > 50 && told.ends_with(&kept), "what was told is not what is kept");
    server.stop();
}
