//! Stores that older releases left, opened by this build: each answers as it did then, and goes on from there, with
//! the commands that came since too.
//! `compat/upgrade/README.md` says what they are and how a release adds its own.
#![allow(clippy::unwrap_used, reason = "the helpers are part of tests")]

mod answers;
mod data;
mod goes_on;
mod make;
#[path = "../../../store/tests/support/postgres.rs"]
mod postgres;
#[path = "../support/mod.rs"]
mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use goes_on::goes_on;
use pinfold_core::{
    AccountId, AppId, Arrangement, Conversation, Draft, Origin, Revision, StandardMarks, Timestamp, Via,
    WebhookCommands,
};
use pinfold_store::embedded::Settings;
use pinfold_store::{AccountKey, Embedded, Life, PageBounds, Scope, Shares, Store, Unsent};
use support::{APP, Workspace, run};

/// A store directory after a stop in good order, and after SIGKILL.
const DIRECTORIES: [&str; 2] = ["stopped", "killed"];
const ANSWERS: &str = "answers.txt";
const DUMP: &str = "dump.ndjson";
const DATABASE: &str = "postgres.sql";

fn upgrades() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../compat/upgrade")
}

/// A directory for each release that left something.
fn releases() -> Vec<PathBuf> {
    let entries = fs::read_dir(upgrades()).unwrap().map(|entry| entry.unwrap().path());
    let mut releases: Vec<_> = entries.filter(|path| path.is_dir()).collect();
    releases.sort();
    assert!(!releases.is_empty(), "no release left anything");
    releases
}

/// A workspace whose store is to be found at this URL; without one, in the directory beside its configuration.
fn workspace(url: &str) -> Workspace {
    let store = if url.is_empty() { String::new() } else { format!("store.url = \"{url}\"") };
    Workspace::with_app(&store, &data::second_app())
}

/// A workspace with a copy of a store directory.
fn unpacked(release: &Path, directory: &str) -> Workspace {
    let workspace = workspace("");
    let store = workspace.path("pinfold-data");
    fs::create_dir(&store).unwrap();
    let mut tar = Command::new("tar");
    tar.arg("-xzf").arg(release.join(format!("{directory}.tar.gz"))).arg("-C").arg(&store);
    succeeded(tar);
    workspace
}

/// The URL of a database of its own with the tables of a release.
fn database(release: &Path) -> String {
    let url = postgres::shared().new_database();
    let mut psql = postgres::shared().program("psql");
    psql.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-f"]).arg(release.join(DATABASE)).arg(&url);
    succeeded(psql);
    url
}

/// Runs a command that must succeed.
fn succeeded(command: Command) {
    let what = format!("{command:?}");
    let output = run(command);
    assert!(output.status.success(), "{what}: {}", String::from_utf8_lossy(&output.stderr));
}

fn answers_as_then(release: &Path, workspace: &Workspace) {
    let expected = fs::read_to_string(release.join(ANSWERS)).unwrap();
    let found = answers::write(&answers::answered(workspace, &answers::read(&expected)));
    let different = expected.lines().zip(found.lines()).find(|(expected, found)| expected != found);
    assert_eq!(different, None, "{}", release.display());
    assert_eq!(found, expected);
}

#[test]
fn a_directory_of_every_release_answers_as_then_after_a_stop_and_after_a_kill() {
    for release in releases() {
        for directory in DIRECTORIES {
            let workspace = unpacked(&release, directory);
            let closed = workspace.path("pinfold-data/clean").exists();
            assert_eq!(closed, directory == "stopped", "{}", release.display());
            answers_as_then(&release, &workspace);
            goes_on(&release, &workspace);
        }
    }
}

#[test]
fn a_dump_of_every_release_is_imported_and_answers_as_then() {
    for release in releases() {
        let workspace = workspace("");
        let mut import = workspace.command("import");
        import.arg(release.join(DUMP));
        succeeded(import);
        answers_as_then(&release, &workspace);
        goes_on(&release, &workspace);
    }
}

#[test]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
fn a_database_of_every_release_answers_as_then() {
    for release in releases() {
        let workspace = workspace(&database(&release));
        answers_as_then(&release, &workspace);
        goes_on(&release, &workspace);
    }
}

/// Reading leaves the format, so that the older build still opens the directory; the first start raises it.
#[test]
fn a_directory_of_0_1_0_is_exported_as_0_1_0_did_and_keeps_its_format_until_a_start() {
    let release = upgrades().join("0.1.0");
    let workspace = unpacked(&release, "stopped");
    let format = || fs::read_to_string(workspace.path("pinfold-data/format")).unwrap();
    let mut export = workspace.command("export");
    export.args(["--version", "1"]).arg(workspace.path("dump"));
    succeeded(export);
    succeeded(workspace.command("check"));
    assert_eq!(format(), "pinfold 1\n");
    let accounts_and_chat_groups = |path: PathBuf| {
        let dump = fs::read_to_string(path).unwrap();
        let is_item = |line: &&str| line.starts_with("{\"account\"") || line.starts_with("{\"chat_group\"");
        dump.lines().filter(is_item).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(accounts_and_chat_groups(workspace.path("dump")), accounts_and_chat_groups(release.join(DUMP)));
    workspace.serve().stop();
    assert_eq!(format(), "pinfold 2\n");
}

/// The account's first change since, of the life that all accounts of 0.1.0 share; what other accounts left is not sent.
#[tokio::test(flavor = "multi_thread")]
async fn an_account_of_0_1_0_has_its_first_change_wait_for_the_apps_backend() {
    for directory in DIRECTORIES {
        let workspace = unpacked(&upgrades().join("0.1.0"), directory);
        let backend = Arc::new(Embedded::open(&workspace.path("pinfold-data"), &Settings::default()).unwrap());
        let store = Store::new(backend);
        let (app, id) = (AppId(APP), |text| AccountId::parse(text).unwrap());
        let alice = AccountKey { app, account: id("alice") };
        let origin = Origin { caller: None, via: Via::Call, command: "mark_contact".into() };
        let mark = |draft: &mut Draft<'_>| {
            let arrangement = Arrangement { standard: StandardMarks(1 << 62), ..Arrangement::default() };
            draft.arrange(&Conversation::OneToOne(id("bob")), arrangement);
            Ok(())
        };
        let acting = store.acting(&origin, true).sending(WebhookCommands::ALL);
        acting.update(&alice, &Scope::All, &[], Timestamp(1_700_000_000), mark).await.unwrap();
        let waiting = store.backend().waiting(app, Shares::ALL, None, 9).await.unwrap().accounts;
        let [waiting] = &waiting[..] else { panic!("{waiting:?}") };
        assert_eq!((&waiting.account, waiting.life, waiting.first), (&alice.account, Life(0), Revision(1)));
        let page = PageBounds { count_max: 9, bytes_max: usize::MAX };
        let page = store.backend().unsent(&alice, None, page).await.unwrap();
        assert!(matches!(&page.changes[..], [Unsent { change: Some(_), .. }]), "{page:?}");
        store.backend().close().await.unwrap();
    }
}

/// Those of a dump and of a database are shown elsewhere: `store/tests/dump/damage.rs`, `cli/database.rs`.
#[test]
fn a_directory_of_a_newer_format_is_refused_in_one_sentence_and_left_alone() {
    for directory in DIRECTORIES {
        let workspace = unpacked(releases().last().unwrap(), directory);
        let format = workspace.path("pinfold-data/format");
        let known = fs::read_to_string(&format).unwrap();
        fs::write(&format, "pinfold 999\n").unwrap();
        let output = run(workspace.command("serve"));
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{stderr}");
        let sentences: Vec<_> = stderr.lines().filter(|line| line.starts_with("pinfold: ")).collect();
        assert!(sentences.len() == 1 && sentences[0].contains("has format 999; this build reads up to "), "{stderr}");
        fs::write(&format, known).unwrap();
        workspace.serve().stop();
    }
}
