//! Exports and imports that end somewhere in between, and go on.

use std::io::Cursor;
use std::path::Path;

use pinfold_core::AppId;
use pinfold_store::dump::{Begun, Mode, Moved, Reader, Writer, export, import};
use pinfold_store::{Backend, Memory};
use tokio::sync::oneshot;

use crate::stores::{
    CHANGES, CHAT_GROUP_TIMES, ENTRIES, Everything, everything, exported, fill, imported, put_chat_group, sorted,
    touch, touch_chat_group,
};
use crate::support::history::mark_kept;
use crate::support::{self, account, chat_group, embedded, mark, one};

/// Accounts, chat groups, and entries and changes of each account, of the store that is moved.
const MANY: usize = 700;
const ENTRIES_OF_EACH: u32 = 4;
const CHANGES_OF_EACH: u64 = 3;
const CHAT_GROUPS: usize = 40;
/// Imports that are cut off before the last may end.
const CUTS: usize = 6;

async fn many() -> Memory {
    let store = Memory::new();
    fill(&store).await;
    for n in 0..MANY {
        let user = account(1, &format!("user {n}"));
        for bits in 1..=CHANGES_OF_EACH {
            mark_kept(&store, &user, bits).await;
        }
        for of in 0..ENTRIES_OF_EACH {
            touch(&store, &user, chat_group(&format!("team {of}")), 1 + of).await;
        }
    }
    for n in 0..CHAT_GROUPS {
        let id = format!("team {n}");
        put_chat_group(&store, AppId(7), &id, n % 3 == 0).await;
        touch_chat_group(&store, 7, &id, 1).await;
    }
    store
}

/// Imports until `count` were told, and then drops the import where it stands.
async fn import_until(backend: &dyn Backend, dump: &str, count: u64) {
    let (enough, told) = oneshot::channel::<()>();
    let mut enough = Some(enough);
    let tell = |moved: &Moved| {
        if sum(moved) >= count {
            drop(enough.take());
        }
    };
    let reader = Reader::new(Cursor::new(dump.to_owned()));
    tokio::select! {
        biased;
        _ = told => {}
        ended = import(backend, reader, Mode::Resume, tell) => drop(ended.unwrap()),
    }
}

fn part_of(part: &Everything, whole: &Everything) {
    assert!(part.accounts.iter().all(|(key, state)| whole.accounts[key] == *state), "an account is there in part");
    assert!(part.entries.iter().all(|(key, at)| whole.entries[key] == *at), "an entry has another time");
    assert!(part.changes.iter().all(|(key, change)| whole.changes[key] == *change), "a change is another");
    assert!(part.chat_group_times.iter().all(|(key, at)| whole.chat_group_times[key] == *at));
    let of = |everything: &Everything, app| -> Vec<_> {
        everything.chat_groups.iter().filter(|(of, ..)| *of == AppId(app)).cloned().collect()
    };
    for app in [1, 7] {
        assert!(of(whole, app).starts_with(&of(part, app)), "chat groups of app {app} are in another order");
    }
}

fn sum(moved: &Moved) -> u64 {
    moved.accounts + moved.entries + moved.changes + moved.chat_groups + moved.chat_group_times
}

/// Opens the store anew for each import, as a new process would.
async fn resumes(open: impl Fn(&Path) -> std::sync::Arc<dyn Backend>) {
    let from = many().await;
    let (dump, whole) = (exported(&from).await, everything(&from).await);
    let place = tempfile::tempdir().unwrap();
    let all = sum(&whole.moved());
    let compared = |everything: &Everything| (everything.accounts.len() + everything.chat_groups.len()) as u64;
    for cut in 0..CUTS {
        let store = open(place.path());
        let there = everything(&*store).await;
        let rest = all - compared(&there);
        // Small steps at last, so that chat groups are cut too.
        let most = if cut < CUTS / 2 { rest / 2 } else { rest.saturating_sub(20) };
        import_until(&*store, &dump, rand::random_range(0..=most)).await;
        drop(store);
        part_of(&everything(&*open(place.path())).await, &whole);
    }
    let store = open(place.path());
    let there = everything(&*store).await;
    let moved = imported(&*store, &dump, Mode::Resume).await.unwrap();
    assert_eq!(moved.there_already, compared(&there));
    assert_eq!(sum(&moved) + moved.there_already, all);
    assert_eq!(everything(&*store).await, whole);
    assert!(sorted(&exported(&*store).await) == sorted(&dump));
    let again = imported(&*store, &dump, Mode::Resume).await.unwrap();
    assert_eq!((again.accounts, again.chat_groups, again.there_already), (0, 0, compared(&whole)));
    assert_eq!(everything(&*store).await, whole);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_into_an_embedded_store_that_was_cut_off_goes_on() {
    resumes(embedded).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_into_memory_that_was_cut_off_goes_on() {
    let memory: std::sync::Arc<dyn Backend> = std::sync::Arc::new(Memory::new());
    resumes(move |_| std::sync::Arc::clone(&memory)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn an_import_into_postgres_that_was_cut_off_goes_on() {
    let database = support::postgres(&support::postgres::shared().new_schema()).await;
    resumes(move |_| std::sync::Arc::clone(&database)).await;
}

#[tokio::test]
async fn an_export_that_was_cut_off_anywhere_goes_on_to_the_same_dump() {
    let store = Memory::new();
    fill(&store).await;
    mark(&store, &account(9, "of an app that is not named"), &one("bob"), 1).await;
    put_chat_group(&store, AppId(9), "team", false).await;
    let whole = exported(&store).await.into_bytes();
    let mut resumed = 0;
    for cut in (0..=whole.len()).rev().step_by(3) {
        let Some(begun) = Begun::read(Reader::new(&whole[..cut])) else { break };
        assert!(begun.bytes as usize <= cut);
        let kept = whole[..begun.bytes as usize].to_vec();
        let (dump, moved) = export(&store, Writer::resume(kept, begun), |_| ()).await.unwrap();
        assert!(dump == whole, "cut at {cut}");
        assert_eq!((moved.accounts, moved.chat_groups), (6, 6));
        assert_eq!((moved.entries, moved.changes), (ENTRIES, CHANGES));
        assert_eq!(moved.chat_group_times, CHAT_GROUP_TIMES);
        resumed += 3;
    }
    assert!(resumed > whole.len() / 2, "only where there is no whole account it begins anew");
}
