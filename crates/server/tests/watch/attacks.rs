//! Attempts to see more than one may, to break frames, and to outrun a stream.

use std::sync::Arc;

use futures_util::future::join_all;
use pinfold_store::embedded::Settings;
use pinfold_store::{Backend, Embedded, Memory, Store};
use serde_json::json;

use crate::stream::{Next, Stream, target};
use crate::support::{ADMIN, TestServer, config};
use crate::{import, own, pin, server_of};

#[tokio::test]
async fn an_account_sees_itself_alone_whatever_else_its_request_names() {
    let server = server_of(&["alice", "bob"]).await;
    let bobs = Stream::of(&server, "bob").await.id;
    let headers = [("from_account", "bob"), ("x-account", "bob"), ("account", "bob"), ("identifier", ADMIN)];
    for more in [
        "&From_Account=bob".to_owned(),
        "&To_Account=bob&UserID=bob&Account=bob".to_owned(),
        "&account=alice&account=bob".to_owned(),
        "&identifier=bob&usersig=x".to_owned(),
        format!("&after={bobs}"),
    ] {
        let mut stream = Stream::open(&server, &target("alice", &more), &headers).await;
        assert!(matches!(stream.next().await, Next::Began | Next::Reset), "{more}");
        pin(&server, "bob", "alice").await;
        assert!(stream.is_quiet().await, "{more}");
        unpin(&server, "bob", "alice").await;
    }
}

async fn unpin(server: &TestServer, account: &str, peer: &str) {
    let body =
        json!({"From_Account": account, "OperationType": 2, "RecentContactItem": [{"Type": 1, "To_Account": peer}]});
    assert!(server.post("recentcontact/top", &body.to_string()).await.contains(r#""ErrorCode":0"#));
}

async fn mark(server: &TestServer, account: &str, text: &str) {
    let item = json!({"OptType": 2, "ContactItem": {"Type": 1, "To_Account": "bob"}, "CustomMark": text});
    let body = json!({"From_Account": account, "MarkItem": [item]}).to_string();
    let answer = server.post("recentcontact/mark_contact", &body).await;
    assert!(answer.contains(r#""ErrorCode":0"#), "{answer}");
}

#[tokio::test]
async fn no_text_of_a_change_makes_a_line_of_its_own() {
    let server = server_of(&["alice", "bob"]).await;
    let mut stream = Stream::of(&server, "alice").await;
    stream.next().await;
    for (text, revision) in [
        "\nid: forged\n\nevent: reset\ndata: {}\n\n",
        "\r\rdata: forged\r\r",
        "\u{2028}data: forged\u{2029}\u{85}",
        "\0id: forged\0",
        "\\n\\nid: forged",
        "\u{feff}data: forged",
    ]
    .into_iter()
    .zip(2..)
    {
        let before = stream.raw.len();
        mark(&server, "alice", text).await;
        stream.changes([revision]).await;
        let block = String::from_utf8(stream.raw[before..].to_vec()).unwrap();
        let lines: Vec<_> = block.split(['\n', '\r']).collect();
        let begins: Vec<_> = lines.iter().map(|line| line.split_once(": ").map_or("", |(name, _)| name)).collect();
        assert_eq!(begins, ["event", "id", "data", "", ""], "{block:?}");
        let data: serde_json::Value = serde_json::from_str(&lines[2]["data: ".len()..]).unwrap();
        assert_eq!(data["Event"][0]["CustomMark"], text);
    }
}

/// Callers change an account as fast as they can, while streams begin and go on.
async fn outrun(backend: Arc<dyn Backend>) {
    const CALLERS: u64 = 32;
    const CALLS: u64 = 20;
    let mut config = config();
    own(&mut config);
    let server = TestServer::over(&config, Store::new(backend)).await;
    import(&server, &["alice", "bob"]).await;
    let mut early = Stream::of(&server, "alice").await;
    early.next().await;
    let cursor = early.id.clone();
    let callers = join_all((0..CALLERS).map(|caller| {
        let server = &server;
        async move {
            for call in 0..CALLS {
                mark(server, "alice", &format!("{caller}-{call}")).await;
            }
        }
    }));
    let all = 2..=CALLERS * CALLS + 1;
    let reads = early.changes(all.clone());
    let comes_back = async {
        let mut cursor = cursor.clone();
        for revision in all.clone() {
            let mut stream = Stream::after(&server, "alice", &cursor).await;
            assert_eq!(stream.next().await, Next::Began);
            stream.changes([revision]).await;
            cursor = stream.id;
        }
    };
    tokio::join!(callers, reads, comes_back);
    let mut late = Stream::after(&server, "alice", &cursor).await;
    late.next().await;
    late.changes(all).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_tell_every_change_once_and_in_order_however_fast_they_come_in_memory() {
    outrun(Arc::new(Memory::new())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_tell_every_change_once_and_in_order_however_fast_they_come_to_a_disk() {
    let directory = tempfile::tempdir().unwrap();
    outrun(Arc::new(Embedded::open(directory.path(), &Settings::default()).unwrap())).await;
}
