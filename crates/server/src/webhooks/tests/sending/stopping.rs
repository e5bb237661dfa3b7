//! Servers that stop in the middle, and stores that fail.

use super::*;

const ACCOUNTS: u32 = 40;
const CHANGES: u32 = 10;

#[tokio::test]
async fn servers_that_stop_in_the_middle_send_everything_once() {
    let receiver = taking().await;
    let mut store = Store::new(Arc::new(Memory::new()));
    for number in 0..CHANGES {
        for account in 0..ACCOUNTS {
            pin(&store, &format!("u{account}"), number).await;
        }
    }
    let pace = Pace { page_changes_max: 3, workers_max: 8, requests_max: 2, ..quick() };
    let all = (ACCOUNTS * CHANGES) as usize;
    for stop in 1..=6 {
        let world = World::over(store, &app(&receiver), pace.clone());
        until(async || receiver.received().len() >= stop * all / 7).await;
        store = world.stop().await;
        let waiting = store.backend().backlog(APP, 1_000_000).await.unwrap().changes as usize;
        assert_eq!(receiver.received().len() + waiting, all, "nothing is sent and not removed");
    }
    let world = World::over(store, &app(&receiver), pace);
    world.drained().await;
    assert_each_once(&receiver, ACCOUNTS as usize, CHANGES.into());
}
