//! `watch` over HTTP: what a stream sends, how its client goes on after it, and when it ends.

#![allow(clippy::unwrap_used, reason = "test code")]

mod attacks;
mod clocks;
mod ends;
mod instances;
mod limits;
mod methods;
#[path = "../../../store/tests/support/postgres.rs"]
mod postgres;
mod refusals;
mod resume;
mod stream;
#[path = "../support/mod.rs"]
mod support;
mod told;

use pinfold_core::Users;
use pinfold_server::config::Config;
use support::TestServer;

/// Accounts may watch themselves, and have to be imported.
fn own(config: &mut Config) {
    config.apps[0].users = Users::Own;
}

/// A server with these accounts.
async fn server_of(accounts: &[&str]) -> TestServer {
    let server = TestServer::with(own).await;
    import(&server, accounts).await;
    server
}

async fn import(server: &TestServer, accounts: &[&str]) {
    for account in accounts {
        let answer = server.post("im_open_login_svc/account_import", &format!(r#"{{"UserID":"{account}"}}"#)).await;
        assert!(answer.contains(r#""ErrorCode":0"#), "{answer}");
    }
}

/// Makes a change of one event.
async fn pin(server: &TestServer, account: &str, peer: &str) {
    let item = format!(r#"{{"Type":1,"To_Account":"{peer}"}}"#);
    let body = format!(r#"{{"From_Account":"{account}","OperationType":1,"RecentContactItem":[{item}]}}"#);
    let answer = server.post("recentcontact/top", &body).await;
    assert!(answer.contains(r#""ErrorCode":0"#), "{answer}");
}
