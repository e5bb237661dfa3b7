//! Counting callbacks and the times of messages.

use pinfold_server::config::Secret;
use pinfold_wire::callback;

use crate::IMPORT;
use crate::calls::code;
use crate::scrape::Scrape;
use crate::support::{APP, START, TestServer};

const TOKEN: &str = "a-made-up-token-for-the-tests";

async fn server() -> TestServer {
    let server = TestServer::with(|config| config.apps[0].callback_token = Secret::new(TOKEN)).await;
    server.post(IMPORT.0, IMPORT.1).await;
    server
}

/// Sends a callback; the code of the answer.
async fn send(server: &TestServer, command: &str, body: &str) -> u64 {
    let (time, sign) = (START, callback::sign(TOKEN, &START.to_string()));
    let target = format!("{}?SdkAppid={APP}&CallbackCommand={command}&Sign={sign}&RequestTime={time}", callback::PATH);
    code(server, &target, body).await
}

fn sample(outcome: &str) -> String {
    format!(r#"pinfold_callbacks_total{{app="{APP}",outcome="{outcome}"}} 1"#)
}

#[tokio::test]
async fn each_callback_is_counted_by_what_was_made_of_it() {
    let server = server().await;
    let one_to_one = |more: &str| format!(r#"{{"From_Account":"alice","To_Account":"zoe","MsgTime":{START}{more}}}"#);
    let (c2c, group, gone) =
        ("C2C.CallbackAfterSendMsg", "Group.CallbackAfterSendMsg", "Group.CallbackAfterGroupDestroyed");
    for (command, body, outcome) in [
        (c2c, one_to_one(""), "taken"),
        (c2c, one_to_one(r#","SendMsgResult":20006"#), "not_sent"),
        (c2c, one_to_one(r#","OnlineOnlyFlag":1"#), "online_only"),
        (c2c, r#"{"From_Account":"yan","To_Account":"zoe","MsgTime":1}"#.into(), "not_imported"),
        (c2c, r#"{"From_Account":"alice","To_Account":"zoe","MsgTime":0}"#.into(), "bad_time"),
        (group, r#"{"GroupId":7}"#.into(), "unreadable"),
        (gone, r#"{"GroupId":"room"}"#.into(), "register_off"),
        ("State.StateChange", "{}".into(), "other_command"),
    ] {
        assert_eq!(send(&server, command, &body).await, 0, "{outcome}");
        let text = Scrape::of(&server).await.text;
        assert!(text.contains(&sample(outcome)), "{outcome}: {text}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_side_that_is_not_imported_is_left_out_and_a_group_message_is_two_times_whatever_its_members() {
    let server = server().await;
    let touches = async |server: &TestServer| {
        let text = Scrape::of(server).await.text;
        let line = format!(r#"pinfold_touches_total{{app="{APP}"}} "#);
        text.lines().find_map(|sample| sample.strip_prefix(&line)).unwrap().parse::<u64>().unwrap()
    };
    assert_eq!(touches(&server).await, 0);
    let mut before = 0;
    for (command, body, count) in [
        ("C2C.CallbackAfterSendMsg", r#"{"From_Account":"alice","To_Account":"zoe"}"#, 1),
        ("C2C.CallbackAfterSendMsg", r#"{"From_Account":"alice","To_Account":"bob"}"#, 2),
        ("Group.CallbackAfterSendMsg", r#"{"From_Account":"alice","GroupId":"room"}"#, 2),
        ("Group.CallbackAfterSendMsg", r#"{"From_Account":"zoe","GroupId":"room"}"#, 1),
        ("Group.CallbackAfterSendMsg", r#"{"GroupId":"room"}"#, 1),
    ] {
        assert_eq!(send(&server, command, body).await, 0);
        assert_eq!(touches(&server).await - before, count, "{body}");
        before += count;
    }
    server.stop().await;
}
