//! Calls of commands that came after 0.1.0, on a store that it left: it goes on with orders, data, the list of recent
//! conversations and the history as any other.

use std::path::Path;

use crate::answers::{Step, answered};
use crate::data::{call, group_message, message, query, recent};
use crate::support::{APP, Workspace};

/// A call that is answered with this, the rest of the answer may tell the time.
fn answers(command: &str, fields: &str, expected: &str) -> Step {
    with(call(command, &format!(r#"{{"From_Account":"alice"{fields}}}"#)), expected)
}

fn with(step: Step, expected: &str) -> Step {
    match step {
        Step::Call { command, body, .. } => Step::Call { command, body, answer: expected.into() },
        Step::Comment(_) | Step::Query(_) | Step::Restart => step,
    }
}

/// Reads what the calls before left.
fn read() -> [Step; 3] {
    let groups = r#"{"GroupItem":[{"GroupName":"Next","GroupId":4,"Count":1,"Data":"{\"colour\":\"red\"}"},{"GroupName":"Office","GroupId":1,"Count":6,"Data":""},{"GroupName":"工作","GroupId":3,"Count":6,"Data":""}],"#;
    let list = r#"{"SessionItem":[{"Type":1,"To_Account":"carol","MsgTime":1700000002,"TopFlag":0},{"Type":2,"GroupId":"team 1","MsgTime":1700000004,"TopFlag":0},{"Type":1,"To_Account":"peer 31","#;
    let of_bob = r#"{"SessionItem":[{"Type":1,"To_Account":"alice","MsgTime":1700000001,"TopFlag":0}"#;
    [
        answers("pinfold/list_groups", "", groups),
        answers("recentcontact/get_list", "", list),
        with(recent("get_list", "bob", r#""AssistFlags":63"#), of_bob),
    ]
}

fn steps() -> Vec<Step> {
    let mut steps = vec![
        query(APP),
        answers(
            "pinfold/order_groups",
            r#","GroupName":["Next"]"#,
            r#"{"GroupItem":[{"GroupName":"Next","GroupId":4,"#,
        ),
        answers(
            "pinfold/set_group_data",
            r#","GroupName":"Next","Data":"{\"colour\":\"red\"}""#,
            r#""Data":"{\"colour\":\"red\"}""#,
        ),
        answers(
            "pinfold/order_pins",
            r#","RecentContactItem":[{"Type":1,"To_Account":"peer 31"}]"#,
            r#"{"RecentContactItem":[{"Type":1,"To_Account":"peer 31"},{"Type":1,"To_Account":"peer 14"},"#,
        ),
        answers("recentcontact/get_list", "", r#"{"SessionItem":[{"Type":1,"To_Account":"peer 31","#),
        with(message("alice", "bob", 1_700_000_001), r#""ErrorCode":0"#),
        with(message("alice", "carol", 1_700_000_002), r#""ErrorCode":0"#),
        with(group_message("alice", "team 1", 1_700_000_003), r#""Result":0"#),
        with(group_message("bob", "team 1", 1_700_000_004), r#""Result":0"#),
        answers("recentcontact/delete", r#","Type":1,"To_Account":"bob""#, r#""ErrorCode":0"#),
    ];
    steps.extend(read());
    steps.push(Step::Restart);
    steps.extend(read());
    steps.extend(history());
    // What comes after a deletion has nothing of before.
    steps.extend([
        with(call("im_open_login_svc/account_delete", r#"{"DeleteItem":[{"UserID":"alice"}]}"#), r#""ResultCode":0"#),
        with(call("im_open_login_svc/account_import", r#"{"UserID":"alice"}"#), r#""ErrorCode":0"#),
        answers("recentcontact/get_list", "", r#"{"SessionItem":[],"#),
        answers("pinfold/list_groups", "", r#"{"GroupItem":[],"#),
    ]);
    steps
}

/// The first changes of an account that 0.1.0 left, and one that is undone.
fn history() -> [Step; 8] {
    let of_erin = |command, fields: &str, expected| {
        let body = format!(r#"{{"From_Account":"erin"{fields}}}"#);
        with(call(command, &body), expected)
    };
    let marked = r#""Caller":"administrator","Via":"call","Command":"mark_contact","Event":[{"EventType":"MarkChanged","ContactItem":{"Type":1,"To_Account":"peer 1"},"OldStandardMark":"","StandardMark":"1","OldCustomMark":"","CustomMark":""}]}],"CompleteFlag":1,"Before":0,"#;
    let undone = r#""Via":"undo","Command":"undo","Event":[{"EventType":"MarkChanged","ContactItem":{"Type":1,"To_Account":"peer 1"},"OldStandardMark":"1","StandardMark":"","OldCustomMark":"","CustomMark":""}]}]"#;
    let item = r#","MarkItem":[{"OptType":1,"ContactItem":{"Type":1,"To_Account":"peer 1"},"SetMark":[0]}]"#;
    let changes = || of_erin("pinfold/get_changes", r#","Before":2"#, marked);
    [
        of_erin("pinfold/get_changes", "", r#"{"Change":[],"CompleteFlag":1,"Before":0,"#),
        of_erin("recentcontact/mark_contact", item, r#""ResultCode":0"#),
        changes(),
        of_erin("pinfold/undo", r#","Revision":1"#, undone),
        Step::Restart,
        of_erin("pinfold/get_changes", "", r#"{"Change":[{"Revision":2,"#),
        changes(),
        of_erin("recentcontact/get_contact_group", r#","StartIndex":0"#, r#"{"ContactItem":[]"#),
    ]
}

/// After the calls of the release were answered. Later releases left what these commands write, and their own calls go
/// on with it.
pub(crate) fn goes_on(release: &Path, workspace: &Workspace) {
    if !release.ends_with("0.1.0") {
        return;
    }
    let steps = steps();
    for (expected, found) in steps.iter().zip(answered(workspace, &steps)) {
        if let (Step::Call { answer: expected, .. }, Step::Call { command, body, answer }) = (expected, found) {
            assert!(answer.contains(expected), "{command} {body}\nis answered {answer}\nnot {expected}");
        }
    }
}
