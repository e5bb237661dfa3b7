//! What messages cost, how the typed client sends them, and callbacks as a chat service sends them.

#![allow(clippy::unwrap_used, reason = "test code")]

#[path = "messages/reload.rs"]
mod reload;
mod support;

use std::sync::Arc;
use std::time::{Duration, Instant};

use pinfold_core::{AccountId, AppId, ChatGroupId, RecentEntry, Registration, Timestamp, Touches};
use pinfold_server::config::{Config, Secret};
use pinfold_store::{AccountKey, Memory, OnDamage, SnapshotItem, Store};
use pinfold_wire::commands::{Batchsendmsg, ImportGroupMsg, Importmsg, SendGroupMsg, Sendmsg};
use pinfold_wire::group::import_group_msg::{self, ImportedMessage};
use pinfold_wire::group::send_group_msg;
use pinfold_wire::open_im::{self, Content, Element, batchsendmsg, importmsg};
use pinfold_wire::{List, callback};
use support::{APP, START, TestServer, config};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const MEMBERS: usize = 200_000;
/// Far more than two writes take on a busy machine, and far less than two hundred thousand.
const TWO_WRITES_MAX: Duration = Duration::from_secs(2);
const AFTER_SEND_MSG: &str = "C2C.CallbackAfterSendMsg";
const TOKEN: &str = "a-made-up-token-for-the-tests";

fn member(number: usize) -> AccountId {
    AccountId::parse(&format!("u{number}")).unwrap()
}

/// A store in which so many accounts have the chat group in their lists.
async fn with_members(chat_group: &ChatGroupId, at: Timestamp) -> Store {
    let store = Store::new(Arc::new(Memory::new()));
    let mut touches = Touches::default();
    for number in 0..MEMBERS {
        touches.in_chat_group(chat_group, Some(&member(number)), at);
    }
    store.touch(AppId(APP), &touches, at).await.unwrap();
    store
}

/// The times that are kept for chat groups and in all lists together.
async fn times(store: &Store) -> (Vec<Timestamp>, Vec<(AccountKey, Timestamp)>) {
    let mut snapshot = store.backend().snapshot(None, OnDamage::Stop, false).await.unwrap();
    let (mut of_chat_groups, mut of_entries) = (Vec::new(), Vec::new());
    while let Some(item) = snapshot.next().await.unwrap() {
        if let SnapshotItem::Entry(account, RecentEntry { at, .. }) = item {
            of_entries.push((account, at));
        } else if let SnapshotItem::ChatGroupTime(_, _, at) = item {
            of_chat_groups.push(at);
        }
    }
    (of_chat_groups, of_entries)
}

#[tokio::test]
async fn a_message_in_a_chat_group_of_two_hundred_thousand_accounts_writes_two_times_and_all_of_them_see_it() {
    let (room, before, now) = (ChatGroupId::parse("room").unwrap(), Timestamp(1_600_000_000), Timestamp(START as u32));
    let store = with_members(&room, before).await;
    let mut config = config();
    config.apps[0].accounts = Registration::Any;
    let server = TestServer::over(&config, store.clone()).await;

    let began = Instant::now();
    let body =
        r#"{"GroupId":"room","From_Account":"u7","Random":1,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{}}]}"#;
    let answer = server.post("group_open_http_svc/send_group_msg", body).await;
    let took = began.elapsed();
    assert_eq!(answer, r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"MsgTime":1750000000,"MsgSeq":1}"#);
    assert!(took < TWO_WRITES_MAX, "{took:?}");

    let (of_chat_groups, of_entries) = times(&store).await;
    assert_eq!((of_chat_groups, of_entries.len()), (vec![now], MEMBERS));
    let written: Vec<_> = of_entries.iter().filter(|(_, at)| *at != before).collect();
    assert_eq!(written, [&(AccountKey { app: AppId(APP), account: member(7) }, now)]);
    for number in [0, 7, MEMBERS - 1] {
        let list = server.post("recentcontact/get_list", &format!(r#"{{"From_Account":"u{number}"}}"#)).await;
        assert!(list.starts_with(r#"{"SessionItem":[{"Type":2,"GroupId":"room","MsgTime":1750000000,"#), "{list}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_callback_is_taken_whatever_the_media_type_of_its_body() {
    let change = |config: &mut Config| {
        config.apps[0].accounts = Registration::Any;
        config.apps[0].callback_token = Secret::new(TOKEN);
    };
    let server = TestServer::with(change).await;
    for (number, media_type) in
        ["application/x-www-form-urlencoded", "text/plain; charset=gbk", "", "\t"].iter().enumerate()
    {
        let (from, header) = (format!("u{number}"), format!("Content-Type: {media_type}"));
        let answer = send_callback(
            &server,
            AFTER_SEND_MSG,
            &header,
            &format!(r#"{{"From_Account":"{from}","To_Account":"bob"}}"#),
        )
        .await;
        assert!(answer.ends_with(r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}"#), "{header}: {answer}");
        let list = server.post("recentcontact/get_list", r#"{"From_Account":"bob"}"#).await;
        assert!(list.contains(&format!(r#""To_Account":"{from}""#)), "{header}: {list}");
    }
    server.stop().await;
}

#[tokio::test]
async fn the_typed_client_sends_and_imports_messages() {
    let server = TestServer::with(|config| config.apps[0].accounts = Registration::Any).await;
    let client = server.client();
    let message = |to: &str| open_im::Message {
        from_account: "alice".into(),
        to_account: to.into(),
        msg_random: 7.into(),
        msg_body: text(),
        ..Default::default()
    };
    let sent = client.call::<Sendmsg>(&message("bob")).await.unwrap();
    assert_eq!((sent.msg_time, sent.msg_key.ends_with("_7_1750000000")), (1_750_000_000, true));
    let request = importmsg::Request {
        sync_from_old_system: 2.into(),
        from_account: "alice".into(),
        to_account: "bob".into(),
        msg_random: 7.into(),
        msg_time_stamp: 1.into(),
        msg_body: text(),
        ..Default::default()
    };
    client.call::<Importmsg>(&request).await.unwrap();
    let request = send_group_msg::Request {
        group_id: "room".into(),
        from_account: "alice".into(),
        random: 7.into(),
        msg_body: text(),
        ..Default::default()
    };
    assert_eq!(client.call::<SendGroupMsg>(&request).await.unwrap().msg_seq, 1);
    let message =
        ImportedMessage { from_account: "alice".into(), send_time: 1.into(), random: 7.into(), msg_body: text() };
    let request =
        import_group_msg::Request { group_id: "room".into(), msg_list: [message].into(), ..Default::default() };
    let imported = client.call::<ImportGroupMsg>(&request).await.unwrap().import_msg_result;
    assert_eq!((imported[0].msg_time, imported[0].result), (1, 0));
    server.stop().await;
}

#[tokio::test]
async fn a_message_that_reaches_some_of_its_receivers_is_a_success_to_the_typed_client() {
    let server = TestServer::start().await;
    server.post("im_open_login_svc/account_import", r#"{"UserID":"bob"}"#).await;
    let request = batchsendmsg::Request {
        to_account: ["bob".to_owned(), "zoe".to_owned()].into(),
        msg_random: 7.into(),
        msg_body: text(),
        ..Default::default()
    };
    let answer = server.client().call::<Batchsendmsg>(&request).await.unwrap();
    assert_eq!((answer.error_list.len(), answer.error_list[0].to_account.as_str()), (1, "zoe"));
    server.stop().await;
}

fn text() -> List<Element> {
    [Element { msg_type: "TIMTextElem".into(), msg_content: Content {}.into() }].into()
}

/// Sends a callback with one more header; the whole answer.
async fn send_callback(server: &TestServer, command: &str, header: &str, body: &str) -> String {
    let (sign, length) = (callback::sign(TOKEN, &START.to_string()), body.len());
    let query = format!("SdkAppid={APP}&CallbackCommand={command}&Sign={sign}&RequestTime={START}");
    let head = format!("POST {}?{query} HTTP/1.1\r\nHost: pinfold\r\nConnection: close\r\n{header}", callback::PATH);
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(format!("{head}\r\nContent-Length: {length}\r\n\r\n{body}").as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}
