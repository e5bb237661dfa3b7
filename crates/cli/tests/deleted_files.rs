//! Files that are deleted or truncated under a running server and under one that was killed: nothing is acknowledged
//! that a restart does not find, and the loss is reported.
#![allow(clippy::unwrap_used, reason = "the helpers are part of tests")]

mod support;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::json;
use support::http::{code, get, post};
use support::{Server, Workspace, run};

/// How long it may take until it is noticed, on a machine that is busy.
const NOTICED_MAX: Duration = Duration::from_secs(30);

fn workspace() -> Workspace {
    Workspace::with_app("[store]\nurl = \"file:store\"", "accounts = \"any\"\ncalls_per_second_max = 0")
}

fn mark(server: &Server, n: usize) -> u64 {
    let mark = json!({"OptType": 1, "ContactItem": {"Type": 1, "To_Account": "bob"}, "SetMark": [0]});
    let body = json!({"From_Account": format!("account {n}"), "MarkItem": [mark]}).to_string();
    code(&post(server.rest, "recentcontact/mark_contact", &body))
}

fn read(server: &Server, n: usize) -> u64 {
    let body = json!({"From_Account": format!("account {n}")}).to_string();
    code(&post(server.rest, "recentcontact/get_contact_group", &body))
}

/// Takes something away under load: from some moment on every call fails, and the server says why.
fn out_of_service(take_away: impl FnOnce(&Path), why: &str) -> (Workspace, Server) {
    let workspace = workspace();
    let server = workspace.serve();
    assert_eq!((0..20).map(|n| mark(&server, n)).sum::<u64>(), 0);
    take_away(&workspace.path("store"));
    let began = Instant::now();
    while mark(&server, 100) == 0 {
        assert!(began.elapsed() < NOTICED_MAX, "it is not noticed");
    }
    assert!((0..20).all(|n| mark(&server, n) == 50004), "once noticed nothing is acknowledged");
    assert!((0..20).all(|n| read(&server, n) == 50004), "and nothing is read that another process may have changed");
    let (status, page) = get(server.admin.unwrap(), "/readyz");
    assert_eq!(status, 503);
    assert!(page.contains("the store is out of service: ") && page.contains(why), "{page}");
    server.await_log("its files are not those it opened");
    (workspace, server)
}

fn ends_badly(server: Server) {
    server.signal("TERM");
    let (status, log) = server.wait();
    assert_eq!(status.code(), Some(1), "{log}");
    assert!(!log.contains("panicked"), "{log}");
}

#[test]
fn when_the_data_is_removed_no_call_is_acknowledged_any_more_and_a_restart_says_what_is_missing() {
    let (workspace, server) = out_of_service(|store| fs::remove_dir_all(store.join("data")).unwrap(), "/data is gone");
    ends_badly(server);
    let output = run(workspace.command("serve"));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("its directory \"data\" is missing"), "{stderr}");
}

#[test]
fn when_the_directory_is_replaced_no_call_is_acknowledged_any_more() {
    let replace = |store: &Path| {
        fs::rename(store, store.with_extension("old")).unwrap();
        fs::create_dir(store).unwrap();
    };
    let (_place, server) = out_of_service(replace, "/store was replaced");
    ends_badly(server);
}

#[test]
fn when_the_locks_are_removed_a_second_process_may_have_the_store_and_the_first_one_is_out_of_service() {
    let remove = |store: &Path| {
        fs::remove_file(store.join("lock")).unwrap();
        fs::remove_file(store.join("data/lock")).unwrap();
    };
    let (workspace, first) = out_of_service(remove, "/lock is gone");
    let second = workspace.serve();
    assert_eq!((0..20).map(|n| read(&second, n)).sum::<u64>(), 0);
    second.stop();
    ends_badly(first);
}

/// Without any call; the journal is removed, and everything else is there.
#[test]
fn files_deleted_under_an_idle_server_are_noticed_too() {
    let workspace = workspace();
    let server = workspace.serve();
    assert_eq!(mark(&server, 0), 0);
    fs::remove_file(journal(&workspace)).unwrap();
    server.await_log("its files are not those it opened");
    assert_eq!(get(server.admin.unwrap(), "/readyz").0, 503);
    ends_badly(server);
}

/// The newest journal.
fn journal(workspace: &Workspace) -> PathBuf {
    let files = fs::read_dir(workspace.path("store/data")).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|extension| extension == "jnl")).max().unwrap()
}

/// A store whose server was killed after some calls, with the length of what is in its journal.
fn killed() -> (Workspace, u64) {
    let workspace = workspace();
    let server = workspace.serve();
    assert_eq!((0..20).map(|n| mark(&server, n)).sum::<u64>(), 0);
    server.kill();
    let bytes = fs::read(journal(&workspace)).unwrap();
    let written = bytes.iter().rposition(|byte| *byte != 0).unwrap() as u64 + 1;
    (workspace, written)
}

fn cut(workspace: &Workspace, length: u64) {
    File::options().write(true).open(journal(workspace)).unwrap().set_len(length).unwrap();
}

#[test]
fn a_journal_that_was_cut_short_after_a_kill_is_refused_wherever_it_was_cut() {
    let (workspace, written) = killed();
    let whole = fs::read(journal(&workspace)).unwrap();
    let (acknowledged, missing) = ("had been acknowledged", "is missing");
    for (length, why) in [(written - 1, acknowledged), (written / 2, acknowledged), (0, missing)] {
        fs::write(journal(&workspace), &whole[..length as usize]).unwrap();
        for _ in 0..2 {
            let output = run(workspace.command("serve"));
            let stderr = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(1), "{stderr}");
            assert!(stderr.contains("is damaged: ") && stderr.contains(why), "{length} bytes: {stderr}");
        }
    }
    fs::write(journal(&workspace), &whole).unwrap();
    let server = workspace.serve();
    assert_eq!((0..20).map(|n| read(&server, n)).sum::<u64>(), 0, "nothing was changed by the refusals");
    server.stop();
}

/// Where nothing says how many commits there were, nothing is claimed of those that were cut.
#[test]
fn nothing_is_said_of_a_torn_end_that_is_not_known() {
    let (workspace, written) = killed();
    cut(&workspace, written - 1);
    fs::remove_file(workspace.path("store/acknowledged")).unwrap();
    let server = workspace.serve();
    assert!(server.log().contains("cut an unreadable end from the journal"), "{}", server.log());
    assert!(!server.log().contains("never acknowledged"), "{}", server.log());
    assert_eq!(read(&server, 19), 0);
    server.stop();
}

/// From too few descriptors for anything to enough: it is told as what it is, with a path, and nothing is damaged.
#[test]
fn a_store_that_cannot_be_read_for_want_of_descriptors_is_not_called_damaged() {
    let workspace = workspace();
    let server = workspace.serve();
    assert_eq!((0..20).map(|n| mark(&server, n)).sum::<u64>(), 0);
    server.stop();
    let (mut told, mut whole) = (0, 0);
    for files_max in (8..48).step_by(2) {
        let mut command = Command::new("sh");
        let script = format!("ulimit -n {files_max}; exec \"$0\" \"$@\"");
        command.args(["-c", &script, env!("CARGO_BIN_EXE_pinfold"), "check"]).arg(workspace.path("store"));
        let output = run(command);
        let stderr = String::from_utf8(output.stderr).unwrap();
        // With the lowest limits the runtime itself does not start.
        for wrong in ["damaged: ", "/fjall-", "/lsm-tree-", "crates/store"] {
            assert!(!stderr.contains(wrong), "{files_max}: {stderr}");
        }
        told += usize::from(stderr.contains("store") && stderr.contains("Too many open files"));
        whole += usize::from(output.status.success());
    }
    assert!(told > 0 && whole > 0, "told {told} times, and {whole} times there were enough");
}
