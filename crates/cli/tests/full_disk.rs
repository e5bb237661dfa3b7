//! A disk that takes no more: writes fail, reads go on, and nothing that was acknowledged is lost.
#![allow(clippy::unwrap_used, reason = "the helpers are part of tests")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;
use support::http::{code, get, post};
use support::{Place, Server, pinfold_after, text};

/// Largest file in KiB: room for some of the calls below, and not for all.
const FILE_KIB_MAX: u32 = 1024;
/// Calls that would need several times the room of any disk here.
const CALLS_MAX: usize = 1000;
/// Conversations of one call; each with a long custom mark.
const MARKS: usize = 100;

fn place(top: &str) -> Place {
    Place::with_app(top, "accounts = \"any\"\ncalls_per_second_max = 0")
}

fn account(n: usize) -> String {
    format!("account {n}")
}

/// Call `n`: many conversations of an account of its own get a mark of its own.
fn mark(server: &Server, n: usize) -> u64 {
    let mark = |peer: usize| {
        let peer = format!("peer {peer}");
        json!({"OptType": 2, "ContactItem": {"Type": 1, "To_Account": peer}, "CustomMark": format!("{n:0>250}")})
    };
    let marks: Vec<_> = (0..MARKS).map(mark).collect();
    let body = json!({"From_Account": account(n), "MarkItem": marks}).to_string();
    code(&post(server.rest, "recentcontact/mark_contact", &body))
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
fn is_out_of_service(server: Server, failed: usize) {
    let admin = server.admin.unwrap();
    for again in [failed, failed + 1] {
        assert_eq!(mark(&server, again), 50004);
    }
    assert!((0..failed).all(|n| found(&server, n) == MARKS), "what was acknowledged is readable");
    assert_eq!((found(&server, failed), found(&server, failed + 1)), (0, 0), "what was not is not");
    let (status, page) = get(admin, "/readyz");
    assert_eq!(status, 503);
    assert!(
        page.starts_with(
            r#"{"ready":false,"reason":"store_not_writable","detail":"the store takes no writes since one failed: "#
        ),
        "{page}"
    );
    assert_eq!(get(admin, "/healthz").0, 200, "the process itself is well");
    server.signal("TERM");
    let (status, log) = server.wait();
    assert_eq!(status.code(), Some(1), "it could not be closed in good order:\n{log}");
    assert!(log.lines().last().unwrap().starts_with("pinfold: the store takes no writes since one failed: "), "{log}");
}

/// The disk is well again, and the server started anew.
fn is_back(server: Server, failed: usize) {
    assert!((0..failed).all(|n| found(&server, n) == MARKS), "all that was acknowledged is there");
    assert!([0, MARKS].contains(&found(&server, failed)), "the first failed call is whole or absent");
    assert_eq!(found(&server, failed + 1), 0, "the others are absent");
    assert_eq!(mark(&server, failed), 0, "and writes work");
    assert_eq!(found(&server, failed), MARKS);
    assert_eq!(get(server.admin.unwrap(), "/readyz").0, 200);
    server.stop();
}

/// A limit on the size of files stands for a full disk, as nobody needs to be root for that.
#[test]
fn when_the_disk_is_full_writes_fail_and_nothing_acknowledged_is_lost() {
    let place = place("");
    let server = place.serve();
    assert_eq!(mark(&server, 0), 0);
    server.stop();

    // Ignored, the signal for the limit becomes an error of the write. The shell counts in halves of a KiB.
    let mut command = pinfold_after(&format!("trap '' XFSZ; ulimit -f {}", FILE_KIB_MAX * 2));
    command.args(["serve", "--config"]).arg(place.config());
    let server = Server::start(command);
    assert_eq!(get(server.admin.unwrap(), "/readyz").0, 200);
    let failed = fill(&server);
    is_out_of_service(server, failed);
    is_back(place.serve(), failed);
}

/// A library that makes every sync fail while a file exists. The build needs a C compiler too, so there is one.
fn failing_sync(place: &Place) -> PathBuf {
    let library = place.path("failing_sync.so");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/failing_sync.c");
    let mut compiler = Command::new("cc");
    compiler.args(["-shared", "-fPIC", "-O1", "-o", text(&library), text(&source), "-ldl"]);
    assert!(compiler.status().expect("a C compiler named cc").success());
    library
}

#[test]
fn when_a_sync_fails_the_call_is_not_acknowledged_and_nothing_else_is_lost() {
    let place = place("");
    let trigger = place.path("sync-fails");
    let mut command = place.command("serve");
    command.env("LD_PRELOAD", failing_sync(&place)).env("PINFOLD_TEST_SYNC_FAILS", &trigger);
    let server = Server::start(command);
    assert!((0..5).all(|n| mark(&server, n) == 0));
    fs::write(&trigger, "").unwrap();
    assert_eq!(mark(&server, 5), 50004);
    // Syncs work again, but what became of the failed one is not known: the store stays closed to writes.
    fs::remove_file(&trigger).unwrap();
    is_out_of_service(server, 5);
    is_back(place.serve(), 5);
}

/// By hand, as root: `mount -t tmpfs -o size=4m tmpfs DIR`, then
/// `PINFOLD_TEST_SMALL_DISK=DIR cargo test -p pinfold --test full_disk -- --ignored`.
#[test]
#[ignore = "needs a small file system of its own"]
fn when_a_small_file_system_is_full_it_is_the_same() {
    let disk = PathBuf::from(std::env::var_os("PINFOLD_TEST_SMALL_DISK").expect("a directory on a small file system"));
    let (ballast, store) = (disk.join("ballast"), disk.join("store"));
    fs::write(&ballast, vec![0; 1 << 20]).unwrap();
    let place = place(&format!("[store]\nurl = \"file:{}\"", text(&store)));
    let server = place.serve();
    assert_eq!(mark(&server, 0), 0);
    let failed = fill(&server);
    is_out_of_service(server, failed);
    fs::remove_file(&ballast).unwrap();
    is_back(place.serve(), failed);
    fs::remove_dir_all(&store).unwrap();
}

/// Calls that find nothing to change are decided on what another call has on its way to the disk.
#[test]
fn when_a_sync_fails_no_call_that_asks_for_the_same_is_acknowledged_either() {
    let place = place("");
    let trigger = place.path("sync-fails");
    let mut command = place.command("serve");
    command.env("LD_PRELOAD", failing_sync(&place)).env("PINFOLD_TEST_SYNC_FAILS", &trigger);
    let server = Server::start(command);
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
