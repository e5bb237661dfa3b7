//! The list of recent conversations on its way through import, check, export, backup, restore and drop-app.

use std::fs::{self, File};

use pinfold_core::{AccountId, AccountState, AppId, ChatGroupId, Conversation, Head, RecentEntry, Timestamp};
use pinfold_store::AccountKey;
use pinfold_store::dump::Writer;

use crate::backup::{ended, well};
use crate::postgres;
use crate::support::{APP, Workspace, run, text};

const ALL: &str = "1 account, 2 recent conversations, 0 chat groups and 1 chat group time";
/// An app of which nothing is left but the time of a chat group.
const OTHER: u32 = APP + 7;

/// Writes a dump of an account with two recent conversations; further times are of chat groups of these apps.
fn dump(workspace: &Workspace, apps: &[u32]) -> String {
    let path = workspace.path("written.ndjson");
    let mut writer = Writer::begin(File::create(&path).unwrap(), 0).unwrap();
    let account = AccountKey { app: AppId(APP), account: AccountId::parse("alice").unwrap() };
    let head = Head { imported: true, ..Head::default() };
    writer.account(&account, &AccountState { head, ..AccountState::default() }).unwrap();
    let team = ChatGroupId::parse("team").unwrap();
    let conversations =
        [Conversation::OneToOne(AccountId::parse("bob").unwrap()), Conversation::ChatGroup(team.clone())];
    for (conversation, at) in conversations.into_iter().zip([1, 1_750_000_000]) {
        writer.entry(&account, &RecentEntry { conversation, at: Timestamp(at) }).unwrap();
    }
    for app in apps {
        writer.chat_group_time(AppId(*app), &team, Timestamp(1_750_000_001)).unwrap();
    }
    writer.end().unwrap();
    text(&path).to_owned()
}

/// The lines of entries and times.
fn lists(dump: &str) -> Vec<&str> {
    dump.lines().filter(|line| line.starts_with("{\"entry\"") || line.starts_with("{\"chat_group_time\"")).collect()
}

fn goes_through_all_commands(workspace: &Workspace) {
    let written = dump(workspace, &[APP]);
    let line = well(workspace.command("import"), &[&written]);
    assert!(line.starts_with(&format!("imported {ALL} in ")), "{line}");
    let line = well(workspace.command("check"), &[]);
    assert!(line.starts_with(&format!("checked {ALL} in ")) && line.ends_with("nothing is damaged"), "{line}");

    let served = workspace.serve();
    let backup = workspace.path("backup.ndjson.gz");
    let line = well(workspace.command("backup"), &[text(&backup)]);
    assert!(line.starts_with(&format!("backed up {ALL} to ")), "{line}");
    served.stop();
    let line = well(workspace.command("check"), &[text(&backup)]);
    assert!(line.starts_with(&format!("checked {ALL} in ")), "{line}");
    let restored = workspace.path("restored");
    let line = well(workspace.command("restore"), &["--to", text(&restored), text(&backup)]);
    assert!(line.starts_with(&format!("restored {ALL} into ")), "{line}");
    let line = well(workspace.command("check"), &[text(&restored)]);
    assert!(line.starts_with(&format!("checked {ALL} in ")), "{line}");

    let exported = workspace.path("exported.ndjson");
    let line = well(workspace.command("export"), &[text(&exported)]);
    assert!(line.starts_with(&format!("exported {ALL} in ")), "{line}");
    let (exported, written) = (fs::read_to_string(exported).unwrap(), fs::read_to_string(written).unwrap());
    assert_eq!(lists(&exported), lists(&written));
    let line = well(workspace.command("import"), &["--resume", text(&workspace.path("exported.ndjson"))]);
    assert!(line.contains("imported 0 accounts, 2 recent conversations, ") && line.ends_with("; 1 were there already"));
}

#[test]
fn a_list_goes_through_all_commands_over_a_directory() {
    goes_through_all_commands(&Workspace::with(""));
}

#[test]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
fn a_list_goes_through_all_commands_over_a_database() {
    let url = postgres::shared().new_schema();
    goes_through_all_commands(&Workspace::with(&format!("store.url = \"{url}\"")));
}

#[test]
fn an_export_of_version_1_tells_the_conversations_and_times_that_it_leaves_out() {
    let workspace = Workspace::with("");
    well(workspace.command("import"), &[&dump(&workspace, &[APP])]);
    let file = workspace.path("version-1.ndjson");
    let mut export = workspace.command("export");
    export.args(["--version", "1", text(&file)]);
    let stderr = String::from_utf8(run(export).stderr).unwrap();
    for expected in
        ["left out 2 recent conversations: a dump of", "left out the time of the last message in 1 chat group: a"]
    {
        assert!(stderr.contains(expected), "{stderr}");
    }
    assert!(stderr.contains("exported 1 account and 0 chat groups in "), "{stderr}");
    assert_eq!(lists(&fs::read_to_string(file).unwrap()), [""; 0]);
}

#[test]
fn an_app_that_only_has_times_of_chat_groups_is_dropped() {
    let workspace = Workspace::with("");
    well(workspace.command("import"), &[&dump(&workspace, &[APP, OTHER])]);
    let drop_app = |options: &[&str]| {
        let (code, line, stdout) = ended(workspace.command("drop-app"), &[options, &[&OTHER.to_string()]].concat());
        assert_eq!(code, Some(0), "{line}");
        stdout + &line
    };
    let of_other = format!("only times of messages of app {OTHER}");
    assert_eq!(drop_app(&["--dry-run"]), format!("{of_other} would be removed\n"));
    let removed = drop_app(&["--yes"]);
    assert!(removed.starts_with(&format!("removed {of_other} in ")), "{removed}");
    assert_eq!(drop_app(&["--yes"]), format!("nothing is kept for app {OTHER}\n"));
    let line = well(workspace.command("check"), &[]);
    assert!(line.starts_with(&format!("checked {ALL} in ")), "{line}");
}
