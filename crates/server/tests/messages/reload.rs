//! A configuration that is read again holds for the next message, callback and list.

use std::fs;

use pinfold_core::Messages;
use pinfold_server::config::AppConfig;

use super::*;

const OTHER_TOKEN: &str = "another-made-up-token-for-the-tests";
const HEADER: &str = "Content-Type: application/json";
const MESSAGE: &str = r#"{"From_Account":"alice","To_Account":"bob"}"#;
const LIST: (&str, &str) = ("recentcontact/get_list", r#"{"From_Account":"alice"}"#);

fn changed(change: impl FnOnce(&mut AppConfig)) -> Config {
    let mut config = config();
    config.apps[0].accounts = Registration::Any;
    config.apps[0].callback_token = Secret::new(TOKEN);
    change(&mut config.apps[0]);
    config
}

async fn start() -> TestServer {
    TestServer::over(&changed(|_| ()), Store::new(Arc::new(Memory::new()))).await
}

fn follow(server: &TestServer, change: impl FnOnce(&mut AppConfig)) {
    assert!(server.control.follow(&changed(change)).unwrap().is_empty());
}

/// Whether an answer is a success; `code` is that of a refusal.
fn is_taken(answer: &str, code: u32) -> bool {
    let taken = answer.contains(r#""ErrorCode":0"#);
    assert!(taken || answer.contains(&format!(r#""ErrorCode":{code}"#)), "{answer}");
    taken
}

/// Whether a callback with the first token is taken.
async fn knows_token(server: &TestServer) -> bool {
    is_taken(&send_callback(server, AFTER_SEND_MSG, HEADER, MESSAGE).await, 70009)
}

/// Renews a conversation of alice at this second.
async fn import(server: &TestServer, peer: &str, at: u64) {
    let body = format!(
        r#"{{"SyncFromOldSystem":2,"From_Account":"alice","To_Account":"{peer}","MsgRandom":7,"MsgTimeStamp":{at},
            "MsgBody":[{{"MsgType":"TIMTextElem","MsgContent":{{}}}}]}}"#
    );
    assert!(is_taken(&server.post("openim/importmsg", &body).await, 0));
}

/// How many conversations alice's list shows.
async fn shown(server: &TestServer) -> usize {
    server.post(LIST.0, LIST.1).await.matches(r#""To_Account""#).count()
}

#[tokio::test]
async fn callbacks_are_checked_with_the_token_that_was_read_last() {
    let server = start().await;
    follow(&server, |app| app.callback_token = Secret::new(OTHER_TOKEN));
    assert!(!knows_token(&server).await);
    follow(&server, |_| ());
    assert!(knows_token(&server).await);
    follow(&server, |app| app.callback_token = None);
    assert!(!is_taken(&send_callback(&server, AFTER_SEND_MSG, HEADER, MESSAGE).await, 60009));
    server.stop().await;
}

#[tokio::test]
async fn a_token_that_is_written_into_its_file_holds_after_a_reload() {
    let directory = tempfile::tempdir().unwrap();
    let [file, token_file] = ["pinfold.toml", "app.token"].map(|name| directory.path().join(name));
    let text = format!(
        "listen = [\"127.0.0.1:0\"]\n[[app]]\nsdkappid = {APP}\nkeys = [\"{}\"]\naccounts = \"any\"\n\
         callback_token_file = \"app.token\"\n",
        support::KEY
    );
    fs::write(&file, text).unwrap();
    let read = |token: &str| {
        fs::write(&token_file, token).unwrap();
        Config::load(Some(&file), std::iter::empty()).unwrap().config
    };
    let server = TestServer::over(&read(OTHER_TOKEN), Store::new(Arc::new(Memory::new()))).await;
    assert!(!knows_token(&server).await);
    server.control.follow(&read(TOKEN)).unwrap();
    assert!(knows_token(&server).await);
    server.stop().await;
}

#[tokio::test]
async fn messages_are_refused_and_taken_as_was_read_last() {
    let server = start().await;
    let body = r#"{"From_Account":"alice","To_Account":"bob","MsgRandom":7,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{}}]}"#;
    for (messages, taken) in [(Messages::Refuse, false), (Messages::Touch, true)] {
        follow(&server, |app| app.messages = messages);
        assert_eq!(is_taken(&server.post("openim/sendmsg", body).await, 60009), taken);
    }
    server.stop().await;
}

#[tokio::test]
async fn a_list_shows_as_many_days_as_was_read_last() {
    let server = start().await;
    import(&server, "bob", START).await;
    import(&server, "carol", START - 3 * 24 * 60 * 60).await;
    for (days, conversations) in [(2, 1), (4, 2), (0, 2)] {
        follow(&server, |app| app.recent_days = days);
        assert_eq!(shown(&server).await, conversations, "{days}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_list_shows_as_many_conversations_as_was_read_last() {
    let server = start().await;
    for (peer, at) in [("bob", START), ("carol", START - 1), ("dave", START - 2)] {
        import(&server, peer, at).await;
    }
    for conversations in [3, 2] {
        follow(&server, |app| app.limits.recent_conversations_max = conversations);
        assert_eq!(shown(&server).await, conversations);
    }
    server.stop().await;
}

#[tokio::test]
async fn chat_groups_are_registered_by_callbacks_as_was_read_last() {
    let server = start().await;
    let body = r#"{"GroupId":"room","Type":"Public","Name":"Room"}"#;
    for registers in [false, true] {
        follow(&server, |app| app.callback_group_register = registers);
        assert!(is_taken(&send_callback(&server, "Group.CallbackAfterCreateGroup", HEADER, body).await, 0));
        let chat_groups = server.post("group_open_http_svc/get_appid_group_list", "{}").await;
        assert_eq!(chat_groups.contains("room"), registers, "{chat_groups}");
    }
    server.stop().await;
}
