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
    let accounts = objects.iter().filter(|object| object.starts_with("{\"account\"")).count();
    let chat_groups = objects.iter().filter(|object| object.starts_with("{\"chat_group\"")).count();
    ended(header(version) + &lines, accounts, chat_groups)
}

/// These lines with an end that tells these counts.
pub(crate) fn ended(lines: String, accounts: usize, chat_groups: usize) -> String {
    let sha256: String = Sha256::digest(&lines).iter().map(|byte| format!("{byte:02x}")).collect();
    let end = format!(r#"{{"end":{{"accounts":{accounts},"chat_groups":{chat_groups},"sha256":"{sha256}"}}}}"#);
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
