//! Connections that are kept, that break, and that there are none of.

use tokio::net::TcpListener;

use super::*;

fn answers(count: usize) -> impl Iterator<Item = Step> {
    (0..count).map(|_| Step::Answer(OK.into()))
}

/// The error where nothing can be connected to.
async fn unreachable(url: &str) -> String {
    let error = endpoint(url, LONG).send(&message(1), NOW).await.unwrap_err();
    assert_holds_no_secret(&error);
    assert!(matches!(error, DeliveryError::NoConnection { .. }) && error.is_unreachable(), "{error}");
    error.to_string()
}

#[tokio::test]
async fn messages_one_after_another_share_a_connection() {
    let receiver = Receiver::start(answers(3)).await;
    let endpoint = endpoint(&receiver.url(), LONG);
    for revision in 1..=3 {
        endpoint.send(&message(revision), NOW).await.unwrap();
    }
    assert!(receiver.received().iter().all(|request| request.connection == 0));
}

#[tokio::test]
async fn messages_at_once_do_not_wait_for_each_other() {
    let hanging = Receiver::start([Step::Hang(""), Step::Answer(OK.into())]).await;
    let endpoint = endpoint(&hanging.url(), LONG);
    let first = message(1);
    let mut waiting = std::pin::pin!(endpoint.send(&first, NOW));
    tokio::select! {
        outcome = &mut waiting => panic!("{outcome:?}"),
        () = async { while hanging.received().is_empty() { tokio::task::yield_now().await } } => {}
    }
    let second = message(2);
    tokio::select! {
        outcome = &mut waiting => panic!("{outcome:?}"),
        outcome = endpoint.send(&second, NOW) => assert_eq!(outcome, Ok(200)),
    }
}

#[tokio::test]
async fn a_message_that_may_have_been_handled_is_not_sent_again() {
    for step in [Step::Close(""), Step::Reset] {
        let receiver = Receiver::start(answers(1).chain([step]).chain(answers(1))).await;
        let endpoint = endpoint(&receiver.url(), LONG);
        endpoint.send(&message(1), NOW).await.unwrap();
        let error = endpoint.send(&message(2), NOW).await.unwrap_err();
        assert!(matches!(error, DeliveryError::Broken { .. }) && !error.is_unreachable(), "{error}");
        assert_eq!(receiver.received().len(), 2);
        assert_eq!(endpoint.send(&message(3), NOW).await, Ok(200), "on a new connection");
    }
}

#[tokio::test]
async fn a_message_that_meets_a_connection_that_was_just_closed_is_delivered_or_told_and_never_twice() {
    let receiver = Receiver::start((0..50).map(|_| Step::Close(OK))).await;
    let endpoint = endpoint(&receiver.url(), LONG);
    let mut delivered = 0;
    for revision in 1..=50 {
        match endpoint.send(&message(revision), NOW).await {
            Ok(_) => delivered += 1,
            Err(error) => assert!(matches!(error, DeliveryError::Broken { .. }), "{error}"),
        }
    }
    assert_eq!(receiver.received().len(), delivered);
    assert!(delivered > 1);
}

#[tokio::test]
async fn where_nothing_listens_there_is_no_connection() {
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let text = unreachable(&format!("http://127.0.0.1:{port}/hook")).await;
    assert!(text.starts_with(&format!("no connection to 127.0.0.1:{port}: Connection refused")), "{text}");
}

#[tokio::test]
async fn a_name_that_cannot_be_resolved_gives_no_connection() {
    // A label of more than 63 bytes is refused before a server of names is asked.
    let text = unreachable(&format!("http://{}/hook", "a".repeat(64))).await;
    assert!(text.contains("failed to lookup address information"), "{text}");
}

#[tokio::test]
async fn a_receiver_may_have_an_address_of_ipv6() {
    let Ok(listener) = TcpListener::bind("[::1]:0").await else { return };
    let receiver = Receiver::on(listener, None, answers(1));
    assert_eq!(endpoint(&receiver.url(), LONG).send(&message(1), NOW).await, Ok(200));
    let host = format!("[::1]:{}", receiver.port());
    assert_eq!(receiver.received()[0].header("host"), Some(&*host));
}
