//! Receivers that fail: all of what they were sent comes again, in its order, and nothing else.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::*;

/// A receiver that does this with its first request and takes everything else.
async fn failing_once(step: impl Fn() -> Step + Send + Sync + 'static) -> Receiver {
    let is_first = AtomicBool::new(true);
    let take = || Step::Answer(OK.into());
    deciding(move |_| if is_first.swap(false, Ordering::Relaxed) { step() } else { take() }).await
}

#[tokio::test]
async fn a_request_that_fails_in_any_way_is_sent_again_before_what_follows() {
    const BODY: &str = "HTTP/1.1 200 OK\r\ncontent-length: 17\r\n\r\n{\"ErrorCode\":\"0\"}";
    let steps: [fn() -> Step; 6] = [
        || Step::Answer(ERROR.into()),
        || Step::Reset,
        || Step::Close("this is not HTTP\r\n\r\n"),
        || Step::Close("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf"),
        || Step::Answer("HTTP/1.1 302 Found\r\nlocation: /hook\r\ncontent-length: 0\r\n\r\n".into()),
        || Step::Answer(BODY.into()),
    ];
    for (number, step) in steps.into_iter().enumerate() {
        let receiver = failing_once(step).await;
        let world = World::start(&receiver).await;
        for number in 0..3 {
            pin(world.store(), "amy", number).await;
        }
        world.drained().await;
        assert_eq!(revisions(&receiver, "amy"), [1, 1, 2, 3], "step {number}");
    }
}

#[tokio::test]
async fn of_a_change_what_was_taken_is_not_sent_again_when_the_next_request_fails() {
    let has_failed = AtomicBool::new(false);
    let fails =
        move |(_, _, command): &Told| command == "ContactGroupUpdate" && !has_failed.swap(true, Ordering::Relaxed);
    let receiver = deciding(move |told| Step::Answer(if fails(told) { ERROR } else { OK }.into())).await;
    let world = World::start(&receiver).await;
    arrange(world.store(), "amy").await;
    world.drained().await;
    let commands: Vec<_> = by_account(&receiver).remove("amy").unwrap().into_iter().map(|(_, name)| name).collect();
    assert_eq!(commands, ["ContactGroupCreate", "ContactGroupUpdate", "ContactGroupUpdate", "ContactTop"]);
}

#[tokio::test]
async fn an_account_whose_requests_fail_does_not_hold_up_the_others() {
    let fails = Arc::new(AtomicBool::new(true));
    let fails_now = Arc::clone(&fails);
    let receiver = deciding(move |(account, ..)| {
        let fails = account == "bad" && fails_now.load(Ordering::Relaxed);
        Step::Answer(if fails { ERROR } else { OK }.into())
    })
    .await;
    let world = World::start(&receiver).await;
    for number in 0..3 {
        pin(world.store(), "bad", number).await;
        pin(world.store(), "good", number).await;
    }
    let report = async || world.state.webhooks.report(world.store()).await.unwrap().remove(0).server.unwrap();
    // Answers that were read, not requests that came: the last answer may be on its way.
    until(async || world.waiting().await == 3 && report().await.failed >= 5).await;
    assert_eq!(revisions(&receiver, "good"), [1, 2, 3]);
    let server = report().await;
    assert!(server.down.is_none() && server.failed >= 5 && server.sent == 3);
    fails.store(false, Ordering::Relaxed);
    world.drained().await;
    let mut bad = revisions(&receiver, "bad");
    bad.dedup();
    assert_eq!(bad, [1, 2, 3]);
}

#[tokio::test]
async fn a_receiver_that_was_away_gets_everything_once() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let url = WebhookUrl::parse(&format!("http://{address}/hook")).unwrap();
    let webhook = WebhookConfig::new(url, Secret::new(TOKEN).unwrap());
    let app = AppConfig { webhook: Some(webhook), ..AppConfig::new(APP, Vec::new()) };
    let world = World::over(Store::new(Arc::new(Memory::new())), &app, quick());
    pin_all(world.store(), 50).await;
    let down = async || world.state.webhooks.report(world.store()).await.unwrap().remove(0).server.unwrap().down;
    until(async || down().await.is_some()).await;
    let reason = down().await.unwrap().reason;
    assert!(reason.starts_with(&format!("no connection to {address}: ")), "{reason}");
    let listener = TcpListener::bind(address).await.unwrap();
    let receiver = Receiver::acting(listener, None, |_| Some(Step::Answer(OK.into())));
    world.drained().await;
    assert_each_once(&receiver, 50, 1);
    assert!(down().await.is_none());
}

#[tokio::test]
async fn a_receiver_that_refuses_everything_is_left_alone() {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let receiver = deciding(move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
        Step::Answer(ERROR.into())
    })
    .await;
    let store = Store::new(Arc::new(Memory::new()));
    pin_all(&store, 500).await;
    let probes = Delays { first: LONG, max: LONG };
    let pace = Pace { probes, requests_max: 4, ..quick() };
    let world = World::over(store, &app(&receiver), pace);
    let server = async || world.state.webhooks.report(world.store()).await.unwrap().remove(0).server.unwrap();
    until(async || server().await.down.is_some()).await;
    let store = world.stop().await;
    // Those of the row, and those that were on their way.
    assert!(count.load(Ordering::Relaxed) <= 16 + 3, "{count:?}");
    assert_eq!(store.backend().backlog(APP, 1000).await.unwrap().changes, 500);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_deletion_nothing_more_of_the_account_is_sent_and_the_next_one_of_its_name_begins_anew() {
    let (has_come, came) = std::sync::mpsc::channel();
    let (go_on, goes_on) = std::sync::mpsc::channel::<()>();
    let goes_on = Mutex::new(goes_on);
    let receiver = deciding(move |(_, revision, command)| {
        if *revision == 1 && command == "ContactTop" && has_come.send(()).is_ok() {
            let _ = goes_on.lock().unwrap().recv_timeout(LONG);
        }
        Step::Answer(OK.into())
    })
    .await;
    let store = Store::new(Arc::new(Memory::new()));
    for number in 0..3 {
        pin(&store, "amy", number).await;
    }
    let world = World::over(store, &app(&receiver), quick());
    tokio::task::spawn_blocking(move || came.recv_timeout(LONG).unwrap()).await.unwrap();
    world
        .store()
        .update(&key("amy"), &Scope::All, &[], Timestamp(1), |draft| {
            draft.delete();
            Ok(())
        })
        .await
        .unwrap();
    drop(go_on);
    arrange(world.store(), "amy").await;
    until(async || receiver.received().len() == 4).await;
    world.stop().await;
    let commands: Vec<_> = by_account(&receiver).remove("amy").unwrap().into_iter().map(|(_, name)| name).collect();
    assert_eq!(commands, ["ContactTop", "ContactGroupCreate", "ContactGroupUpdate", "ContactTop"]);
}
