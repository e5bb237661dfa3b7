//! `restore` and `check`: what they refuse, and what they leave.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::Command;

use pinfold_core::{AccountId, AccountState, AppId, StateDiff};
use pinfold_store::embedded::Settings;
use pinfold_store::{AccountKey, Backend as _, Embedded, Version};

use crate::backup::{ended, mark, restored, well, workspace};
use crate::support::{APP, Workspace, http, pinfold, pinfold_after, text};

/// Offsets at which a backup is cut, and at which a byte of it is flipped.
const OFFSETS: usize = 25;

/// A workspace with a store, and its backup of this name.
fn backed_up(name: &str) -> (Workspace, String) {
    let from = workspace();
    let server = from.serve();
    (1..=60).for_each(|number| mark(server.rest, 0, number));
    let room = r#"{"Type":"Public","Name":"Room","GroupId":"room"}"#;
    assert_eq!(http::code(&http::post(server.rest, "group_open_http_svc/create_group", room)), 0);
    server.stop();
    let file = from.path(name);
    well(from.command("backup"), &[text(&file)]);
    (from, text(&file).to_owned())
}

pub(crate) fn restore(backup: &Path, to: &Path) -> (Option<i32>, String) {
    let (code, line, _) = ended(pinfold([]), &["restore", "--to", text(to), text(backup)]);
    (code, line)
}

/// Whether only its owner can read it and everything in it.
fn is_private(path: &Path) -> bool {
    let metadata = fs::metadata(path).unwrap();
    let all_below = || fs::read_dir(path).unwrap().all(|entry| is_private(&entry.unwrap().path()));
    metadata.mode() & 0o077 == 0 && (!metadata.is_dir() || all_below())
}

#[test]
fn a_restored_store_is_private_to_its_owner_whatever_the_umask() {
    let (from, file) = backed_up("backup.ndjson");
    let to = from.path("above/to");
    well(pinfold_after("umask 022"), &["restore", "--to", text(&to), &file]);
    assert!(to.join("data").exists() && is_private(&from.path("above")));
}

#[test]
fn a_backup_that_is_cut_or_changed_anywhere_is_refused_and_makes_no_store() {
    for name in ["backup.ndjson", "backup.ndjson.gz"] {
        let (from, file) = backed_up(name);
        let good = fs::read(&file).unwrap();
        let (bad, to) = (from.path("bad"), from.path("to"));
        // Begin and end of a compressed file hold only its own sums, whose change is harmless or reported.
        let offsets = (0..OFFSETS).map(|n| 20 + (good.len() - 40) * n / OFFSETS);
        for offset in offsets.clone() {
            fs::write(&bad, &good[..offset]).unwrap();
            let (code, line) = restore(&bad, &to);
            assert!(code == Some(1) && line.ends_with("; nothing was restored"), "cut at {offset}: {line}");
            assert!(line.starts_with(&format!("pinfold: {}, line ", text(&bad))), "{line}");
            assert!(!to.exists());
        }
        for offset in offsets {
            let mut bytes = good.clone();
            bytes[offset] ^= 1 << (offset % 8);
            fs::write(&bad, &bytes).unwrap();
            let (code, line) = restore(&bad, &to);
            assert!(code == Some(1) && line.ends_with("; nothing was restored"), "byte {offset}: {line}");
            assert!(!to.exists());
            assert_eq!(ended(pinfold([]), &["check", text(&bad)]).0, Some(1));
        }
        fs::write(&bad, [&good[..], b"more"].concat()).unwrap();
        assert_eq!(restore(&bad, &to).0, Some(1), "bytes after its end");
        fs::write(&bad, &good).unwrap();
        assert_eq!(restore(&bad, &to).0, Some(0));
        assert!(to.join("clean").exists() && !to.join("restoring").exists());
    }
}

#[test]
fn only_an_empty_directory_is_restored_into() {
    let (from, file) = backed_up("backup.ndjson");
    let file = Path::new(&file);
    let (code, line) = restore(file, &from.path("pinfold-data"));
    let expected = format!(
        "pinfold: {} is not empty; restore into a directory that is empty or does not exist",
        text(&from.path("pinfold-data"))
    );
    assert_eq!((code, line), (Some(1), expected));
    let other = from.path("other");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("thesis.txt"), "years of work").unwrap();
    assert_eq!(restore(file, &other).0, Some(1));
    assert_eq!(fs::read_dir(&other).unwrap().count(), 1, "it is left alone");
    fs::remove_file(other.join("thesis.txt")).unwrap();
    assert_eq!(restore(file, &other).0, Some(0), "it was there, and empty");
    let (code, line) = restore(file, Path::new("memory:"));
    assert!(code == Some(1) && line.contains("what is in memory ends with its process"), "{line}");
    let (code, line) = restore(file, Path::new("mysql://me:geheim@db"));
    assert!(code == Some(1) && line.contains("--to mysql:… is not a store") && !line.contains("geheim"), "{line}");
}

/// The store is made aside: whatever is found after a kill, a server does not take it for one.
#[test]
fn an_interrupted_restore_leaves_no_store_and_does_not_hinder_the_next_one() {
    let (from, file) = backed_up("backup.ndjson");
    let whole = from.path("whole");
    assert_eq!(restore(Path::new(&file), &whole).0, Some(0));
    for moved in [&[][..], &["format"], &["format", "clean"]] {
        let to = workspace();
        let (store, inside) = (to.path("pinfold-data"), to.path("pinfold-data/restoring"));
        fs::create_dir_all(&inside).unwrap();
        for part in ["format", "clean", "data"] {
            let at = if moved.contains(&part) { &store } else { &inside };
            let copied = Command::new("cp").arg("-r").args([whole.join(part), at.join(part)]).status().unwrap();
            assert!(copied.success());
        }
        let (code, line, _) = ended(to.command("serve"), &[]);
        assert!(code == Some(1) && line.contains("a restore into"), "{moved:?}: {line}");
        let (code, line, _) = ended(to.command("check"), &[]);
        assert!(code == Some(1) && line.contains("a restore into"), "{moved:?}: {line}");
        assert!(inside.exists(), "it is left alone");
        well(to.command("restore"), &[&file]);
        let server = to.serve();
        let answer =
            http::post(server.rest, "recentcontact/get_contact_group", r#"{"From_Account":"writer 0 account 1"}"#);
        assert!(answer.contains(r#""CustomMark":"41""#), "{answer}");
        server.stop();
    }
}

/// A limit on the size of files stands for a full disk.
fn restore_without_room(backup: &Path, to: &Path) -> (Option<i32>, String) {
    let command = pinfold_after("trap '' XFSZ; ulimit -f 16");
    let (code, line, _) = ended(command, &["restore", "--to", text(to), text(backup)]);
    (code, line)
}

#[test]
fn a_restore_that_does_not_fit_on_the_disk_leaves_what_was_there_before_and_nothing_else() {
    let (from, file) = backed_up("backup.ndjson");
    let file = Path::new(&file);
    let (empty, locked) = (from.path("empty"), from.path("locked"));
    fs::create_dir(&empty).unwrap();
    fs::create_dir(&locked).unwrap();
    fs::write(locked.join("lock"), "").unwrap();
    for to in ["new", "above/new", "empty", "empty/new", "locked"].map(|name| from.path(name)) {
        let (code, line) = restore_without_room(file, &to);
        assert!(code == Some(1) && line.ends_with("; nothing of it is left"), "{line}");
        assert!(!from.path("new").exists() && !from.path("above").exists(), "{line}");
        assert_eq!(fs::read_dir(&empty).unwrap().count(), 0, "{line}");
        let kept: Vec<_> = fs::read_dir(&locked).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(kept, ["lock"], "{line}");
    }
    for to in [from.path("above/new"), empty, locked] {
        assert_eq!(restore(file, &to).0, Some(0), "and there is room again");
    }
}

#[test]
fn a_check_tells_each_damage_and_says_so_with_its_exit_code() {
    let (from, _) = backed_up("backup.ndjson");
    let line = well(from.command("check"), &["--progress"]);
    assert!(
        line.starts_with("checked 40 accounts, 60 changes and 1 chat group in ")
            && line.ends_with("nothing is damaged"),
        "{line}"
    );
    let store = from.path("pinfold-data");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let backend = Embedded::open(&store, &Settings::default()).unwrap();
        let account = AccountKey { app: AppId(APP), account: AccountId::parse("dave").unwrap() };
        let mut state = AccountState::default();
        state.head.imported = true;
        state.head.grouped = 3;
        backend.commit(&account, None, Version::numbered(1), StateDiff::whole(&state)).await.unwrap();
        backend.close().await.unwrap();
    });
    let (code, line, stdout) = ended(pinfold([]), &["check", text(&store)]);
    assert_eq!(stdout, format!("account \"dave\" of app {APP}: grouped is 3, and 0 records are grouped\n"));
    assert!(code == Some(1) && line.ends_with(": 1 thing is damaged"), "{line}");
    // A backup of it would not restore, and so there is none.
    let (code, line, _) = ended(from.command("backup"), &[text(&from.path("again"))]);
    assert!(code == Some(1) && line.contains("account \"dave\""), "{line}");
    assert!(!from.path("again").exists() && !from.path("again.partial").exists());
    let rest = from.path("rest");
    let (code, line, _) = ended(from.command("export"), &["--leave-out-damaged", text(&rest)]);
    assert_eq!(code, Some(1));
    assert!(line.starts_with("pinfold: exported 40 accounts, 60 changes and 1 chat group in "), "{line}");
    assert!(line.ends_with("; 1 damaged thing left out"), "{line}");
    assert_eq!(restore(&rest, &from.path("rescued")).0, Some(0));
    let server = from.serve();
    let (code, line, _) = ended(from.command("backup"), &[text(&from.path("again"))]);
    assert_eq!((code, line.as_str()), (Some(1), "pinfold: the server ended the backup early; its log says why"));
    assert!(
        server.log().contains("account \\\"dave\\\"") || server.log().contains("account \"dave\""),
        "{}",
        server.log()
    );
    let (code, line, _) = ended(from.command("check"), &[]);
    assert!(code == Some(1) && line.contains("is in use by another process; check a backup of it"), "{line}");
    server.stop();
    let nothing = workspace();
    let (code, line, _) = ended(nothing.command("check"), &[]);
    assert!(code == Some(1) && line.starts_with("pinfold: there is no store "), "{line}");
    assert!(!nothing.path("pinfold-data").exists());
}

#[test]
fn a_store_that_cannot_be_opened_is_damaged_too() {
    let (from, file) = backed_up("backup.ndjson");
    let journal = fs::read_dir(from.path("pinfold-data/data")).unwrap().map(|entry| entry.unwrap().path());
    let journal = journal.into_iter().find(|path| path.extension().is_some_and(|end| end == "jnl")).unwrap();
    let mut bytes = fs::read(&journal).unwrap();
    bytes[200] ^= 1;
    fs::write(&journal, bytes).unwrap();
    let (code, line, _) = ended(from.command("check"), &[]);
    assert!(code == Some(1) && line.contains("is damaged: "), "{line}");
    let (_place, server) = restored(&file);
    server.stop();
}
