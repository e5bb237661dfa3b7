//! Dumps: read, imported, exported and imported again.
//!
//! The first byte says what the rest is: `l` the lines of the items, to which head, sums and end are added; `s` all
//! lines, to which the sums are added; anything else the dump as it is. So inputs get past the sums, which
//! libFuzzer cannot guess.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Cursor;

use pinfold_core::{RecentEntry, Timestamp};
use pinfold_store::dump::{Begun, Item, LineError, Mode, Moved, Reader, Writer, export, import};
use pinfold_store::{Backend, Memory};
use sha2::{Digest as _, Sha256};

use crate::state::is_kept;

/// The kinds of lines, and the fields of the end that count them.
const KINDS: [(&str, &str); 5] = [
    ("account", "accounts"),
    ("entry", "entries"),
    ("change", "changes"),
    ("chat_group", "chat_groups"),
    ("chat_group_time", "chat_group_times"),
];

/// The target; true if the dump could be imported.
pub fn dump(data: &[u8]) -> bool {
    let bytes = match data.split_first() {
        Some((b'l', lines)) => whole(lines),
        Some((b's', lines)) => lines.split_inclusive(|byte| *byte == b'\n').flat_map(sealed).collect(),
        Some((_, bytes)) => bytes.to_vec(),
        None => Vec::new(),
    };
    begun(&bytes);
    let Ok(items) = read(&bytes) else { return false };
    crate::block_on(imported(&bytes, &items))
}

/// A dump that is read to its end without an error is imported as it was read, unless something is in it twice.
async fn imported(bytes: &[u8], items: &[Item]) -> bool {
    let store = Memory::new();
    let Ok(moved) = put(&store, bytes, Mode::IntoEmpty).await else { return false };
    assert_eq!(Moved { bytes: 0, ..moved }, counted(items));
    let resumed = put(&store, bytes, Mode::Resume).await.expect("the same dump again");
    let there_already = moved.accounts + moved.chat_groups;
    assert_eq!(resumed, Moved { accounts: 0, chat_groups: 0, there_already, ..moved });

    let again = exported(&store).await;
    let read_again = read(&again).expect("what was exported is read");
    assert_eq!(Kept::of(&read_again), Kept::of(items));
    let other = Memory::new();
    put(&other, &again, Mode::IntoEmpty).await.expect("what was exported is imported");
    assert_eq!(exported(&other).await, again);
    true
}

async fn put(store: &Memory, bytes: &[u8], mode: Mode) -> Result<Moved, String> {
    let reader = Reader::new(Cursor::new(bytes.to_vec()));
    import(store, reader, mode, |_| ()).await.map_err(|error| error.to_string())
}

async fn exported(store: &dyn Backend) -> Vec<u8> {
    let writer = Writer::begin(Vec::new(), 0).expect("writing to memory cannot fail");
    export(store, writer, |_| ()).await.expect("what was imported is exported").0
}

fn counted(items: &[Item]) -> Moved {
    let mut counted = Moved::default();
    for item in items {
        match item {
            Item::Account(..) => counted.accounts += 1,
            Item::Entry(..) => counted.entries += 1,
            Item::Change(..) => counted.changes += 1,
            Item::ChatGroup(..) => counted.chat_groups += 1,
            Item::ChatGroupTime(..) => counted.chat_group_times += 1,
        }
    }
    counted
}

/// What a store keeps of a dump, in an order of its own.
#[derive(Debug, Default, PartialEq)]
struct Kept {
    accounts: Vec<String>,
    /// Their serial numbers may have had gaps.
    chat_groups: Vec<String>,
    /// By account and revision; of two the later one is put.
    changes: BTreeMap<String, String>,
    /// The latest time of each conversation of an account, and of each chat group.
    times: BTreeMap<String, Timestamp>,
}

impl Kept {
    fn of(items: &[Item]) -> Self {
        let mut kept = Self::default();
        let mut touch = |what: String, at: Timestamp| {
            let latest = kept.times.entry(what).or_insert(at);
            *latest = at.max(*latest);
        };
        for item in items {
            match item {
                Item::Account(account, state) => kept.accounts.push(format!("{account:?} {state:?}")),
                Item::Entry(account, RecentEntry { conversation, at }) => {
                    touch(format!("{account:?} {conversation:?}"), *at);
                }
                Item::Change(account, change) => {
                    kept.changes.insert(format!("{account:?} {}", change.revision), format!("{change:?}"));
                }
                Item::ChatGroup(app, _, id, chat_group) => {
                    kept.chat_groups.push(format!("{app:?} {id:?} {chat_group:?}"));
                }
                Item::ChatGroupTime(app, id, at) => touch(format!("{app:?} {id:?}"), *at),
            }
        }
        kept.accounts.sort();
        kept
    }
}

/// Every item up to the end or the first wrong line.
fn read(bytes: &[u8]) -> Result<Vec<Item>, LineError> {
    let mut reader = Reader::new(Cursor::new(bytes));
    let mut items = Vec::new();
    while let Some(read) = reader.read()? {
        if let Item::Account(account, state) = &read.item {
            is_kept(account, state);
        }
        items.push(read.item);
    }
    Ok(items)
}

/// The rest of an interrupted export ends after a line.
fn begun(bytes: &[u8]) {
    if let Some(begun) = Begun::read(Reader::new(Cursor::new(bytes))) {
        let kept = &bytes[..usize::try_from(begun.bytes).expect("it is a part of the dump")];
        assert!(kept.ends_with(b"\n") && begun.accounts > 0);
    }
}

/// A dump of these items: with a head, sums, and the end that fits.
fn whole(lines: &[u8]) -> Vec<u8> {
    let mut dump = sealed(br#"{"pinfold_dump":{"version":2}}"#);
    let mut counts = KINDS.map(|(kind, name)| (kind, name, 0));
    for line in lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        for (kind, _, count) in &mut counts {
            *count += usize::from(line.starts_with(format!("{{\"{kind}\"").as_bytes()));
        }
        dump.extend(sealed(line));
    }
    let counts: String = counts.iter().map(|(_, name, count)| format!(r#""{name}":{count},"#)).collect();
    let sha256 = hex(&Sha256::digest(&dump));
    dump.extend(sealed(format!(r#"{{"end":{{{counts}"sha256":"{sha256}"}}}}"#).as_bytes()));
    dump
}

/// A line with its sum, if it is an object (docs/operate/move.md).
fn sealed(line: &[u8]) -> Vec<u8> {
    let line = line.trim_ascii_end();
    let body = line.strip_suffix(b"}").unwrap_or(line);
    let sum = format!(",\"sum\":\"{}\"}}\n", hex(&Sha256::digest(body)[..8]));
    [body, sum.as_bytes()].concat()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
