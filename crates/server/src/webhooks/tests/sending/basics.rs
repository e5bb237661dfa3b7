//! What is sent, in which order, and that it is sent once.

use super::*;

#[tokio::test]
async fn a_change_is_sent_once_and_its_row_removed() {
    let receiver = taking().await;
    let world = World::start(&receiver).await;
    pin(world.store(), "amy", 1).await;
    world.drained().await;
    assert_eq!(receiver.received().iter().map(told).collect::<Vec<_>>(), [("amy".into(), 1, "ContactTop".into())]);
    world.stop().await;
    assert_eq!(receiver.received().len(), 1);
}

#[tokio::test]
async fn changes_of_an_account_come_in_their_order_over_many_pages() {
    let receiver = taking().await;
    let world = World::start(&receiver).await;
    for number in 0..150 {
        pin(world.store(), "amy", number).await;
    }
    world.drained().await;
    assert_each_once(&receiver, 1, 150);
}

#[tokio::test]
async fn a_change_is_told_by_its_commands_in_their_order() {
    let receiver = taking().await;
    let world = World::start(&receiver).await;
    arrange(world.store(), "amy").await;
    world.drained().await;
    let commands = by_account(&receiver).remove("amy").unwrap();
    let expected = ["ContactGroupCreate", "ContactGroupUpdate", "ContactTop"].map(|command| (1, command.to_owned()));
    assert_eq!(commands, expected);
}

#[tokio::test]
async fn what_waited_before_the_server_started_is_sent() {
    let store = Store::new(Arc::new(Memory::new()));
    pin_all(&store, 30).await;
    let receiver = taking().await;
    let world = World::over(store, &app(&receiver), quick());
    world.drained().await;
    assert_each_once(&receiver, 30, 1);
}

#[tokio::test]
async fn more_accounts_than_can_be_held_are_all_sent() {
    let store = Store::new(Arc::new(Memory::new()));
    pin_all(&store, 100).await;
    let receiver = taking().await;
    let small = Pace { held_max: 6, workers_max: 3, scan_accounts_max: 4, ..quick() };
    let world = World::over(store, &app(&receiver), small);
    for number in 0..100 {
        pin(world.store(), &format!("u{number}"), 2).await;
    }
    world.drained().await;
    assert_each_once(&receiver, 100, 2);
}

#[tokio::test]
async fn a_change_that_no_wanted_command_tells_is_not_sent_and_does_not_wait() {
    let receiver = taking().await;
    let mut app = app(&receiver);
    app.webhook.as_mut().unwrap().events = [WebhookCommand::ContactTop].into_iter().collect();
    let world = World::over(Store::new(Arc::new(Memory::new())), &app, quick());
    arrange(world.store(), "amy").await;
    change(world.store(), "bob", |draft| draft.create_conversation_group(&GroupName::stored("Work")).map(|_| ())).await;
    world.drained().await;
    assert_eq!(receiver.received().iter().map(told).collect::<Vec<_>>(), [("amy".into(), 1, "ContactTop".into())]);
}

#[tokio::test]
async fn the_history_of_an_account_whose_many_changes_were_sent_is_looked_at() {
    let receiver = taking().await;
    let mut app = app(&receiver);
    app.limits.history_changes_max = 10;
    let world = World::over(Store::new(Arc::new(Memory::new())), &app, quick());
    let stop = world.draining.child_token();
    crate::housekeeping::spawn(&world.state, &stop);
    for number in 0..100 {
        pin(world.store(), "amy", number).await;
    }
    world.drained().await;
    let life = world.store().position(&key("amy")).await.unwrap().unwrap().life;
    let range = pinfold_store::ChangeRange {
        from: pinfold_core::Revision(1),
        until: pinfold_core::Revision(1000),
        descending: false,
        count_max: 1000,
        bytes_max: usize::MAX,
    };
    let kept = async || world.store().backend().changes(&key("amy"), life, &range).await.unwrap().len();
    until(async || kept().await == 10).await;
}
