//! Streams of changes that end, break, fall silent and go on.

use std::time::Duration;

use pinfold_client::{CallError, Client, Cursor, Settings, Watch, Watched};
use tokio::net::TcpListener;

use crate::script::{Script, Turn};

/// Far more than any of these tests waits for.
const PATIENCE: Duration = Duration::from_secs(30);

fn change(revision: u32) -> String {
    format!("event: change\nid: c{revision}\ndata: {{\"Revision\":{revision}}}\n\n")
}

async fn told(watch: &mut Watch) -> Option<Result<Watched, CallError>> {
    tokio::time::timeout(PATIENCE, watch.next()).await.unwrap()
}

/// The next item in short: `began c1`, `change 2 c2`, `reset c3`, `waiting Ended`, `ended Refused`, `none`.
async fn short(watch: &mut Watch) -> String {
    match told(watch).await {
        None => "none".to_owned(),
        Some(Err(error)) => format!("ended {}", name(&error)),
        Some(Ok(Watched::Began(cursor))) => format!("began {cursor}"),
        Some(Ok(Watched::Change(cursor, change))) => format!("change {} {cursor}", change.revision),
        Some(Ok(Watched::Reset(cursor))) => format!("reset {cursor}"),
        Some(Ok(Watched::Waiting(cause, _))) => format!("waiting {}", name(&cause)),
    }
}

/// The name of the variant.
fn name(error: &CallError) -> String {
    let debug = format!("{error:?}");
    debug.split(|character: char| !character.is_alphanumeric()).next().unwrap().to_owned()
}

async fn assert_told(watch: &mut Watch, expected: &[&str]) {
    for (at, expected) in expected.iter().enumerate() {
        assert_eq!(short(watch).await, *expected, "item {at}");
    }
}

#[tokio::test]
async fn a_watch_names_its_account_and_its_cursor() {
    let script = Script::play([Turn::stream("id: c0\n\n")]).await;
    let mut watch = script.client().watch(Some("al ice"), Some(Cursor::from("a/b".to_owned())));
    assert_told(&mut watch, &["began c0"]).await;
    let seen = &script.seen()[0];
    assert!(seen.starts_with("GET /v4/pinfold/watch?sdkappid=7&identifier=admin%2A&usersig="), "{seen}");
    assert!(seen.ends_with("&account=al%20ice&after=a%2Fb HTTP/1.1"), "{seen}");
}

#[tokio::test]
async fn a_watch_of_the_signer_that_begins_now_names_neither() {
    let script = Script::play([Turn::stream("id: c0\n\n")]).await;
    assert_told(&mut script.client().watch(None, None), &["began c0"]).await;
    let seen = &script.seen()[0];
    assert!(!seen.contains("account=") && !seen.contains("after="), "{seen}");
}

#[tokio::test]
async fn changes_are_told_in_order_whatever_comes_between() {
    let blocks =
        format!("id: c0\n\n:\n\n{}{}event: of later\nid: x\ndata: {{}}\n\n{}", change(1), change(2), change(3));
    let script = Script::play([Turn::stream(&blocks)]).await;
    let mut watch = script.client().watch(Some("alice"), None);
    assert_told(&mut watch, &["began c0", "change 1 c1", "change 2 c2", "change 3 c3", "waiting Ended"]).await;
}

#[tokio::test]
async fn a_stream_that_breaks_within_an_event_goes_on_after_the_last_whole_one() {
    let whole = format!("id: c0\n\n{}", change(1));
    for cut in ["event: change", "event: change\nid: c2\n", "event: change\nid: c2\ndata: {\"Revision\":2}\n"] {
        let script = Script::play([
            Turn::stream(&format!("{whole}{cut}")).then_breaks(),
            Turn::stream(&format!("id: c1\n\n{}", change(2))),
        ])
        .await;
        let mut watch = script.client().watch(Some("alice"), None);
        let expected = ["began c0", "change 1 c1", "waiting Transport", "began c1", "change 2 c2"];
        assert_told(&mut watch, &expected).await;
        assert!(script.seen()[1].contains("&after=c1 "), "{cut:?}: {:?}", script.seen());
    }
}

#[tokio::test]
async fn half_an_event_at_the_end_of_a_stream_is_not_told() {
    let blocks = format!("id: c0\n\n{}event: change\nid: c2\ndata: {{\"Rev", change(1));
    let script = Script::play([Turn::stream(&blocks), Turn::stream("id: c1\n\n")]).await;
    let mut watch = script.client().watch(None, None);
    assert_told(&mut watch, &["began c0", "change 1 c1", "waiting Ended", "began c1"]).await;
}

#[tokio::test]
async fn the_service_may_say_when_to_come_back() {
    let script = Script::play([Turn::stream("id: c0\n\nretry: 7\n\n"), Turn::stream("id: c0\n\n")]).await;
    let mut watch = script.client().watch(None, None);
    assert_told(&mut watch, &["began c0"]).await;
    let waiting = told(&mut watch).await;
    assert!(matches!(&waiting, Some(Ok(Watched::Waiting(CallError::Ended, delay))) if delay.as_millis() == 7));
    assert_told(&mut watch, &["began c0"]).await;
}

#[tokio::test]
async fn a_reset_is_told_and_the_next_stream_begins_after_it() {
    let script =
        Script::play([Turn::stream("event: reset\nid: c9\ndata: {}\n\nretry: 1\n\n"), Turn::refusal(50001)]).await;
    let mut watch = script.client().watch(None, Some(Cursor::from("old".to_owned())));
    assert_told(&mut watch, &["reset c9", "waiting Ended", "ended Refused", "none"]).await;
    assert!(script.seen()[0].contains("&after=old "));
    assert!(script.seen()[1].contains("&after=c9 "));
}

#[tokio::test]
async fn a_silent_stream_is_left_for_another() {
    let mut script = Script::play([Turn::stream("id: c0\n\n").then_stays(), Turn::stream("id: c0\n\n")]).await;
    let client = Client::new(Settings { silence_max: Duration::from_millis(100), ..script.settings() }).unwrap();
    let mut watch = client.watch(None, None);
    assert_told(&mut watch, &["began c0", "waiting Silent"]).await;
    script.is_left().await;
    assert_told(&mut watch, &["began c0"]).await;
}

#[tokio::test]
async fn comments_keep_a_stream() {
    let comments = std::iter::repeat_n(":\n\n".to_owned(), 10);
    let turn = Turn::stream("id: c0\n\n").with(Duration::from_millis(250), comments.chain([change(1)]));
    let script = Script::play([turn]).await;
    let client = Client::new(Settings { silence_max: Duration::from_secs(2), ..script.settings() }).unwrap();
    assert_told(&mut client.watch(None, None), &["began c0", "change 1 c1"]).await;
}

#[tokio::test]
async fn a_refusal_ends_a_watch() {
    for code in [50001, 50002, 50003, 60006, 60009, 60016, 70001] {
        let script = Script::play([Turn::refusal(code)]).await;
        let mut watch = script.client().watch(Some("alice"), None);
        let ended = told(&mut watch).await;
        assert!(
            matches!(&ended, Some(Err(CallError::Refused { code: told, info })) if *told == code && info == "because")
        );
        assert_eq!(short(&mut watch).await, "none");
    }
}

#[tokio::test]
async fn refusals_that_pass_are_waited_out() {
    let waited_out = |code| async move {
        let script = Script::play([Turn::refusal(code), Turn::stream("id: c0\n\n")]).await;
        assert_told(&mut script.client().watch(None, None), &["waiting Refused", "began c0"]).await;
    };
    let all = [60007, 60008, 60011, 60018, 50004, 50005].map(|code| tokio::spawn(waited_out(code)));
    for one in all {
        one.await.unwrap();
    }
}

#[tokio::test]
async fn a_status_of_something_in_between_is_waited_out_where_it_may_pass() {
    for (status, expected) in [(502, "waiting Status"), (429, "waiting Status"), (404, "ended Status")] {
        let script = Script::play([Turn::answer(status, "text/html", "<html>")]).await;
        assert_told(&mut script.client().watch(None, None), &[expected]).await;
    }
}

#[tokio::test]
async fn a_port_without_a_listener_is_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let client = Client::new(Settings::new(format!("http://{address}"), 7, "admin", "key")).unwrap();
    assert_told(&mut client.watch(None, None), &["waiting Transport", "waiting Transport"]).await;
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_tried_again() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = silent.local_addr().unwrap();
    let settings = Settings::new(format!("http://{address}"), 7, "admin", "key");
    let settings = Settings { timeout: Duration::from_millis(50), ..settings };
    let mut watch = Client::new(settings).unwrap().watch(None, None);
    assert_told(&mut watch, &["waiting Timeout", "waiting Timeout"]).await;
}

#[tokio::test]
async fn what_would_come_again_ends_a_watch() {
    let long = format!("id: c0\n\nevent: change\nid: c1\ndata: {{\"Caller\":\"{}\"}}\n\n", "x".repeat(1000));
    let no_change = "id: c0\n\nevent: change\nid: c1\ndata: {\"Revision\":\n\n";
    for (blocks, expected) in [(long.as_str(), "ended AnswerTooLong"), (no_change, "ended Unreadable")] {
        let script = Script::play([Turn::stream(blocks)]).await;
        let client = Client::new(Settings { answer_bytes_max: 500, ..script.settings() }).unwrap();
        let mut watch = client.watch(None, None);
        let mut told = short(&mut watch).await;
        // All that came at once is read before the first of it is told.
        if told == "began c0" {
            told = short(&mut watch).await;
        }
        assert_eq!(told, expected);
        assert_eq!(short(&mut watch).await, "none");
    }
}

#[tokio::test]
async fn parameters_that_can_mean_nothing_are_not_sent() {
    let script = Script::play([]).await;
    let long = "x".repeat(100_000);
    for (account, after) in [(Some(long.as_str()), None), (None, Some(Cursor::from(long.clone())))] {
        assert_told(&mut script.client().watch(account, after), &["ended ParameterTooLong", "none"]).await;
    }
}

#[tokio::test]
async fn a_watch_that_is_dropped_closes_its_connection() {
    let mut script = Script::play([Turn::stream("id: c0\n\n").then_stays()]).await;
    let client = script.client();
    let mut watch = client.watch(None, None);
    assert_told(&mut watch, &["began c0"]).await;
    drop(watch);
    script.is_left().await;
}

#[tokio::test]
async fn waiting_for_an_item_may_be_cancelled() {
    let changes = (1..=20).map(change);
    let turn = Turn::stream("id: c0\n\n").with(Duration::from_millis(20), changes);
    let script = Script::play([turn]).await;
    let mut watch = script.client().watch(None, None);
    let mut revisions = Vec::new();
    // Each attempt is cut off after a moment; the end of the stream ends the loop.
    for _ in 0..10_000 {
        match tokio::time::timeout(Duration::from_millis(3), watch.next()).await {
            Ok(Some(Ok(Watched::Change(_, change)))) => revisions.push(change.revision),
            Ok(Some(Ok(Watched::Waiting(..)))) => break,
            Ok(Some(Ok(_))) | Err(_) => {}
            Ok(other) => panic!("{other:?}"),
        }
    }
    assert_eq!(revisions, (1..=20).collect::<Vec<_>>());
}
