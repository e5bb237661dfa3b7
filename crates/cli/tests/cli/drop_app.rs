//! An app that goes from the configuration: its data is told, and can be removed.

use std::fs;
use std::process::Command;

use crate::backup::ended;
use crate::postgres;
use crate::support::{APP, Workspace, http};

/// The app that takes the place of the one of the tests.
const OTHER: u32 = 1_400_000_002;
const WRITES: [(&str, &str); 3] = [
    ("im_open_login_svc/multiaccount_import", r#"{"Accounts":["alice","bob"]}"#),
    ("group_open_http_svc/create_group", r#"{"Type":"Public","Name":"Room","GroupId":"room"}"#),
    (
        "recentcontact/mark_contact",
        r#"{"From_Account":"alice","MarkItem":[{"OptType":2,"ContactItem":{"Type":1,"To_Account":"bob"},"CustomMark":"vip"}]}"#,
    ),
];
const TOLD: &str = "the store has data of an app that is not configured; pinfold drop-app removes it";

/// Has the configuration name another app.
fn exchange(workspace: &Workspace, app: u32, by: u32) {
    let text = fs::read_to_string(workspace.config()).unwrap();
    fs::write(workspace.config(), text.replace(&format!("sdkappid = {app}"), &format!("sdkappid = {by}"))).unwrap();
}

fn drop_app(workspace: &Workspace) -> Command {
    let mut command = workspace.command("drop-app");
    command.arg(APP.to_string());
    command
}

/// A workspace whose store has something of the app, and whose configuration does not name it any more.
fn without_its_app(store: &str) -> Workspace {
    let workspace = Workspace::with(store);
    let server = workspace.serve();
    for (command, body) in WRITES {
        assert_eq!(http::code(&http::post(server.rest, command, body)), 0);
    }
    let (code, line, _) = ended(drop_app(&workspace), &["--yes"]);
    assert_eq!(code, Some(1));
    assert!(line.contains("app 1400000001 is in the configuration; remove it there"), "{line}");
    exchange(&workspace, APP, OTHER);
    server.signal("HUP");
    server.await_log(TOLD);
    server.stop();
    workspace
}

fn is_told_and_removed(workspace: &Workspace) {
    let server = workspace.serve();
    server.await_log(TOLD);
    let log = server.log();
    let line = log.lines().find(|line| line.contains(TOLD)).unwrap();
    assert!(line.contains(r#"WARN"#) && line.contains(r#"app=1400000001 accounts="2" chat_groups=1"#), "{line}");
    server.stop();

    let all = "2 accounts and 1 chat group of app 1400000001";
    let (code, line, _) = ended(drop_app(workspace), &[]);
    assert_eq!(
        (code, line),
        (Some(1), format!("pinfold: {all} are left: stdin is not a terminal to ask on; add --yes"))
    );
    let (code, _, printed) = ended(drop_app(workspace), &["--dry-run", "--yes"]);
    assert_eq!((code, printed), (Some(0), format!("{all} would be removed\n")));
    let (code, line, _) = ended(drop_app(workspace), &["--yes", "--progress"]);
    assert!(code == Some(0) && line.starts_with(&format!("removed {all} in ")), "{line}");
    let (code, _, printed) = ended(drop_app(workspace), &["--yes"]);
    assert_eq!((code, printed.as_str()), (Some(0), "nothing is kept for app 1400000001\n"));

    exchange(workspace, OTHER, APP);
    let server = workspace.serve();
    let check = r#"{"CheckItem":[{"UserID":"alice"},{"UserID":"bob"}]}"#;
    let answer = http::post(server.rest, "im_open_login_svc/account_check", check);
    assert_eq!(answer.matches("NotImported").count(), 2, "{answer}");
    let answer = http::post(server.rest, "group_open_http_svc/get_appid_group_list", "{}");
    assert!(answer.contains(r#""TotalCount":0"#), "{answer}");
    server.stop();
}

#[test]
fn the_data_of_an_app_that_left_the_configuration_is_told_and_can_be_removed() {
    is_told_and_removed(&without_its_app(""));
}

#[test]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
fn the_data_of_an_app_is_told_and_removed_over_a_database_too() {
    let url = postgres::shared().new_schema();
    is_told_and_removed(&without_its_app(&format!("store.url = \"{url}\"")));
}

#[test]
fn an_app_of_a_store_that_is_served_is_not_removed() {
    let workspace = without_its_app("");
    let server = workspace.serve();
    let (code, line, _) = ended(drop_app(&workspace), &["--yes"]);
    assert!(code == Some(1) && line.contains("is in use by another process"), "{line}");
    server.stop();
}
