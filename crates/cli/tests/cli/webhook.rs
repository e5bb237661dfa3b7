//! `pinfold webhook`: with a server, without one, and over a database.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::net::SocketAddr;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::backup::{ended, mark, well};
use crate::postgres;
use crate::support::receiver::{Receiver, TOKEN};
use crate::support::{APP, Server, TIMEOUT, Workspace, free_port, http, pinfold, run, text};

fn workspace(receiver: &Receiver) -> Workspace {
    over("", receiver)
}

fn over(top: &str, receiver: &Receiver) -> Workspace {
    Workspace::with_app(top, &format!("accounts = \"any\"\n{}", receiver.app()))
}

/// `pinfold webhook SUBCOMMAND` with the configuration of a workspace.
fn webhook(workspace: &Workspace, subcommand: &str) -> Command {
    let mut command = pinfold(["webhook", subcommand, "--config"]);
    command.arg(workspace.config());
    command
}

/// Runs it; its stdout. It must end well and say nothing on stderr.
fn said(workspace: &Workspace, subcommand: &str, arguments: &[&str]) -> String {
    let (code, line, stdout) = ended(webhook(workspace, subcommand), arguments);
    assert_eq!((code, line.as_str()), (Some(0), ""));
    stdout
}

/// The status of the app of the tests.
fn status(workspace: &Workspace) -> Value {
    serde_json::from_str(&said(workspace, "status", &["--json"])).unwrap()
}

/// Waits until this holds for the status.
fn await_status(workspace: &Workspace, holds: impl Fn(&Value) -> bool) -> Value {
    let began = Instant::now();
    loop {
        let status = status(workspace);
        if holds(&status) {
            return status;
        }
        assert!(began.elapsed() < TIMEOUT, "{status}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// An address that refuses connections.
fn nowhere() -> String {
    format!("http://127.0.0.1:{}/", free_port())
}

#[test]
fn a_test_says_what_the_receiver_answered() {
    let receiver = Receiver::start();
    let workspace = workspace(&receiver);
    let line = said(&workspace, "test", &[]);
    let expected = format!("app {APP}: {} took the test request: 200 in ", receiver.host());
    assert!(line.starts_with(&expected) && line.ends_with(" ms\n"), "{line}");
    receiver.answer(500);
    let (code, line, stdout) = ended(webhook(&workspace, "test"), &[]);
    let expected = format!(
        "pinfold: app {APP}: the test request was not taken: {} answered with HTTP status 500",
        receiver.host()
    );
    assert_eq!((code, line, stdout.as_str()), (Some(1), expected, ""));
    assert!(!workspace.path("pinfold-data").exists(), "no store was made");
}

#[test]
fn a_test_in_json_is_an_object_whether_it_was_taken_or_not() {
    let receiver = Receiver::start();
    let workspace = workspace(&receiver);
    let taken: Value = serde_json::from_str(&said(&workspace, "test", &["--json"])).unwrap();
    assert_eq!((&taken["taken"], &taken["status"], &taken["reason"]), (&true.into(), &200.into(), &Value::Null));
    receiver.answer(503);
    let (code, _, stdout) = ended(webhook(&workspace, "test"), &["--json"]);
    let refused: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((code, &refused["taken"], &refused["status"]), (Some(1), &false.into(), &503.into()));
}

#[test]
fn a_test_has_nothing_to_apply_and_an_id_of_its_own() {
    let receiver = Receiver::start();
    let workspace = workspace(&receiver);
    said(&workspace, "test", &[]);
    said(&workspace, "test", &[]);
    let received = receiver.received();
    let ids = received.iter().map(|request| {
        let ids = request.head.lines().find(|line| line.to_lowercase().starts_with("webhook-id: "));
        ids.unwrap().to_owned()
    });
    let ids: BTreeSet<_> = ids.collect();
    assert_eq!(ids.len(), 2);
    assert_eq!((&received[0].body["Event"], &received[0].body["Revision"]), (&Value::Array(Vec::new()), &0.into()));
}

#[test]
fn a_pause_holds_changes_back_through_a_restart_until_they_are_resumed() {
    let receiver = Receiver::start();
    let workspace = workspace(&receiver);
    let server = workspace.serve();
    mark(server.rest, 0, 1);
    receiver.await_received(|received| received.len() == 1);
    let line = said(&workspace, "pause", &[]);
    let expected = "paused; changes wait until \"pinfold webhook resume\", each for at most 7 days";
    assert_eq!(line, format!("app {APP}: {expected}\n"));
    said(&workspace, "pause", &[]);
    mark(server.rest, 0, 2);
    assert!(said(&workspace, "status", &[]).contains(&format!("app {APP}  {}  paused\n", receiver.host())));
    server.stop();
    let server = workspace.serve();
    let paused = status(&workspace);
    assert_eq!(
        (&paused["paused"], &paused["waiting"], &paused["waiting_accounts"]),
        (&true.into(), &1.into(), &1.into())
    );
    assert_eq!(receiver.received().len(), 1);
    assert_eq!(said(&workspace, "resume", &[]), format!("app {APP}: resumed; what waits is sent by the server\n"));
    receiver.await_received(|received| received.len() == 2);
    await_status(&workspace, |status| status["waiting"] == 0 && status["paused"] == false);
    server.stop();
}

#[test]
fn a_store_that_is_not_served_is_paused_resumed_and_looked_at() {
    let receiver = Receiver::start();
    let workspace = workspace(&receiver);
    workspace.serve().stop();
    said(&workspace, "pause", &[]);
    let server = workspace.serve();
    mark(server.rest, 0, 1);
    server.stop();
    let told = said(&workspace, "status", &[]);
    let rows: Vec<_> = told.lines().collect();
    assert_eq!(rows[0], format!("app {APP}  {}  paused", receiver.host()));
    assert!(rows[1].starts_with("  waiting   1 change of 1 account, the oldest since 20"), "{told}");
    assert_eq!(rows[2], "  server    no server runs here; this is what the store holds");
    let resumed = said(&workspace, "resume", &["--json"]);
    assert_eq!(resumed, format!("{{\"app\":{APP},\"paused\":false}}\n"));
    assert_eq!(receiver.received().len(), 0);
    let server = workspace.serve();
    receiver.await_received(|received| received.len() == 1);
    server.stop();
}

#[test]
fn a_pause_of_a_copy_of_the_directory_is_one_of_the_copy() {
    let receiver = Receiver::start();
    let (original, copy) = (workspace(&receiver), workspace(&receiver));
    said_paused(&original);
    let server = original.serve();
    mark(server.rest, 0, 1);
    let copied = Command::new("cp").arg("-a").arg(original.path("pinfold-data")).arg(copy.directory.path()).status();
    assert!(copied.unwrap().success());
    said(&original, "resume", &[]);
    receiver.await_received(|received| received.len() == 1);
    said(&copy, "pause", &[]);
    let of_copy = copy.serve();
    assert_eq!(status(&copy)["waiting"], 1);
    mark(server.rest, 0, 2);
    receiver.await_received(|received| received.len() == 2);
    assert_eq!(status(&original)["paused"], false);
    of_copy.stop();
    server.stop();
}

/// Makes the store of a workspace, paused.
fn said_paused(workspace: &Workspace) {
    workspace.serve().stop();
    said(workspace, "pause", &[]);
}

#[test]
fn a_receiver_that_is_down_is_told_with_the_reason() {
    let receiver = Receiver::start();
    let app = receiver.app().replace(&format!("http://{}/", receiver.host()), &nowhere());
    let workspace = Workspace::with_app("", &format!("accounts = \"any\"\n{app}"));
    let server = workspace.serve();
    mark(server.rest, 0, 1);
    let down = await_status(&workspace, |status| !status["server"]["down"].is_null());
    assert!(down["server"]["down"]["reason"].as_str().unwrap().starts_with("no connection to 127.0.0.1:"), "{down}");
    let told = said(&workspace, "status", &[]);
    for row in ["  down since 20", "\n  because   no connection to 127.0.0.1:", "\n  waiting   1 change of 1 account"] {
        assert!(told.contains(row), "{told}");
    }
    server.stop();
}

#[test]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
fn over_a_database_a_pause_goes_through_it_and_servers_follow() {
    let receiver = Receiver::start();
    let workspace = over(&format!("[store]\nurl = \"{}\"", postgres::shared().new_schema()), &receiver);
    let server = workspace.serve();
    mark(server.rest, 0, 1);
    receiver.await_received(|received| received.len() == 1);
    said(&workspace, "pause", &[]);
    await_metric(&server, &format!("pinfold_webhook_paused{{app=\"{APP}\"}} 1"));
    mark(server.rest, 0, 2);
    let told = said(&workspace, "status", &[]);
    assert!(told.contains("  paused\n  waiting   1 change of 1 account"), "{told}");
    assert!(told.contains("this is what the database holds"), "{told}");
    assert_eq!(receiver.received().len(), 1);
    said(&workspace, "resume", &[]);
    receiver.await_received(|received| received.len() == 2);
    server.stop();
}

fn await_metric(server: &Server, line: &str) {
    let began = Instant::now();
    while !http::get(server.admin.unwrap(), "/metrics").1.contains(line) {
        assert!(began.elapsed() < TIMEOUT, "no {line}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn an_app_that_is_not_configured_and_a_store_in_memory_are_refused() {
    let receiver = Receiver::start();
    let workspace = workspace(&receiver);
    let refused = |workspace: &Workspace, arguments: &[&str]| {
        let (code, line, stdout) = ended(webhook(workspace, "pause"), arguments);
        assert_eq!((code, stdout.as_str()), (Some(1), ""));
        line
    };
    assert_eq!(refused(&workspace, &["--app", "7"]), format!("pinfold: the configuration has no app 7, only {APP}"));
    assert!(refused(&workspace, &[]).starts_with("pinfold: there is no store "));
    let memory = over("[store]\nurl = \"memory:\"", &receiver);
    assert!(refused(&memory, &[]).starts_with("pinfold: store.url is memory:"));
}

#[test]
fn only_who_reads_the_data_directory_sees_and_pauses_webhooks() {
    let receiver = Receiver::start();
    let workspace = workspace(&receiver);
    let server = workspace.serve();
    let admin = server.admin.unwrap();
    assert_eq!(http::get(admin, "/webhooks").0, 403);
    let access = fs::read_to_string(workspace.path("pinfold-data/backup-access")).unwrap();
    let secret = access.trim_end().split_once(' ').unwrap().1;
    for (authorization, app, status) in
        [("Bearer no", APP.to_string(), 403), (secret, "7".to_owned(), 404), (secret, APP.to_string(), 204)]
    {
        let answer = post(admin, &format!("/webhooks/pause?app={app}"), authorization);
        assert_eq!(answer, status, "{app}");
    }
    assert_eq!(status(&workspace)["paused"], true);
    server.stop();
}

/// The status of the answer to a POST.
fn post(admin: SocketAddr, path: &str, authorization: &str) -> u16 {
    let mut stream = http::connect(admin);
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: pinfold\r\nConnection: close\r\nAuthorization: {authorization}\r\nContent-Length: 0\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    http::answer(stream).0
}

#[test]
fn no_command_shows_the_token_or_the_query_of_the_url() {
    let receiver = Receiver::start();
    let workspace = workspace(&receiver);
    let server = workspace.serve();
    mark(server.rest, 0, 1);
    receiver.answer(500);
    for subcommand in ["test", "pause", "resume", "status"] {
        for json in [None, Some("--json")] {
            let mut command = webhook(&workspace, subcommand);
            command.args(json);
            let output = run(command);
            let all = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
            assert!(!all.is_empty() && !all.contains(TOKEN) && !all.contains("hidden"), "{subcommand}: {all}");
        }
    }
    server.stop();
}

#[test]
fn a_backup_holds_nothing_that_waits_and_a_restore_sends_nothing() {
    let receiver = Receiver::start();
    let (from, to) = (workspace(&receiver), workspace(&receiver));
    said_paused(&from);
    let server = from.serve();
    mark(server.rest, 0, 1);
    let file = from.path("backup");
    well(from.command("backup"), &[text(&file)]);
    server.stop();
    well(to.command("restore"), &[text(&file)]);
    let restored = status(&to);
    assert_eq!((&restored["waiting"], &restored["paused"]), (&0.into(), &false.into()));
}
