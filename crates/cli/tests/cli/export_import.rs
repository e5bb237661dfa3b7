//! `export` and `import`.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::{Command, Stdio};
use std::time::Duration;

use pinfold_core::{AccountId, AccountState, AppId};
use pinfold_store::AccountKey;
use pinfold_store::dump::Writer;

use crate::support::{APP, Workspace, http, run, text};

/// Accounts of the dump whose import is killed, and how often.
const ACCOUNTS: u32 = 8000;
const KILLS: u32 = 4;

const WRITES: [(&str, &str); 4] = [
    ("im_open_login_svc/multiaccount_import", r#"{"Accounts":["alice","bob"]}"#),
    (
        "recentcontact/create_contact_group",
        r#"{"From_Account":"alice","GroupContactItem":[{"GroupName":"Work","ContactItem":[{"Type":1,"To_Account":"bob"}]}]}"#,
    ),
    (
        "recentcontact/mark_contact",
        r#"{"From_Account":"alice","MarkItem":[{"OptType":3,"ContactItem":{"Type":2,"ToGroupId":"room"},"SetMark":[0,33],"CustomMark":"vip"}]}"#,
    ),
    ("group_open_http_svc/create_group", r#"{"Type":"Public","Name":"Room","GroupId":"room"}"#),
];
const READS: [(&str, &str); 4] = [
    ("im_open_login_svc/account_check", r#"{"CheckItem":[{"UserID":"alice"},{"UserID":"bob"},{"UserID":"carol"}]}"#),
    ("recentcontact/get_contact_group", r#"{"From_Account":"alice","StartIndex":0}"#),
    ("group_open_http_svc/get_group_info", r#"{"GroupIdList":["room"]}"#),
    ("group_open_http_svc/get_appid_group_list", "{}"),
];

fn workspace() -> Workspace {
    Workspace::with("")
}

/// Runs a command; its exit code and the last line on stderr.
fn ended(command: Command) -> (Option<i32>, String) {
    let output = run(command);
    let stderr = String::from_utf8(output.stderr).unwrap();
    (output.status.code(), stderr.lines().last().unwrap_or_default().to_owned())
}

/// `pinfold SUBCOMMAND --config … FILE`.
fn moving(workspace: &Workspace, subcommand: &str, arguments: &[&str]) -> Command {
    let mut command = workspace.command(subcommand);
    command.args(arguments);
    command
}

/// A workspace with something in its store, and what reading it answers.
fn filled() -> (Workspace, Vec<String>) {
    let workspace = workspace();
    let server = workspace.serve();
    for (command, body) in WRITES {
        assert_eq!(http::code(&http::post(server.rest, command, body)), 0);
    }
    server.stop();
    let answers = answers(&workspace);
    (workspace, answers)
}

fn answers(workspace: &Workspace) -> Vec<String> {
    let server = workspace.serve();
    let answers = READS.map(|(command, body)| http::post(server.rest, command, body));
    server.stop();
    answers.into()
}

/// A dump of its store; the path.
fn dump(workspace: &Workspace, name: &str) -> String {
    let file = workspace.path(name);
    assert_eq!(ended(moving(workspace, "export", &[text(&file)])).0, Some(0));
    text(&file).to_owned()
}

#[test]
fn an_imported_store_answers_as_the_exported_one() {
    let (from, answered) = filled();
    let (file, to) = (from.path("dump.ndjson"), workspace());
    let (code, line) = ended(moving(&from, "export", &["--progress", text(&file)]));
    assert!(code == Some(0) && line.starts_with("exported 2 accounts, 4 changes and 1 chat group in "), "{line}");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!from.path("dump.ndjson.partial").exists());

    let (code, line) = ended(moving(&to, "import", &["--progress", text(&file)]));
    assert!(code == Some(0) && line.starts_with("imported 2 accounts, 4 changes and 1 chat group in "), "{line}");
    assert!(to.path("pinfold-data/clean").exists(), "the store was closed");
    assert_eq!(answers(&to), answered);

    let (code, line) = ended(moving(&to, "import", &[text(&file)]));
    assert!(code == Some(1) && line.starts_with("pinfold: the store is not empty (account \""), "{line}");
    let (code, line) = ended(moving(&to, "import", &["--resume", text(&file)]));
    assert!(code == Some(0) && line.ends_with("; 3 were there already"), "{line}");
}

#[test]
fn a_dump_goes_through_pipes() {
    let (from, answered) = filled();
    let (piped, to) = (from.path("piped"), workspace());
    let mut export = moving(&from, "export", &["-"]).stdout(File::create(&piped).unwrap()).spawn().unwrap();
    assert!(export.wait().unwrap().success());
    let mut import = moving(&to, "import", &["-"]);
    import.stdin(File::open(&piped).unwrap());
    assert_eq!(ended(import).0, Some(0));
    assert_eq!(answers(&to), answered);
}

#[test]
fn a_file_that_is_there_is_not_written_over() {
    let (from, _) = filled();
    let file = from.path("thesis.txt");
    fs::write(&file, "years of work").unwrap();
    let (code, line) = ended(moving(&from, "export", &[text(&file)]));
    assert_eq!(code, Some(1));
    let expected = format!("pinfold: cannot write {}: it exists already; ", text(&file));
    assert!(line.starts_with(&expected), "{line}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "years of work");
}

#[test]
fn stores_that_cannot_be_moved_are_told() {
    let (from, _) = filled();
    let file = dump(&from, "dump");
    let server = from.serve();
    for (subcommand, to) in [("export", "other"), ("import", file.as_str())] {
        let (code, line) = ended(moving(&from, subcommand, &[text(&from.path(to))]));
        assert!(code == Some(1) && line.contains("is in use by another process; stop that one first"), "{line}");
    }
    assert!(!from.path("other.partial").exists());
    server.stop();

    let memory = Workspace::with("[store]\nurl = \"memory:\"");
    for subcommand in ["export", "import"] {
        let (code, line) = ended(moving(&memory, subcommand, &[file.as_str()]));
        assert!(code == Some(1) && line.starts_with("pinfold: store.url is memory:, and what is in memory"), "{line}");
    }

    let nothing = workspace();
    let (code, line) = ended(moving(&nothing, "export", &[text(&nothing.path("new"))]));
    assert_eq!(code, Some(1));
    assert_eq!(line, format!("pinfold: there is no store {}; see store.url", text(&nothing.path("pinfold-data"))));
    assert!(!nothing.path("pinfold-data").exists() && !nothing.path("new").exists());
}

#[test]
fn a_damaged_file_is_told_with_its_line_before_anything_is_imported() {
    let (from, to) = (filled().0, workspace());
    let file = dump(&from, "dump");
    let bad = fs::read_to_string(&file).unwrap().replacen("\"serial\":1", "\"serial\":2", 1);
    fs::write(&file, &bad).unwrap();
    let (code, line) = ended(moving(&to, "import", &[&file]));
    let expected =
        format!("pinfold: {file}, line 8: its sum is that of another text; it was changed; nothing was imported");
    assert_eq!((code, line), (Some(1), expected));
    assert!(!to.path("pinfold-data").exists());

    let mut import = moving(&to, "import", &["-"]);
    import.stdin(File::open(&file).unwrap());
    let (code, line) = ended(import);
    assert_eq!(code, Some(1));
    assert!(
        line.starts_with("pinfold: line 8: its sum is that of another text; it was changed; 2 accounts and 0"),
        "{line}"
    );
    assert!(line.ends_with("go on with --resume when the cause is gone"), "{line}");
}

#[test]
fn a_missing_file_is_told() {
    let (code, line) = ended(moving(&workspace(), "import", &["/nowhere/dump"]));
    assert!(code == Some(1) && line.starts_with("pinfold: cannot read /nowhere/dump: "), "{line}");
}

/// Lines of a dump by account; the order is the backend's.
fn lines(dump: &str) -> BTreeSet<&str> {
    dump.lines().filter(|line| line.starts_with("{\"account\"")).collect()
}

#[test]
fn an_import_that_is_killed_again_and_again_goes_on_to_the_end() {
    let to = workspace();
    let mut writer = Writer::begin(Vec::new(), 0).unwrap();
    let mut state = AccountState::default();
    state.head.imported = true;
    for n in 0..ACCOUNTS {
        let account = AccountId::parse(&format!("account {n}")).unwrap();
        state.profile.nick = format!("nick {n}");
        writer.account(&AccountKey { app: AppId(APP), account }, &state).unwrap();
    }
    let (whole, file) = (String::from_utf8(writer.end().unwrap()).unwrap(), to.path("dump"));
    fs::write(&file, &whole).unwrap();
    let mut killed = 0;
    for _ in 0..KILLS {
        // From stdin, so that it begins to import at once.
        let mut import = moving(&to, "import", &["--resume", "-"]);
        import.stdin(File::open(&file).unwrap()).stderr(Stdio::null());
        let mut import = import.spawn().unwrap();
        std::thread::sleep(Duration::from_millis(rand::random_range(20..800)));
        killed += u32::from(import.try_wait().unwrap().is_none());
        let _ = import.kill();
        import.wait().unwrap();
        // The store can be exported, so every account in it is whole.
        let part = to.path("part");
        if to.path("pinfold-data/format").exists() && ended(moving(&to, "export", &[text(&part)])).0 == Some(0) {
            let part_text = fs::read_to_string(&part).unwrap();
            let (part_lines, all) = (lines(&part_text), lines(&whole));
            assert!(part_lines.is_subset(&all), "an account is there in part");
            println!("killed after {} accounts", part_lines.len());
            fs::remove_file(&part).unwrap();
        }
    }
    assert!(killed > 0, "every import was done before it could be killed");
    let (code, line) = ended(moving(&to, "import", &["--resume", text(&file)]));
    assert_eq!(code, Some(0), "{line}");
    let again = fs::read_to_string(dump(&to, "again")).unwrap();
    assert!(lines(&again) == lines(&whole), "something is missing or else");
}

#[test]
fn an_export_of_version_1_tells_what_it_leaves_out() {
    let (from, answered) = filled();
    let (file, to) = (from.path("old"), workspace());
    let output = run(moving(&from, "export", &["--version", "1", text(&file)]));
    let stderr = String::from_utf8(output.stderr).unwrap();
    let expected = "left out the count of changes of 2 accounts: a dump of version 1 has no place for it";
    assert!(output.status.success() && stderr.lines().any(|line| line == expected), "{stderr}");
    assert!(fs::read_to_string(&file).unwrap().starts_with("{\"pinfold_dump\":{\"version\":1,"));
    assert_eq!(ended(moving(&to, "import", &[text(&file)])).0, Some(0));
    assert_eq!(answers(&to), answered);

    let whole = fs::read(&file).unwrap();
    fs::write(from.path("new.partial"), &whole[..whole.len() * 2 / 3]).unwrap();
    let (code, line) = ended(moving(&from, "export", &["--resume", "--version", "2", text(&from.path("new"))]));
    assert!(code == Some(1) && line.ends_with("it is a dump of version 1; go on without --version"), "{line}");
    let (code, line) = ended(moving(&from, "export", &["--version", "3", text(&from.path("newer"))]));
    assert!(code == Some(2) && !line.is_empty(), "{line}");
}

#[test]
fn an_export_that_was_cut_off_goes_on_from_what_it_left() {
    let (from, _) = filled();
    let whole = fs::read(dump(&from, "dump")).unwrap();
    let (again, partial) = (from.path("again"), from.path("again.partial"));
    let (code, line) = ended(moving(&from, "export", &["--resume", text(&again)]));
    assert!(code == Some(1) && line.contains("again.partial: No such file"), "{line}");
    fs::write(&partial, &whole[..whole.len() / 2]).unwrap();
    let (code, line) = ended(moving(&from, "export", &[text(&again)]));
    assert!(code == Some(1) && line.contains("an interrupted export left it"), "{line}");
    assert_eq!(fs::read(&partial).unwrap().len(), whole.len() / 2);
    let second = String::from_utf8(whole.clone()).unwrap().rfind("{\"account\"").unwrap();
    // Within the second account, within the history, and nothing at all.
    for cut in [second + 20, whole.len() * 2 / 3, 0] {
        let _ = fs::remove_file(&again);
        fs::write(&partial, &whole[..cut]).unwrap();
        assert_eq!(ended(moving(&from, "export", &["--resume", text(&again)])).0, Some(0));
        assert_eq!(fs::read_to_string(&again).unwrap().lines().count(), 9);
        assert!(!partial.exists());
    }
    symlink(from.path("dump"), &partial).unwrap();
    fs::remove_file(&again).unwrap();
    assert_eq!(ended(moving(&from, "export", &["--resume", text(&again)])).0, Some(1));
    assert_eq!(fs::read(from.path("dump")).unwrap(), whole, "a link is not followed");
    let (code, line) = ended(moving(&from, "export", &["--resume", "-"]));
    assert!(code == Some(1) && line.contains("--resume needs the name of a file"), "{line}");
}
