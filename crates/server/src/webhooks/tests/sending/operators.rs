//! Pauses, and other configurations.

use super::*;

#[tokio::test]
async fn a_paused_webhook_sends_nothing_until_it_is_resumed() {
    let receiver = taking().await;
    let world = World::start(&receiver).await;
    world.state.webhooks.set_paused(world.store(), APP, true).await.unwrap();
    pin_all(world.store(), 20).await;
    let store = world.stop().await;
    assert_eq!(receiver.received().len(), 0);
    let world = World::over(store, &app(&receiver), quick());
    pin(world.store(), "u0", 2).await;
    // Long enough for a request that must not come.
    sleep(Duration::from_millis(100)).await;
    let reports = world.state.webhooks.report(world.store()).await.unwrap();
    assert_eq!((reports[0].paused, reports[0].waiting, reports[0].waiting_accounts), (true, 21, 20));
    assert!(receiver.received().is_empty());
    world.state.webhooks.set_paused(world.store(), APP, false).await.unwrap();
    world.drained().await;
    assert_eq!(revisions(&receiver, "u0"), [1, 2]);
    assert_eq!(receiver.received().len(), 21);
}

#[tokio::test]
async fn what_fails_at_one_receiver_is_sent_to_the_next_one_at_once() {
    let bad = deciding(|_| Step::Answer(ERROR.into())).await;
    let slow = Delays { first: 60 * LONG, max: 60 * LONG };
    let pace = Pace { retries: slow, probes: slow, ..quick() };
    let world = World::over(Store::new(Arc::new(Memory::new())), &app(&bad), pace);
    pin_all(world.store(), 20).await;
    let down = async || world.state.webhooks.report(world.store()).await.unwrap().remove(0).server.unwrap().down;
    until(async || down().await.is_some()).await;
    let good = taking().await;
    world.reload(&[app(&good)]);
    world.drained().await;
    assert_each_once(&good, 20, 1);
}

#[tokio::test]
async fn what_waits_of_events_that_are_wanted_no_more_is_dropped() {
    let receiver = taking().await;
    let world = World::start(&receiver).await;
    world.state.webhooks.set_paused(world.store(), APP, true).await.unwrap();
    arrange(world.store(), "amy").await;
    let mut app = app(&receiver);
    app.webhook.as_mut().unwrap().events = [WebhookCommand::ContactGroupUpdate].into_iter().collect();
    world.reload(&[app]);
    world.state.webhooks.set_paused(world.store(), APP, false).await.unwrap();
    world.drained().await;
    let told: Vec<_> = receiver.received().iter().map(told).collect();
    assert_eq!(told, [("amy".to_owned(), 1, "ContactGroupUpdate".to_owned())]);
}

#[tokio::test]
async fn an_app_without_its_webhook_is_not_sent_for_and_with_it_again_what_waits_is_sent_once() {
    let receiver = taking().await;
    let world = World::start(&receiver).await;
    pin_all(world.store(), 5).await;
    world.drained().await;
    world.reload(&[AppConfig::new(APP, Vec::new())]);
    for number in 0..5 {
        pin(world.store(), &format!("u{number}"), 2).await;
    }
    assert_eq!(receiver.received().len(), 5);
    world.reload(&[app(&receiver)]);
    world.drained().await;
    assert_each_once(&receiver, 5, 2);
}

#[tokio::test]
async fn an_app_that_is_paused_without_a_webhook_is_reported() {
    let receiver = taking().await;
    let world = World::start(&receiver).await;
    let other = AppId(8);
    world.state.webhooks.set_paused(world.store(), other, true).await.unwrap();
    let reports = world.state.webhooks.report(world.store()).await.unwrap();
    let told: Vec<_> = reports.iter().map(|it| (it.app, it.host.is_some(), it.paused, it.server.is_some())).collect();
    assert_eq!(told, [(7, true, false, true), (8, false, true, false)]);
}
