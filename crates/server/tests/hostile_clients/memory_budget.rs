//! Memory that callers with a valid signature may take together.

use crate::frames::{Frames, INITIAL_WINDOW_SIZE, call};
use crate::raw::{Raw, get_body, head, post};
use crate::support::TestServer;
use crate::{LONG, ms, no_timeouts};

const GET: &str = "recentcontact/get_contact_group";

async fn small_budget() -> TestServer {
    TestServer::with(|config| {
        no_timeouts(config);
        config.calls_mib_max = 1;
    })
    .await
}

/// A call that is answered with success, with a body of this size.
fn of_size(bytes: usize) -> String {
    let body = get_body();
    let spaces = " ".repeat(bytes - body.len());
    post(&TestServer::target(GET), "", &(body + &spaces))
}

/// Calls until this is the answer.
async fn until(raw: &mut Raw, call: &str, code: u64) {
    let calling = async {
        loop {
            raw.send(call).await;
            if raw.answer().await.code() == code {
                return;
            }
            tokio::time::sleep(ms(5)).await;
        }
    };
    tokio::time::timeout(LONG, calling).await.unwrap_or_else(|_| panic!("never {code}"));
}

#[tokio::test]
async fn bodies_that_do_not_come_to_their_end_leave_no_room_for_other_large_ones_until_they_are_gone() {
    let server = small_budget().await;
    let mut half = Raw::connect(&server).await;
    half.send(head(&TestServer::target(GET), "Content-Length: 1000000\r\n")).await;
    half.send(vec![b' '; 900_000]).await;
    // It comes in first, else it would be the one that finds no room.
    assert!(!half.receives_within(ms(500)).await);
    let mut other = Raw::connect(&server).await;
    until(&mut other, &of_size(200_000), 60018).await;
    // The connection stays, and small calls are answered.
    until(&mut other, &of_size(10_000), 0).await;
    drop(half);
    until(&mut other, &of_size(200_000), 0).await;
}

#[tokio::test]
async fn answers_that_are_not_read_leave_no_room_for_further_calls_until_they_are_given_up() {
    let server = small_budget().await;
    let mut other = Raw::connect(&server).await;
    let create = |number| {
        let body = format!(r#"{{"Type":"Public","Name":"x","GroupId":"{number:048}"}}"#);
        post(&TestServer::target("group_open_http_svc/create_group"), "", &body)
    };
    for number in 0..400 {
        other.send(create(number)).await;
        assert_eq!(other.answer().await.code(), 0);
    }
    // Each answer lists all of them, in more than 20 KB.
    let mut frames = Frames::connect(&server, &[(INITIAL_WINDOW_SIZE, 0)]).await;
    let target = TestServer::target("group_open_http_svc/get_appid_group_list");
    frames.send((0..100).flat_map(|number| call(number * 2 + 1, &target, "{}")).collect::<Vec<_>>()).await.unwrap();
    until(&mut other, &of_size(100), 60018).await;
    drop(frames);
    until(&mut other, &of_size(100), 0).await;
}
