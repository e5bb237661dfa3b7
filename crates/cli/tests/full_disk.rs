//! A disk that takes no more: writes fail, reads go on, and nothing that was acknowledged is lost. After a shortage the
//! server goes on by itself, after anything else it has to be restarted.
#![allow(clippy::unwrap_used, reason = "the helpers are part of tests")]

mod support;

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use pinfold_client::{Client, Settings};
use serde_json::json;
use support::failing_disk::serve_over_failing_disk;
use support::http::{code, get, post};
use support::{APP, KEY, Server, Workspace, pinfold_after, text};

/// Largest file in KiB: room for some of the calls below, and not for all.
const FILE_KIB_MAX: u32 = 1024;
/// Calls that would need several times the room of any disk here.
const CALLS_MAX: usize = 1000;
/// Conversations of one call; each with a long custom mark.
const MARKS: usize = 100;

fn workspace(top: &str) -> Workspace {
    Workspace::with_app(top, "accounts = \"any\"\ncalls_per_second_max = 0")
}

fn account(n: usize) -> String {
    format!("account {n}")
}

/// Call `n`: many conversations of an account of its own get a mark of its own.
fn mark(server: &Server, n: usize) -> u64 {
    code(&post(server.rest, "recentcontact/mark_contact", &marks(n)))
}

fn marks(n: usize) -> String {
    let mark = |peer: usize| {
        let peer = format!("peer {peer}");
        json!({"OptType": 2, "ContactItem": {"Type": 1, "To_Account": peer}, "CustomMark": format!("{n:0>250}")})
    };
    let marks: Vec<_> = (0..MARKS).map(mark).collect();
    json!({"From_Account": account(n), "MarkItem": marks}).to_string()
}

/// How many marks of call `n` are there.
fn found(server: &Server, n: usize) -> usize {
    let body = json!({"From_Account": account(n)}).to_string();
    let answer = post(server.rest, "recentcontact/get_contact_group", &body);
    assert_eq!(code(&answer), 0, "reads go on");
    answer.matches(&format!("\"CustomMark\":\"{n:0>250}\"")).count()
}

fn fill(server: &Server) -> usize {
    let failed = (1..CALLS_MAX).find(|n| mark(server, *n) != 0).expect("the disk is full at some time");
    assert!(failed > 3, "call {failed} fails already");
    failed
}

/// The server has just failed call `failed`, for the first time; all calls before it were acknowledged.
fn takes_no_writes(server: &Server, failed: usize) {
    let admin = server.admin.unwrap();
    for again in [failed, failed + 1] {
        assert_eq!(mark(server, again), 50004);
    }
    assert!((0..failed).all(|n| found(server, n) == MARKS), "what was acknowledged is readable");
    assert_eq!((found(server, failed), found(server, failed + 1)), (0, 0), "what was not is not");
    let (status, page) = get(admin, "/readyz");
    assert_eq!(status, 503);
    assert!(
        page.starts_with(
            r#"{"ready":false,"reason":"store_not_writable","detail":"the store takes no writes since one failed: "#
        ),
        "{page}"
    );
    assert!(get(admin, "/metrics").1.contains("pinfold_store_writable 0"));
    assert_eq!(get(admin, "/healthz").0, 200, "the process itself is well");
}

fn ends_badly(server: Server) {
    server.signal("TERM");
    let (status, log) = server.wait();
    assert_eq!(status.code(), Some(1), "it could not be closed in good order:\n{log}");
    assert!(log.lines().last().unwrap().starts_with("pinfold: the store takes no writes since one failed: "), "{log}");
}

/// The disk is well again, and so is the server: by itself, or started anew.
fn is_back(server: Server, failed: usize) {
    assert!((0..failed).all(|n| found(&server, n) == MARKS), "all that was acknowledged is there");
    assert!([0, MARKS].contains(&found(&server, failed)), "the first failed call is whole or absent");
    assert_eq!(found(&server, failed + 1), 0, "the others are absent");
    assert_eq!(mark(&server, failed), 0, "and writes work");
    assert_eq!(found(&server, failed), MARKS);
    assert_eq!(get(server.admin.unwrap(), "/readyz").0, 200);
    assert!(get(server.admin.unwrap(), "/metrics").1.contains("pinfold_store_writable 1"));
    server.stop();
}

/// There is room again: within seconds the server goes on, without a restart, and what it keeps survives one.
fn heals_itself(server: Server, workspace: &Workspace, failed: usize) {
    server.await_log("the store takes no writes for now: a resource is exhausted");
    server.await_ready();
    server.await_log("the store was reopened and takes writes again");
    is_back(server, failed);
    let server = workspace.serve();
    assert!((0..=failed).all(|n| found(&server, n) == MARKS), "nothing is lost by a restart either");
    server.stop();
}

/// A limit on the size of files stands for a full disk, because setting it needs no root.
#[test]
fn when_the_disk_is_full_writes_fail_and_nothing_acknowledged_is_lost() {
    let workspace = workspace("");
    let server = workspace.serve();
    assert_eq!(mark(&server, 0), 0);
    server.stop();

    // Ignored, the signal for the limit becomes an error of the write. The shell counts in halves of a KiB.
    let mut command = pinfold_after(&format!("trap '' XFSZ; ulimit -S -f {}", FILE_KIB_MAX * 2));
    command.args(["serve", "--config"]).arg(workspace.config());
    let server = Server::start(command);
    assert_eq!(get(server.admin.unwrap(), "/readyz").0, 200);
    let failed = fill(&server);
    takes_no_writes(&server, failed);
    limit(&server, "fsize", "unlimited");
    heals_itself(server, &workspace, failed);
}

/// Sets a limit of a running server; the hard one stays.
fn limit(server: &Server, name: &str, value: &str) {
    let mut command = Command::new("prlimit");
    command.args([format!("--pid={}", server.id()), format!("--{name}={value}:")]);
    assert!(command.status().expect("prlimit, of util-linux").success());
}

/// A server of which a sync has failed, at call 5, over a disk that works again.
fn after_a_failed_sync(workspace: &Workspace, trigger_content: &str) -> Server {
    let (server, trigger) = serve_over_failing_disk(workspace, "PINFOLD_TEST_SYNC_FAILS");
    assert!((0..5).all(|n| mark(&server, n) == 0));
    fs::write(&trigger, trigger_content).unwrap();
    assert_eq!(mark(&server, 5), 50004);
    fs::remove_file(&trigger).unwrap();
    server
}

/// The outcome of the failed sync is unknown, so the store stays closed to writes although syncs work again.
#[test]
fn when_a_sync_fails_the_call_is_not_acknowledged_and_nothing_else_is_lost() {
    let workspace = workspace("");
    let server = after_a_failed_sync(&workspace, "");
    takes_no_writes(&server, 5);
    ends_badly(server);
    is_back(workspace.serve(), 5);
}

/// A disk that finds out late that it is full has dropped what it promised to write, and shows it all the same.
#[test]
fn when_a_sync_fails_for_want_of_room_the_store_does_not_heal_itself() {
    let workspace = workspace("");
    let server = after_a_failed_sync(&workspace, "no space left");
    server.await_log("the store takes no writes any more");
    assert!(!server.log().contains("for now"), "{}", server.log());
    takes_no_writes(&server, 5);
    ends_badly(server);
    is_back(workspace.serve(), 5);
}

/// Several calls at once, again and again: each is answered, and each that was acknowledged is there afterwards.
#[test]
fn a_disk_that_is_full_for_a_while_loses_nothing_and_needs_no_restart() {
    let workspace = workspace("");
    let (server, trigger) = serve_over_failing_disk(&workspace, "PINFOLD_TEST_DISK_FULL");
    let calls: Vec<_> = std::thread::scope(|scope| {
        let load = |caller: usize| {
            let server = &server;
            scope.spawn(move || {
                (0..150).map(|n| (caller * 1000 + n, mark(server, caller * 1000 + n))).collect::<Vec<_>>()
            })
        };
        let callers: Vec<_> = (0..4).map(load).collect();
        for _ in 0..2 {
            std::thread::sleep(Duration::from_millis(300));
            fs::write(&trigger, "").unwrap();
            std::thread::sleep(Duration::from_millis(300));
            fs::remove_file(&trigger).unwrap();
        }
        callers.into_iter().flat_map(|caller| caller.join().unwrap()).collect()
    });
    server.await_ready();
    let (made, failed): (Vec<_>, Vec<_>) = calls.into_iter().partition(|(_, code)| *code == 0);
    assert!(!made.is_empty() && failed.iter().all(|(_, code)| *code == 50004), "{failed:?}");
    let check = |server: &Server| {
        assert!(made.iter().all(|(n, _)| found(server, *n) == MARKS), "all that was acknowledged is there");
        assert!(failed.iter().all(|(n, _)| [0, MARKS].contains(&found(server, *n))), "all else is whole or absent");
    };
    check(&server);
    server.stop();
    let server = workspace.serve();
    check(&server);
    server.stop();
}

/// By hand, as root: `mount -t tmpfs -o size=32m tmpfs DIR`, then
/// `PINFOLD_TEST_SMALL_DISK=DIR cargo test -p pinfold --test full_disk -- --ignored`.
#[test]
#[ignore = "needs a small file system of its own"]
fn when_a_small_file_system_is_full_it_is_the_same() {
    let disk = PathBuf::from(std::env::var_os("PINFOLD_TEST_SMALL_DISK").expect("a directory on a small file system"));
    let (ballast, store) = (disk.join("ballast"), disk.join("store"));
    // Without it there is room for the tables of all calls.
    fs::write(&ballast, vec![0; 24 << 20]).unwrap();
    let workspace = workspace(&format!("[store]\nurl = \"file:{}\"", text(&store)));
    let server = workspace.serve();
    assert_eq!(mark(&server, 0), 0);
    let failed = fill(&server);
    takes_no_writes(&server, failed);
    fs::remove_file(&ballast).unwrap();
    heals_itself(server, &workspace, failed);
    fs::remove_dir_all(&store).unwrap();
}

/// The next flush of the engine finds no descriptor, and nothing else needs one: no connection is opened meanwhile.
#[test]
fn when_too_few_files_may_be_open_the_store_goes_on_once_more_may() {
    let workspace = workspace("");
    let server = workspace.serve();
    assert_eq!(mark(&server, 0), 0);
    let mut caller = Caller::new(&server);
    assert_eq!(caller.mark(1), 0);
    let open = fs::read_dir(format!("/proc/{}/fd", server.id())).unwrap().count();
    limit(&server, "nofile", &open.to_string());
    let failed = (2..CALLS_MAX).find(|n| caller.mark(*n) != 0).expect("the engine writes a table at some time");
    assert_eq!(caller.mark(failed), 50004);
    limit(&server, "nofile", "1000");
    server.await_log("Too many open files");
    heals_itself(server, &workspace, failed);
}

/// Calls over one connection.
struct Caller {
    runtime: tokio::runtime::Runtime,
    client: Client,
}

impl Caller {
    fn new(server: &Server) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let settings = Settings::new(format!("http://{}", server.rest), APP, "administrator", KEY);
        Self { runtime, client: Client::new(settings).unwrap() }
    }

    fn mark(&mut self, n: usize) -> u64 {
        let called = self.client.call_raw("recentcontact/mark_contact", marks(n).into_bytes());
        code(std::str::from_utf8(&self.runtime.block_on(called).unwrap()).unwrap())
    }
}

/// Calls that find nothing to change are decided on what another call has on its way to the disk.
#[test]
fn when_a_sync_fails_no_call_that_asks_for_the_same_is_acknowledged_either() {
    let workspace = workspace("");
    let (server, trigger) = serve_over_failing_disk(&workspace, "PINFOLD_TEST_SYNC_FAILS");
    assert_eq!(mark(&server, 0), 0);
    fs::write(&trigger, "").unwrap();
    let codes: Vec<_> = std::thread::scope(|scope| {
        let callers: Vec<_> = (0..16).map(|_| scope.spawn(|| mark(&server, 1))).collect();
        callers.into_iter().map(|caller| caller.join().unwrap()).collect()
    });
    assert_eq!(codes, [50004; 16]);
    server.signal("TERM");
    let (_, log) = server.wait();
    // Ten lines in ten seconds; the others are counted.
    let lines = log.lines().filter(|line| line.contains("call failed")).count();
    assert!((1..16).contains(&lines), "{lines} lines for 16 calls:\n{log}");
    assert!(log.contains("(poisoned) "), "{log}");
    assert!(log.lines().last().unwrap().starts_with("pinfold: the store takes no writes since one failed: "), "{log}");
}
