//! A flipped byte in any file of a store: it is refused, or read as an error, and never served. The check finds it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use pinfold_core::{AccountState, AppId, ChatGroup, ChatGroupKind, ChatGroupSeq, Timestamp};
use pinfold_store::embedded::{Settings, check_files};
use pinfold_store::{AccountKey, Backend, Commit, Embedded, Scope, check};

use super::{open, support};
use crate::support::files::{all_below, copy_directory};
use crate::support::{account, chat_group_id, marking, one};

/// Accounts, enough for tables of several blocks.
const ACCOUNTS: u32 = 600;
/// Offsets in each file at which a byte is flipped.
const OFFSETS: usize = 12;

/// Whether it is never read: a lock, or an older list of tables, which the engine removes when it opens the store.
fn is_unused(file: &Path) -> bool {
    let list = file.file_name().and_then(|name| name.to_str()?.strip_prefix('v')?.parse::<u64>().ok());
    let current = || fs::read(file.with_file_name("current")).unwrap();
    file.ends_with("lock") || list.is_some_and(|list| current()[..8] != list.to_le_bytes())
}

fn key(number: u32) -> AccountKey {
    account(1, &format!("account {number:05}"))
}

/// A store, closed, whose rows are in tables: memtables are written out when it is opened by the engine itself.
async fn filled(directory: &Path) {
    let backend = open(directory).unwrap();
    for number in 0..ACCOUNTS {
        let change = marking(&AccountState::default(), &one(&format!("peer {number:05}")), u64::from(number) + 1);
        backend.commit(&key(number), None, pinfold_store::Version::numbered(1), change).await.unwrap();
    }
    for number in 0..20 {
        let (kind, name, owner) = (ChatGroupKind::Public, format!("Team {number}"), None);
        let team = ChatGroup { kind, name, owner, created_at: Timestamp(1), destroyed: false };
        let id = chat_group_id(&format!("team {number}"));
        assert_eq!(backend.put_chat_group(AppId(1), &id, None, &team).await.unwrap(), Commit::Committed);
    }
    backend.close().await.unwrap();
    drop(backend);
    write_tables(directory);
    // Some of it is in the journal only.
    let backend = open(directory).unwrap();
    support::mark(&backend, &key(7), &one("another"), 9).await;
    backend.close().await.unwrap();
}

/// Has the engine write what it has in memory into a table.
pub(super) fn write_tables(directory: &Path) {
    let database = fjall::Database::builder(directory.join("data")).open().unwrap();
    let rows = database.keyspace("rows", fjall::KeyspaceCreateOptions::default).unwrap();
    rows.rotate_memtable_and_wait().unwrap();
    assert!(rows.table_count() > 0);
}

#[derive(PartialEq)]
struct Kept {
    accounts: BTreeMap<AccountKey, Result<AccountState, String>>,
    chat_groups: Result<usize, String>,
}

async fn everything(backend: &dyn Backend) -> Kept {
    let mut accounts = BTreeMap::new();
    for number in 0..ACCOUNTS {
        let loaded = backend.load(&key(number), &Scope::All).await;
        let state = loaded.map(|loaded| AccountState::clone(&loaded.state)).map_err(|error| error.to_string());
        accounts.insert(key(number), state);
    }
    let listed = backend.list_chat_groups(AppId(1), ChatGroupSeq(0), 1000).await;
    Kept { accounts, chat_groups: listed.map(|listed| listed.page.len()).map_err(|error| error.to_string()) }
}

/// All offsets in a small file, and some in a large one: its ends, and others in between. A journal ends in zeros.
fn offsets(bytes: &[u8]) -> Vec<usize> {
    let written = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 20).min(bytes.len());
    if written <= OFFSETS {
        return (0..written).collect();
    }
    let ends = (0..4).chain(written - 20..written);
    ends.chain((0..OFFSETS).map(|n| written * n / OFFSETS)).collect()
}

/// How often a flip had each outcome.
#[derive(Default)]
struct Outcomes {
    refused: usize,
    errors: usize,
    harmless: usize,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flipped_byte_is_never_served_and_always_found() {
    let place = tempfile::tempdir().unwrap();
    let whole = place.path().join("whole");
    filled(&whole).await;
    let mut files = all_below(&whole);
    files.retain(|path| path.is_file());
    let first = place.path().join("first");
    copy_directory(&whole, &first);
    let expected = everything(&open(&first).unwrap()).await;
    assert!(expected.accounts.values().all(Result::is_ok) && expected.chat_groups == Ok(20));
    let mut outcomes = Outcomes::default();
    let mut missed = Vec::new();
    for file in &files {
        let name = file.strip_prefix(&whole).unwrap();
        let good = fs::read(file).unwrap();
        for at in offsets(&good) {
            let damaged = place.path().join("damaged");
            copy_directory(&whole, &damaged);
            let mut bytes = good.clone();
            bytes[at] ^= 1 << (at % 8);
            fs::write(damaged.join(name), &bytes).unwrap();
            let found_by = found_by_check(&damaged).await;
            let what = format!("byte {at} of {}", name.display());
            match Embedded::open(&damaged, &Settings { cache_bytes_max: 1, ..Settings::default() }) {
                Err(_) => outcomes.refused += 1,
                Ok(backend) => {
                    let found = everything(&backend).await;
                    let mut wrong =
                        found.accounts.iter().zip(&expected.accounts).filter(|(f, e)| f.1.is_ok() && f != e);
                    assert!(wrong.next().is_none(), "{what}: served as if nothing were wrong");
                    assert!(found.chat_groups.is_err() || found.chat_groups == expected.chat_groups, "{what}");
                    if found == expected { outcomes.harmless += 1 } else { outcomes.errors += 1 }
                }
            }
            if !found_by && !is_unused(file) {
                missed.push(what);
            }
            fs::remove_dir_all(&damaged).unwrap();
        }
    }
    let Outcomes { refused, errors, harmless } = outcomes;
    println!("{refused} refused, {errors} read as errors, {harmless} harmless, {} not found: {missed:?}", missed.len());
    assert!(refused > 0 && errors > 0);
    assert!(missed.is_empty(), "not found by the check: {missed:?}");
}

/// Whether the check of the files, or that of what is in them, finds something.
async fn found_by_check(directory: &Path) -> bool {
    match check_files(directory, |_, _| ()) {
        Ok(damaged) if damaged.is_empty() => {}
        _ => return true,
    }
    let Ok(backend) = open(directory) else { return true };
    let checked = check(&backend, |_| (), |_| ()).await;
    backend.close().await.unwrap();
    !checked.is_ok_and(|checked| checked.damaged == 0)
}
