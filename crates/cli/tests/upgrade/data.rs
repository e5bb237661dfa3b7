//! The calls that fill the stores of a release with every kind of row, and those that ask what is there.

use pinfold_wire::user_sig::{Claims, make};

use crate::answers::Step;
use crate::support::{APP, KEY};

/// Another app with the same key, in which no account needs to be imported.
const SECOND_APP: u32 = APP + 1;
const ACCOUNTS: [&str; 8] = ["alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi"];
const LONG_ID: &str = "an-id-of-two-and-thirty-byte-工";
const TEXT: &str = r#"{"MsgType":"TIMTextElem","MsgContent":{"Text":""}}"#;
/// Conversations that any account may have something about.
const PEERS: u32 = 40;

/// Keeps the history of a store for longer than the store is tested.
const HISTORY_DAYS: u32 = 36_500;

/// The lines after the first app of the configuration.
pub(crate) fn second_app() -> String {
    format!(
        "calls_per_second_max = 0\nmessages = \"touch\"\nhistory_days = {HISTORY_DAYS}\n\n[[app]]\nsdkappid = {SECOND_APP}\nkeys_file = \"app.keys\"\naccounts = \"any\"\n"
    )
}

pub(crate) fn query(sdkappid: u32) -> Step {
    let claims = Claims {
        sdkappid,
        identifier: "administrator".into(),
        time: 1_700_000_000,
        expire: 10_000_000_000,
        userbuf: None,
    };
    let usersig = make(KEY, &claims).unwrap();
    Step::Query(format!("sdkappid={sdkappid}&identifier=administrator&usersig={usersig}"))
}

pub(crate) fn call(command: &str, body: &str) -> Step {
    Step::Call { command: command.into(), body: body.into(), answer: String::new() }
}

pub(crate) fn recent(command: &str, account: &str, fields: &str) -> Step {
    call(&format!("recentcontact/{command}"), &format!(r#"{{"From_Account":"{account}",{fields}}}"#))
}

fn peer(n: u32) -> String {
    match n % 4 {
        0 => format!(r#"{{"Type":2,"ToGroupId":"team {n}"}}"#),
        _ => format!(r#"{{"Type":1,"To_Account":"{}"}}"#, account(n)),
    }
}

/// Peers have to be imported.
fn account(n: u32) -> String {
    format!("peer {n}")
}

fn peers(numbers: impl Iterator<Item = u32>) -> String {
    numbers.map(peer).collect::<Vec<_>>().join(",")
}

/// Standard marks and a custom mark on each.
fn mark(account: &str, numbers: impl Iterator<Item = u32>) -> Step {
    let item = |n: u32| {
        let custom = if n.is_multiple_of(5) { format!("marke {n} \\u0001 工作") } else { String::new() };
        let item = peer(n);
        format!(r#"{{"OptType":3,"ContactItem":{item},"SetMark":[{},63],"CustomMark":"{custom}"}}"#, n % 60)
    };
    let items: Vec<_> = numbers.map(item).collect();
    recent("mark_contact", account, &format!(r#""MarkItem":[{}]"#, items.join(",")))
}

/// Another mark on one.
fn remark(account: &str, n: u32) -> Step {
    let item = peer(n);
    let item = format!(r#"{{"OptType":3,"ContactItem":{item},"SetMark":[61],"CustomMark":"later"}}"#);
    recent("mark_contact", account, &format!(r#""MarkItem":[{item}]"#))
}

/// Takes every mark off one.
fn unmark(account: &str, n: u32) -> Step {
    let item = peer(n);
    let item =
        format!(r#"{{"OptType":3,"ContactItem":{item},"ClearMark":[{},63],"SetMark":[],"CustomMark":""}}"#, n % 60);
    recent("mark_contact", account, &format!(r#""MarkItem":[{item}]"#))
}

fn create(account: &str, name: &str, numbers: impl Iterator<Item = u32>) -> Step {
    let members = peers(numbers);
    let group = format!(r#""GroupContactItem":[{{"GroupName":"{name}","ContactItem":[{members}]}}]"#);
    recent("create_contact_group", account, &group)
}

fn delete(account: &str, name: &str) -> Step {
    recent("del_contact_group", account, &format!(r#""GroupName":["{name}"]"#))
}

fn pin(account: &str, operation: u32, numbers: impl Iterator<Item = u32>) -> Step {
    let items = peers(numbers);
    recent("top", account, &format!(r#""OperationType":{operation},"RecentContactItem":[{items}]"#))
}

fn pinfold(command: &str, account: &str, fields: &str) -> Step {
    call(&format!("pinfold/{command}"), &format!(r#"{{"From_Account":"{account}"{fields}}}"#))
}

/// A message of this time, in the lists of both.
pub(crate) fn message(from: &str, to: &str, at: u32) -> Step {
    let fields = format!(r#""MsgRandom":1,"MsgTimeStamp":{at},"MsgBody":[{TEXT}]"#);
    let body = format!(r#"{{"SyncFromOldSystem":2,"From_Account":"{from}","To_Account":"{to}",{fields}}}"#);
    call("openim/importmsg", &body)
}

/// A message of this time in a chat group, in the list of its sender.
pub(crate) fn group_message(from: &str, chat_group: &str, at: u32) -> Step {
    let message = format!(r#"{{"From_Account":"{from}","SendTime":{at},"MsgBody":[{TEXT}]}}"#);
    let body = format!(r#"{{"GroupId":"{chat_group}","RecentContactFlag":1,"MsgList":[{message}]}}"#);
    call("group_open_http_svc/import_group_msg", &body)
}

/// The latest change of alice.
fn rename() -> Step {
    let group = r#""UpdateGroupType":1,"OldGroupName":"Work","NewGroupName":"Office""#;
    recent("update_contact_group", "alice", &format!(r#""UpdateType":1,"UpdateGroup":{{{group}}}"#))
}

/// Calls whose rows are in tables before the rest is written.
pub(crate) fn first() -> Vec<Step> {
    let peers = (0..PEERS).map(|n| format!("\"{}\"", account(n))).collect::<Vec<_>>().join(",");
    let names = ACCOUNTS.map(|id| format!("\"{id}\"")).join(",");
    let mut steps = vec![
        query(APP),
        call("im_open_login_svc/multiaccount_import", &format!(r#"{{"Accounts":[{names},"{LONG_ID}"]}}"#)),
        call("im_open_login_svc/multiaccount_import", &format!(r#"{{"Accounts":[{peers}]}}"#)),
        call(
            "im_open_login_svc/account_import",
            r#"{"UserID":"alice","Nick":"Alice","FaceUrl":"http://example.org/a"}"#,
        ),
    ];
    for (n, kind) in
        ["Private", "Work", "Public", "ChatRoom", "Meeting", "AVChatRoom", "Community"].iter().enumerate().rev()
    {
        let group = format!(r#"{{"Type":"{kind}","Name":"Team {n}","Owner_Account":"bob","GroupId":"team {n}"}}"#);
        // `create_group` takes no such id for a community.
        steps.push(call("group_open_http_svc/import_group", &group));
    }
    let assigned = r#"{"Type":"Public","Name":"\u0001 工","GroupId":"@TGS#1","CreateTime":1600000000}"#;
    steps.push(call("group_open_http_svc/import_group", assigned));
    steps.push(mark("alice", 0..PEERS));
    for (name, from) in [("Work", 3), ("Gone", 5), ("工作", 7)] {
        steps.push(create("alice", name, from..from + 6));
    }
    steps.push(mark("dave", 20..32));
    for account in ["carol", "frank", "grace", LONG_ID] {
        steps.extend([mark(account, 1..4), create(account, "Only", 2..6), pin(account, 1, 8..11)]);
    }
    steps.push(create("heidi", "Empty", 0..0));
    steps.push(pinfold("order_groups", "alice", r#","GroupName":["工作"]"#));
    steps.push(pinfold("set_group_data", "alice", r#","GroupName":"Work","Data":"{\"colour\":\"red\"} \u0001""#));
    steps.push(pinfold("order_pins", "carol", &format!(r#","RecentContactItem":[{}]"#, peer(10))));
    for (to, at) in [("bob", 1_600_000_001), ("carol", 1_600_000_002), ("grace", 1_600_000_003)] {
        steps.push(message("alice", to, at));
    }
    steps.push(group_message("alice", "team 1", 1_600_000_004));
    steps.push(group_message("bob", "team 3", 1_600_000_005));
    // Arranged by some before.
    steps.push(call("group_open_http_svc/destroy_group", r#"{"GroupId":"team 4"}"#));
    steps
}

/// Calls whose rows stay in the journals; some replace rows in tables.
pub(crate) fn second() -> Vec<Step> {
    vec![
        query(APP),
        call("im_open_login_svc/account_delete", r#"{"DeleteItem":[{"UserID":"frank"},{"UserID":"grace"}]}"#),
        call("im_open_login_svc/account_import", r#"{"UserID":"grace","Nick":"Grace again"}"#),
        call("group_open_http_svc/destroy_group", r#"{"GroupId":"team 2"}"#),
        call("group_open_http_svc/create_group", r#"{"Type":"Public","Name":"Late","GroupId":"late"}"#),
        // Out of a row of records written together, and then over what it says; the other way round for alice.
        unmark("dave", 24),
        remark("dave", 21),
        remark("alice", 38),
        pin("bob", 1, 12..15),
        pin("alice", 1, 14..19),
        pin("alice", 2, 16..17),
        pinfold("order_pins", "alice", &format!(r#","RecentContactItem":[{},{}]"#, peer(18), peer(15))),
        pinfold("set_group_data", "carol", r#","GroupName":"Only","Data":"later""#),
        // Over an entry in a table, into a list without one, and out of a list.
        message("alice", "bob", 1_600_000_006),
        message("dave", "alice", 1_600_000_007),
        group_message("bob", "team 1", 1_600_000_008),
        recent("delete", "alice", r#""Type":1,"To_Account":"carol""#),
        delete("alice", "Gone"),
        unmark("alice", 39),
        delete("heidi", "Empty"),
        rename(),
        query(SECOND_APP),
        mark("alice", 1..3),
        create("never imported", "Work", 1..3),
        call("group_open_http_svc/create_group", r#"{"Type":"Work","Name":"Other app","GroupId":"late"}"#),
    ]
}

/// Everything that can be asked for; then calls that build on it, of which no answer tells the time.
pub(crate) fn asked() -> Vec<Step> {
    let mut steps = vec![Step::Comment("What is there.".into()), query(APP)];
    for account in ACCOUNTS.iter().chain([&LONG_ID]) {
        steps.push(recent("get_contact_group", account, r#""StartIndex":0"#));
    }
    steps.push(recent("get_contact_group", "alice", r#""StartIndex":30"#));
    for account in ["alice", "bob", "carol", "frank", "grace"] {
        steps.push(pinfold("list_groups", account, ""));
        steps.push(pinfold("find_conversations", account, r#","Filter":{"Recent":true},"Sort":"recent""#));
        steps.push(pinfold("find_conversations", account, r#","Filter":{"Pinned":true}"#));
        steps.push(pinfold("get_changes", account, ""));
    }
    steps.push(recent("search_contact_group", "alice", &format!(r#""ContactItem":[{}]"#, peers((0..PEERS).rev()))));
    let checked: Vec<_> = ACCOUNTS.iter().map(|id| format!(r#"{{"UserID":"{id}"}}"#)).collect();
    steps.push(call("im_open_login_svc/account_check", &format!(r#"{{"CheckItem":[{}]}}"#, checked.join(","))));
    let teams: Vec<_> = (0..8).map(|n| format!("\"team {n}\"")).collect();
    let teams = teams.join(",");
    let ids = format!(r#"{{"GroupIdList":["late","@TGS#1",{teams}]}}"#);
    steps.push(call("group_open_http_svc/get_group_info", &ids));
    steps.extend(
        [0, 3].map(|next| call("group_open_http_svc/get_appid_group_list", &format!(r#"{{"Limit":3,"Next":{next}}}"#))),
    );
    steps.push(query(SECOND_APP));
    for account in ["alice", "never imported"] {
        steps.push(recent("get_contact_group", account, r#""StartIndex":0"#));
    }
    steps.push(call("group_open_http_svc/get_group_info", r#"{"GroupIdList":["late","team 1"]}"#));
    steps.extend([
        Step::Restart,
        Step::Comment("What comes next: repeats, and numbers that go on.".into()),
        query(APP),
    ]);
    steps.extend([rename(), delete("heidi", "Empty")]);
    for account in ["alice", "heidi", "frank", "grace"] {
        steps.push(create(account, "Next", 1..2));
    }
    steps.extend([rename(), delete("heidi", "Empty")]);
    steps.extend([pin("alice", 1, 30..32), mark("dave", 20..33), unmark("dave", 25)]);
    steps.push(pinfold("order_groups", "alice", r#","GroupName":["Next"]"#));
    steps.push(pinfold("order_pins", "alice", &format!(r#","RecentContactItem":[{}]"#, peer(30))));
    steps.extend([message("alice", "grace", 1_600_000_009), message("alice", "bob", 1_600_000_000)]);
    for account in ["alice", "grace"] {
        steps.push(pinfold("find_conversations", account, r#","Filter":{"Recent":true},"Sort":"recent""#));
    }
    steps.push(call("group_open_http_svc/create_group", r#"{"Type":"Public","Name":"Next","GroupId":"next"}"#));
    steps.push(call("group_open_http_svc/get_appid_group_list", r#"{"Next":7}"#));
    steps
}
