//! Three servers over one database, and callers who take whichever comes: as if it were one server.

#![allow(clippy::unwrap_used, reason = "test code")]

#[path = "../../store/tests/support/postgres.rs"]
mod postgres;
mod support;

use std::collections::BTreeSet;
use std::sync::Arc;

use pinfold_server::config::Config;
use pinfold_store::postgres::Settings;
use pinfold_store::{Postgres, Store};
use serde_json::{Value, json};
use support::{TestServer, config};

const SERVERS: usize = 3;
const CALLERS: usize = 48;

/// Three servers, each with a pool of its own.
async fn servers(change: impl Fn(&mut Config)) -> Arc<Vec<TestServer>> {
    let settings = Settings::new(postgres::shared().new_schema().parse().unwrap());
    let mut config = config();
    config.apps[0].accounts = pinfold_core::Registration::Any;
    change(&mut config);
    let mut servers = Vec::new();
    for _ in 0..SERVERS {
        let backend = Postgres::open(&settings).await.unwrap();
        servers.push(TestServer::over(&config, Store::new(Arc::new(backend))).await);
    }
    Arc::new(servers)
}

async fn post(server: &TestServer, command: &str, body: Value) -> Value {
    serde_json::from_str(&server.post(&format!("recentcontact/{command}"), &body.to_string()).await).unwrap()
}

/// Makes call 0, 1, 2 … at once, by turns on each server; the answers in their order.
async fn at_once(servers: &Arc<Vec<TestServer>>, command: &'static str, body: impl Fn(usize) -> Value) -> Vec<Value> {
    let calls: Vec<_> = (0..CALLERS)
        .map(|n| {
            let (servers, body) = (Arc::clone(servers), body(n));
            tokio::spawn(async move { post(&servers[n % SERVERS], command, body).await })
        })
        .collect();
    let mut answers = Vec::new();
    for call in calls {
        answers.push(call.await.unwrap());
    }
    answers
}

fn mark(peer: &str, bit: usize) -> Value {
    let item = json!({"OptType": 1, "ContactItem": {"Type": 1, "To_Account": peer}, "SetMark": [bit]});
    json!({"From_Account": "alice", "MarkItem": [item]})
}

fn result_code(answer: &Value) -> u64 {
    answer["ResultItem"][0]["ResultCode"].as_u64().unwrap_or_else(|| panic!("{answer}"))
}

/// Every record of an account, page by page, each page from another server.
async fn pages(servers: &[TestServer], account: &str) -> Vec<Value> {
    let (mut found, mut start) = (Vec::new(), json!(0));
    for n in 0.. {
        let body = json!({"From_Account": account, "StartIndex": start});
        let page = post(&servers[n % SERVERS], "get_contact_group", body).await;
        assert_eq!(page["ErrorCode"], 0, "{page}");
        found.extend(page["ContactItem"].as_array().cloned().unwrap_or_default());
        if page["CompleteFlag"] == 1 {
            return found;
        }
        start = page["NextStartIndex"].clone();
        assert!(n < 100, "the pages do not end");
    }
    unreachable!("the loop ends by itself")
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn no_mark_set_through_one_of_them_is_lost_to_another() {
    let servers = servers(|_| ()).await;
    let answers = at_once(&servers, "mark_contact", |n| mark("bob", n)).await;
    assert!(answers.iter().all(|answer| result_code(answer) == 0), "{answers:?}");
    for server in servers.iter() {
        let found = post(server, "get_contact_group", json!({"From_Account": "alice"})).await;
        let marks = found["ContactItem"][0]["StandardMark"].as_str().unwrap().to_owned();
        assert_eq!(marks.matches('1').count(), CALLERS, "{found}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn together_they_pass_no_limit() {
    let servers = servers(|config| {
        config.apps[0].limits.marked_conversations_max = 20;
        config.apps[0].limits.conversation_groups_max = 10;
    })
    .await;
    let marked = at_once(&servers, "mark_contact", |n| mark(&format!("peer {n}"), 0)).await;
    assert_eq!(marked.iter().filter(|answer| result_code(answer) == 0).count(), 20);
    let created = at_once(
        &servers,
        "create_contact_group",
        |n| json!({"From_Account": "alice", "GroupContactItem": [{"GroupName": format!("group {n}")}]}),
    )
    .await;
    let ids: BTreeSet<_> =
        created.iter().filter_map(|answer| answer["GroupResultItem"][0]["GroupItem"]["GroupId"].as_u64()).collect();
    assert_eq!(ids, (1..=10).collect(), "each number is given once");
    assert_eq!(pages(&servers, "alice").await.len(), 20);
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn pages_from_different_servers_hold_every_record_once_in_the_order_of_the_changes() {
    let servers = servers(|_| ()).await;
    for round in 0..5 {
        let answers = at_once(&servers, "mark_contact", |n| mark(&format!("peer {round} {n}"), 0)).await;
        assert!(answers.iter().all(|answer| result_code(answer) == 0));
    }
    let found = pages(&servers, "alice").await;
    let peers: BTreeSet<_> = found.iter().map(|item| item["To_Account"].as_str().unwrap().to_owned()).collect();
    assert_eq!((found.len(), peers.len()), (5 * CALLERS, 5 * CALLERS));
    assert_eq!(found, pages(&servers, "alice").await, "the order is the same each time");
}
