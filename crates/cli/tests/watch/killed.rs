//! The server is killed while callers change one account. The history has every change that was acknowledged, and tells
//! how the account is.

use std::time::Duration;

use pinfold_client::Client;

use crate::account::{client, workspace};
use crate::history::{Caller, undo_last, verify};
use crate::support::run;

const ROUNDS: usize = 3;
const CALLERS: usize = 8;

async fn change(client: Client, mut caller: Caller) -> Caller {
    while let Some(code) = caller.call(&client).await {
        assert_eq!(code, 0);
    }
    caller
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_kill_the_history_has_every_acknowledged_change_and_fits_the_account() {
    let workspace = workspace("");
    let mut callers: Vec<_> = (0..CALLERS).map(Caller::new).collect();
    for round in 1..=ROUNDS {
        let server = workspace.serve();
        let tasks: Vec<_> = callers.drain(..).map(|caller| tokio::spawn(change(client(&server), caller))).collect();
        tokio::time::sleep(Duration::from_millis(rand::random_range(200..600))).await;
        server.kill();
        for task in tasks {
            callers.push(task.await.unwrap());
        }
        let checked = run(workspace.command("check"));
        let line = String::from_utf8(checked.stderr).unwrap();
        assert!(checked.status.success() && line.ends_with("nothing is damaged\n"), "{line}");
        let server = workspace.serve();
        let (_, unacknowledged) = verify(&client(&server), &callers).await;
        assert!(unacknowledged <= round * CALLERS, "{unacknowledged} more than were on their way");
        server.stop();
    }
    let server = workspace.serve();
    let client = client(&server);
    let (history, unacknowledged) = verify(&client, &callers).await;
    undo_last(&client, &history).await;
    println!("{} changes, {ROUNDS} kills, {unacknowledged} changes were not acknowledged", history.len());
    assert!(history.len() > 50, "too little happened");
    server.stop();
}
