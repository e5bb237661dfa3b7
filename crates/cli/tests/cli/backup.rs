//! `backup`, with and without a server, and that what it wrote restores.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::postgres;
use crate::support::{TIMEOUT, Workspace, http, pinfold, pinfold_after, run, text};

/// Accounts of each writer, who marks them in turn.
const ACCOUNTS: u64 = 40;
const WRITERS: u64 = 3;
/// Largest file in KiB where the disk is full.
const FILE_KIB_MAX: u32 = 64;

pub(crate) fn workspace() -> Workspace {
    Workspace::with_app("", "accounts = \"any\"\ncalls_per_second_max = 0")
}

/// Runs a command; its exit code, the last line on stderr, and stdout.
pub(crate) fn ended(mut command: Command, arguments: &[&str]) -> (Option<i32>, String, String) {
    command.args(arguments);
    let output = run(command);
    let (stdout, stderr) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    (output.status.code(), stderr.lines().last().unwrap_or_default().to_owned(), stdout)
}

/// The command ends well; the last line on stderr.
pub(crate) fn well(command: Command, arguments: &[&str]) -> String {
    let (code, line, _) = ended(command, arguments);
    assert_eq!(code, Some(0), "{line}");
    line
}

fn account(writer: u64, number: u64) -> String {
    format!("writer {writer} account {}", number % ACCOUNTS)
}

/// Mark `number` of a writer, from 1: the account's custom mark says which it was.
pub(crate) fn mark(rest: SocketAddr, writer: u64, number: u64) {
    let account = account(writer, number);
    let body = format!(
        r#"{{"From_Account":"{account}","MarkItem":[{{"OptType":2,"ContactItem":{{"Type":1,"To_Account":"bob"}},"CustomMark":"{number}"}}]}}"#
    );
    assert_eq!(http::code(&http::post(rest, "recentcontact/mark_contact", &body)), 0);
}

/// The marks that each account of a writer has; 0 for none.
fn marked(rest: SocketAddr, writer: u64) -> Vec<u64> {
    let mark = |number| {
        let body = format!(r#"{{"From_Account":"{}"}}"#, account(writer, number));
        let answer = http::post(rest, "recentcontact/get_contact_group", &body);
        let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
        assert_eq!(answer["ErrorCode"], 0, "{answer}");
        answer["ContactItem"][0]["CustomMark"].as_str().map_or(0, |mark| mark.parse().unwrap())
    };
    (0..ACCOUNTS).map(mark).collect()
}

/// Marks `1..` of a writer that was at `last` when everything stopped: the newest of each account.
fn after(last: u64) -> Vec<u64> {
    let newest = |number: u64| last.saturating_sub((last + ACCOUNTS - number) % ACCOUNTS);
    (0..ACCOUNTS).map(newest).collect()
}

/// Restores a backup into a new workspace; a server over it.
pub(crate) fn restored(backup: &str) -> (Workspace, crate::support::Server) {
    let to = workspace();
    let line = well(to.command("restore"), &[backup]);
    assert!(line.starts_with("restored "), "{line}");
    let server = to.serve();
    (to, server)
}

#[test]
fn the_history_is_left_out_where_it_is_asked_for_whether_the_store_is_served_or_not() {
    let from = workspace();
    let server = from.serve();
    mark(server.rest, 0, 1);
    let written = |command: &str, name: &str, arguments: &[&str]| {
        let path = from.path(name);
        well(from.command(command), &[arguments, &[text(&path)]].concat());
        fs::read_to_string(path).unwrap()
    };
    let says_so = |dump: &str| dump.lines().next().unwrap().contains("\"history\":false");
    assert!(says_so(&written("backup", "served", &["--without-history"])));
    assert!(!says_so(&written("backup", "served with it", &[])));
    server.stop();
    for command in ["backup", "export"] {
        assert!(says_so(&written(command, &format!("{command} without"), &["--without-history"])));
        assert!(!says_so(&written(command, &format!("{command} with it"), &[])));
    }
}

#[test]
fn a_backup_under_load_restores_to_one_instant_between_its_begin_and_its_end() {
    let from = workspace();
    let server = from.serve();
    let rest = server.rest;
    let (stop, acknowledged) = (AtomicBool::new(false), Mutex::new(BTreeMap::<u64, u64>::new()));
    let write = |writer| {
        for number in 1.. {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            mark(rest, writer, number);
            acknowledged.lock().unwrap().insert(writer, number);
        }
    };
    let backups = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS).map(|writer| scope.spawn(move || write(writer))).collect();
        let began = Instant::now();
        while (0..WRITERS).any(|writer| acknowledged.lock().unwrap().get(&writer).is_none_or(|last| *last < 60)) {
            assert!(began.elapsed() < TIMEOUT, "nothing is written");
            std::thread::sleep(Duration::from_millis(5));
        }
        let backups: Vec<_> = ["plain.ndjson", "compressed.ndjson.gz"]
            .map(|name| {
                let (before, path) = (acknowledged.lock().unwrap().clone(), from.path(name));
                let line = well(from.command("backup"), &[text(&path)]);
                assert!(line.contains(" read back and whole"), "{line}");
                (before, acknowledged.lock().unwrap().clone(), path)
            })
            .into();
        stop.store(true, Ordering::Relaxed);
        writers.into_iter().for_each(|writer| writer.join().unwrap());
        backups
    });
    server.stop();
    for (at_begin, at_end, path) in backups {
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let (_workspace, server) = restored(text(&path));
        for writer in 0..WRITERS {
            let found = marked(server.rest, writer);
            let last = found.iter().copied().max().unwrap();
            assert_eq!(found, after(last), "writer {writer} stopped everywhere at mark {last}");
            // One more than was acknowledged may have been on its way.
            assert!((at_begin[&writer]..=at_end[&writer] + 1).contains(&last), "{at_begin:?} {last} {at_end:?}");
        }
        server.stop();
    }
    assert!(!from.path("plain.ndjson.partial").exists() && !from.path("compressed.ndjson.gz.partial").exists());
}

#[test]
fn a_store_without_a_server_is_backed_up_as_well_and_a_directory_gets_names_with_the_time() {
    let from = workspace();
    let server = from.serve();
    (1..=50).for_each(|number| mark(server.rest, 0, number));
    server.kill();
    // The address that a killed server left there leads to no server.
    assert!(from.path("pinfold-data/backup-access").exists());
    let directory = from.path("backups");
    fs::create_dir(&directory).unwrap();
    well(from.command("backup"), &[text(&directory)]);
    let files: Vec<_> = fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    let name = files[0].file_name().unwrap().to_str().unwrap();
    assert!(files.len() == 1 && name.starts_with("pinfold-20") && name.ends_with("Z.ndjson.gz"), "{files:?}");
    let line = well(pinfold([]), &["check", text(&files[0])]);
    assert!(line.starts_with("checked 40 accounts, 50 changes and 0 chat groups in "), "{line}");
    let (_workspace, server) = restored(text(&files[0]));
    assert_eq!(marked(server.rest, 0), after(50));
    server.stop();
    let line = well(workspace().command("import"), &[text(&files[0])]);
    assert!(line.starts_with("imported 40 accounts, 50 changes and "), "{line}");
}

#[test]
fn a_copy_of_the_directory_is_backed_up_itself_while_the_original_is_served() {
    let (from, copy) = (workspace(), workspace());
    let server = from.serve();
    (1..=5).for_each(|number| mark(server.rest, 0, number));
    let copied = Command::new("cp").arg("-a").arg(from.path("pinfold-data")).arg(copy.directory.path()).status();
    assert!(copied.unwrap().success() && copy.path("pinfold-data/backup-access").exists());
    mark(server.rest, 0, 6);
    let file = copy.path("backup.ndjson");
    let line = well(copy.command("backup"), &[text(&file)]);
    assert!(line.starts_with("backed up 5 accounts, 5 changes and "), "{line}");
    server.stop();
}

#[test]
fn a_backup_through_a_pipe_is_the_same_dump() {
    let from = workspace();
    let server = from.serve();
    (1..=5).for_each(|number| mark(server.rest, 0, number));
    let (code, line, dump) = ended(from.command("backup"), &["-"]);
    assert!(code == Some(0) && line.contains("was not read back"), "{line}");
    server.stop();
    let file = from.path("piped");
    fs::write(&file, dump).unwrap();
    let (_workspace, server) = restored(text(&file));
    assert_eq!(marked(server.rest, 0), after(5));
    server.stop();
}

#[test]
fn a_link_or_a_file_in_the_workspace_of_the_unfinished_file_is_neither_followed_nor_kept() {
    let from = workspace();
    from.serve().stop();
    let (other, file, partial) = (from.path("other"), from.path("backup"), from.path("backup.partial"));
    for is_symlink in [false, true] {
        fs::write(&other, "another backup").unwrap();
        fs::set_permissions(&other, fs::Permissions::from_mode(0o666)).unwrap();
        if is_symlink { symlink(&other, &partial) } else { fs::hard_link(&other, &partial) }.unwrap();
        well(from.command("backup"), &[text(&file)]);
        assert_eq!(fs::read_to_string(&other).unwrap(), "another backup");
        let written = fs::symlink_metadata(&file).unwrap();
        assert!(written.is_file() && written.permissions().mode() & 0o777 == 0o600);
        fs::remove_file(&file).unwrap();
    }
}

#[test]
fn a_file_that_is_there_is_not_written_over_and_what_an_interrupted_backup_left_is() {
    let from = workspace();
    from.serve().stop();
    let (file, partial) = (from.path("backup.ndjson"), from.path("backup.ndjson.partial"));
    fs::write(&partial, "half").unwrap();
    well(from.command("backup"), &[text(&file)]);
    assert!(!partial.exists());
    let whole = fs::read(&file).unwrap();
    let (code, line, _) = ended(from.command("backup"), &[text(&file)]);
    let expected =
        format!("pinfold: cannot write {}: it exists already; choose another name or remove it", text(&file));
    assert_eq!((code, line), (Some(1), expected));
    assert_eq!(fs::read(&file).unwrap(), whole);
}

/// A limit on the size of files stands for a full disk.
#[test]
fn when_the_disk_is_full_a_sentence_is_told_and_nothing_is_left() {
    let from = workspace();
    let server = from.serve();
    (0..8).for_each(|writer| (1..=ACCOUNTS).for_each(|number| mark(server.rest, writer, number)));
    let file = from.path("backup.ndjson");
    let mut command = pinfold_after(&format!("trap '' XFSZ; ulimit -f {}", FILE_KIB_MAX * 2));
    command.args(["backup", "--config"]).arg(from.config());
    let (code, line, _) = ended(command, &[text(&file)]);
    let expected = format!("pinfold: cannot write {}: File too large", text(&file));
    assert!(code == Some(1) && line.starts_with(&expected) && line.ends_with("was removed"), "{line}");
    assert!(!file.exists() && !from.path("backup.ndjson.partial").exists());
    // The server is none the worse for it.
    mark(server.rest, 0, 1);
    well(from.command("backup"), &[text(&file)]);
    server.stop();
}

#[test]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
fn a_database_is_backed_up_and_restored_while_it_is_served() {
    let over = |url: &str| {
        Workspace::with_app(&format!("[store]\nurl = \"{url}\""), "accounts = \"any\"\ncalls_per_second_max = 0")
    };
    let (from, to) = (over(&postgres::shared().new_schema()), over(&postgres::shared().new_schema()));
    let server = from.serve();
    (1..=50).for_each(|number| mark(server.rest, 0, number));
    let file = from.path("backup.ndjson.gz");
    well(from.command("backup"), &[text(&file)]);
    assert!(well(from.command("check"), &[]).contains("nothing is damaged"));
    let (code, line, _) = ended(from.command("restore"), &[text(&file)]);
    assert!(code == Some(1) && line.starts_with("pinfold: the store is not empty (account \"writer 0 "), "{line}");
    server.stop();
    well(to.command("restore"), &[text(&file)]);
    let server = to.serve();
    assert_eq!(marked(server.rest, 0), after(50));
    server.stop();
    let (_workspace, server) = restored(text(&file));
    assert_eq!(marked(server.rest, 0), after(50));
    server.stop();
}

#[test]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
fn a_dump_of_a_sharded_database_says_that_it_is_not_of_one_instant() {
    let url = postgres::shared().new_schema();
    let schema = url.rsplit("%3D").next().unwrap().to_owned();
    let from = Workspace::with_app(&format!("[store]\nurl = \"{url}\""), "accounts = \"any\"");
    from.serve().stop();
    let said = |command: &str, to: &str| {
        let mut command = from.command(command);
        command.arg(from.path(to));
        let output = run(command);
        assert_eq!(output.status.code(), Some(0));
        String::from_utf8(output.stderr).unwrap()
    };
    let is_said = |said: String| said.contains("the database is sharded: this dump is not of one instant");
    assert!(!is_said(said("backup", "plain.ndjson")) && !is_said(said("export", "plain-too.ndjson")));
    // Citus has such a table, with a row for each table that it distributes.
    postgres::shared().psql(&format!(
        "CREATE TABLE {schema}.pg_dist_partition (logicalrelid regclass); \
         INSERT INTO {schema}.pg_dist_partition VALUES ('{schema}.pinfold_accounts')"
    ));
    assert!(is_said(said("backup", "sharded.ndjson")) && is_said(said("export", "sharded-too.ndjson")));
}
