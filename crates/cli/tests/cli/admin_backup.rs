//! The page of the admin plane that gives backups: which callers get one, and the lines that are logged of each.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;

use pinfold_core::{AccountId, AccountState, AppId};
use pinfold_store::AccountKey;
use pinfold_store::dump::Writer;

use crate::backup::{ended, well, workspace};
use crate::support::{APP, Server, Workspace, http, text};

/// Accounts with long names, and how long these are.
const LONG_ACCOUNTS: usize = 300;
const LONG_BYTES: usize = 100_000;

#[test]
fn only_who_reads_the_data_directory_gets_a_backup_and_only_while_it_is_served() {
    let from = workspace();
    let server = from.serve();
    let (admin, access) = (server.admin.unwrap(), from.path("pinfold-data/backup-access"));
    assert_eq!(fs::metadata(&access).unwrap().permissions().mode() & 0o777, 0o600);
    let text = fs::read_to_string(&access).unwrap();
    let (address, authorization) = text.trim_end().split_once(' ').unwrap();
    assert_eq!(address.parse(), Ok(admin));
    assert_eq!(http::get(admin, "/backup").0, 405, "it takes a POST");
    let wrong = authorization.replace(|digit: char| digit.is_ascii_digit(), "a");
    for (authorization, status) in [("", 403), ("Bearer", 403), (wrong.as_str(), 403), (authorization, 200)] {
        assert_eq!(post_backup(admin, authorization).0, status, "{authorization}");
    }
    assert_ne!(http::code(&http::get(server.rest, "/backup").1), 0, "nothing of it is on the REST plane");
    server.stop();
    assert!(!access.exists());
}

#[test]
fn a_server_without_an_admin_plane_is_told() {
    let from = Workspace::with_app("admin_listen = \"\"", "accounts = \"any\"");
    let server = from.serve();
    let (code, line, _) = ended(from.command("backup"), &[text(&from.path("backup"))]);
    assert!(
        code == Some(1) && line.contains("gives no backups. A server does, unless its admin_listen is empty"),
        "{line}"
    );
    assert!(!from.path("backup").exists() && !from.path("backup.partial").exists());
    server.stop();
}

fn post_backup(admin: SocketAddr, authorization: &str) -> (u16, String) {
    http::answer(ask_for_backup(admin, authorization))
}

fn ask_for_backup(admin: SocketAddr, authorization: &str) -> TcpStream {
    let mut stream = http::connect(admin);
    let head = format!(
        "POST /backup HTTP/1.1\r\nHost: pinfold\r\nConnection: close\r\nAuthorization: {authorization}\r\nContent-Length: 0\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream
}

/// More than waits in the buffers of a connection.
fn dump_of_long_accounts() -> Vec<u8> {
    let mut writer = Writer::begin(Vec::new(), 0).unwrap();
    let mut state = AccountState::default();
    state.head.imported = true;
    state.profile.nick = "n".repeat(LONG_BYTES);
    for number in 0..LONG_ACCOUNTS {
        let account = AccountId::parse(&format!("account {number}")).unwrap();
        writer.account(&AccountKey { app: AppId(APP), account }, &state).unwrap();
    }
    writer.end().unwrap()
}

/// A server over a store whose backup does not fit into the buffers of a connection.
fn serve_long_accounts(from: &Workspace) -> Server {
    let dump = from.path("dump");
    fs::write(&dump, dump_of_long_accounts()).unwrap();
    well(from.command("import"), &[text(&dump)]);
    from.serve()
}

#[test]
fn a_reader_that_stands_still_loses_its_backup_and_hands_on_the_turn() {
    let from = Workspace::with_app("[timeouts]\nbackup_stall_ms = 500", "accounts = \"any\"");
    let server = serve_long_accounts(&from);
    let access = fs::read_to_string(from.path("pinfold-data/backup-access")).unwrap();
    let authorization = access.trim_end().split_once(' ').unwrap().1;
    let mut stands_still = ask_for_backup(server.admin.unwrap(), authorization);
    stands_still.read_exact(&mut [0; 1000]).unwrap();
    server.await_log("nothing was read of it for 0.5 seconds (timeouts.backup_stall_ms)");
    well(from.command("backup"), &[text(&from.path("whole"))]);
    // The unread rest was discarded, and the connection reports it.
    assert!(stands_still.read_to_end(&mut Vec::new()).is_err());
    server.stop();
}

#[test]
fn the_command_says_that_its_output_stood_still() {
    let from = Workspace::with_app("[timeouts]\nbackup_stall_ms = 500", "accounts = \"any\"");
    let server = serve_long_accounts(&from);
    let mut command = from.command("backup");
    let mut child = command.arg("-").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    server.await_log("nothing was read of it for 0.5 seconds");
    let mut stdout = child.stdout.take().unwrap();
    std::io::copy(&mut stdout, &mut std::io::sink()).unwrap();
    let output = child.wait_with_output().unwrap();
    let line = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(line.contains("took nothing for") && line.contains("timeouts.backup_stall_ms"), "{line}");
    server.stop();
}

#[test]
fn the_log_tells_once_how_each_backup_ended_also_of_one_whose_client_leaves() {
    let from = workspace();
    let server = serve_long_accounts(&from);
    let access = fs::read_to_string(from.path("pinfold-data/backup-access")).unwrap();
    let authorization = access.trim_end().split_once(' ').unwrap().1;
    let lines = |log: &str, what: &str| log.lines().filter(|line| line.contains(what)).count();
    let mut leaves = ask_for_backup(server.admin.unwrap(), authorization);
    leaves.read_exact(&mut [0; 1000]).unwrap();
    assert_eq!(lines(&server.log(), "a backup ended early"), 0, "it is on its way");
    drop(leaves);
    server.await_log("a backup ended early");
    well(from.command("backup"), &[text(&from.path("whole"))]);
    server.signal("TERM");
    let (_, log) = server.wait();
    for (what, times) in [("a backup begins", 2), ("a backup ended early", 1), ("a backup was read", 1)] {
        assert_eq!(lines(&log, what), times, "{what}: {log}");
    }
    let line = log.lines().find(|line| line.contains("a backup ended early")).unwrap();
    assert!(line.contains("WARN") && line.contains("the client left"), "{line}");
}
