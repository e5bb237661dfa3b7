//! Dumps written by hand, after the description in the docs and not with the code under test.

use sha2::{Digest as _, Sha256};

/// A line with its sum, from an object.
pub(crate) fn sealed(object: &str) -> String {
    let body = object.strip_suffix('}').unwrap();
    let sum: String = Sha256::digest(body).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("{body},\"sum\":\"{sum}\"}}\n")
}

pub(crate) fn header(version: u32) -> String {
    sealed(&format!(r#"{{"pinfold_dump":{{"version":{version},"written_by":"hand","written_at":0}}}}"#))
}

/// A dump of these objects, with a head and an end that fit them.
pub(crate) fn dump(objects: &[&str]) -> String {
    dump_of(1, objects)
}

/// The same of this version.
pub(crate) fn dump_of(version: u32, objects: &[&str]) -> String {
    let lines: String = objects.iter().map(|object| sealed(object)).collect();
    let of_kind = |kind: &str| objects.iter().filter(|object| object.starts_with(&format!("{{\"{kind}\""))).count();
    let mut counts = format!(r#""accounts":{},"chat_groups":{}"#, of_kind("account"), of_kind("chat_group"));
    for (name, kind) in [("entries", "entry"), ("changes", "change"), ("chat_group_times", "chat_group_time")] {
        if of_kind(kind) > 0 {
            counts += &format!(r#","{name}":{}"#, of_kind(kind));
        }
    }
    ended_with(header(version) + &lines, &counts)
}

/// These lines with an end that tells these counts.
pub(crate) fn ended(lines: String, accounts: usize, chat_groups: usize) -> String {
    ended_with(lines, &format!(r#""accounts":{accounts},"chat_groups":{chat_groups}"#))
}

fn ended_with(lines: String, counts: &str) -> String {
    let sha256: String = Sha256::digest(&lines).iter().map(|byte| format!("{byte:02x}")).collect();
    let end = format!(r#"{{"end":{{{counts},"sha256":"{sha256}"}}}}"#);
    lines + &sealed(&end)
}

/// An account that is only imported.
pub(crate) fn account(id: &str) -> String {
    account_with(id, "", r#""conversation_groups":[],"records":[],"pins":[]"#)
}

/// An account with other counters or further fields, and its lists.
pub(crate) fn account_with(id: &str, fields: &str, lists: &str) -> String {
    let counters = r#""last_change":9,"last_conversation_group_id":3,"grouped":0,"marked":0,"newest":100"#;
    let head = if fields.contains("last_change") { fields } else { counters };
    let more = if fields.contains("last_change") || fields.is_empty() { "" } else { fields };
    format!(r#"{{"account":{{"app":1,"id":"{id}","imported":true,{more}{head},{lists}}}}}"#)
}

pub(crate) fn chat_group(serial: u32, id: &str) -> String {
    format!(r#"{{"chat_group":{{"app":1,"serial":{serial},"id":"{id}","kind":"Public","name":"n","created_at":7}}}}"#)
}

/// An entry of an account; `conversation` is the field that names it.
pub(crate) fn entry(account: &str, conversation: &str, at: u64) -> String {
    format!(r#"{{"entry":{{"app":1,"account":"{account}",{conversation},"at":{at}}}}}"#)
}

pub(crate) fn chat_group_time(id: &str, at: u64) -> String {
    format!(r#"{{"chat_group_time":{{"app":1,"id":"{id}","at":{at}}}}}"#)
}

/// A change of an account that marks its conversation with bob.
pub(crate) fn change(account: &str, revision: u32, at: u64) -> String {
    let event = r#"{"mark_changed":{"conversation":{"one_to_one":"bob"},"old_standard":"","standard":"1","old_custom":"","custom":""}}"#;
    format!(
        r#"{{"change":{{"app":1,"account":"{account}","revision":{revision},"at":{at},"caller":"administrator","via":"call","command":"mark_contact","events":[{event}]}}}}"#
    )
}

/// An account whose history has these changes; the last one is from this time.
pub(crate) fn account_with_history(id: &str, from: u32, last: u32, newest_ms: u64) -> String {
    let fields = format!(r#""revision":{last},"newest_ms":{newest_ms},"history_from":{from},"#);
    account_with(id, &fields, r#""conversation_groups":[],"records":[],"pins":[]"#)
}
