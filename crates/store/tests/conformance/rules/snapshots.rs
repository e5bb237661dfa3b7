//! Pages of accounts, and snapshots.

use std::collections::{BTreeMap, BTreeSet};

use pinfold_core::{AppId, ChatGroup, ChatGroupId, ChatGroupSeq};
use pinfold_store::{AccountKey, Backend, Commit, ListedChatGroup, OnDamage, RegisterCounts, Snapshot, SnapshotItem};

use super::Open;
use super::chat_groups::{put, team};
use crate::support::{account, chat_group_id, delete, mark, one};

pub(super) async fn suite(open: &impl Open) {
    paging_meets_every_account_once_and_no_other(open).await;
    an_account_that_comes_or_goes_during_a_walk_does_not_hide_another(open).await;
    a_walk_over_everything_is_of_one_instant(open).await;
    a_walk_over_everything_may_begin_behind_any_account(open).await;
}

fn accounts() -> BTreeSet<AccountKey> {
    let ids = ["a", "ab", "abc", "b", "é", "\u{10ffff}", "z"];
    [1, 2, 256, 257, u32::MAX].into_iter().flat_map(|app| ids.map(|id| account(app, id))).collect()
}

async fn walk(backend: &dyn Backend, count_max: usize) -> Vec<AccountKey> {
    let mut met: Vec<AccountKey> = Vec::new();
    loop {
        let page = backend.list_accounts(None, met.last(), count_max).await.unwrap();
        assert!(page.len() <= count_max);
        if page.is_empty() {
            return met;
        }
        met.extend(page);
    }
}

async fn paging_meets_every_account_once_and_no_other(open: &impl Open) {
    let backend = open("walk").await;
    assert!(walk(&*backend, 10).await.is_empty());
    for key in &accounts() {
        mark(&*backend, key, &one("bob"), 1).await;
        put(&*backend, key.app, key.account.as_str(), &team("no account")).await;
    }
    mark(&*backend, &account(1, "deleted"), &one("bob"), 1).await;
    delete(&*backend, &account(1, "deleted")).await;
    for count_max in [1, 7, 35, 100] {
        let met = walk(&*backend, count_max).await;
        assert_eq!(met.len(), accounts().len(), "pages of {count_max}");
        assert_eq!(met.into_iter().collect::<BTreeSet<_>>(), accounts());
    }
}

async fn an_account_that_comes_or_goes_during_a_walk_does_not_hide_another(open: &impl Open) {
    let backend = open("walk and change").await;
    for key in &accounts() {
        mark(&*backend, key, &one("bob"), 1).await;
    }
    let mut met = backend.list_accounts(None, None, 10).await.unwrap();
    let cursor = met.last().cloned().unwrap();
    delete(&*backend, &cursor).await;
    mark(&*backend, &account(3, "new"), &one("bob"), 1).await;
    loop {
        let page = backend.list_accounts(None, met.last(), 10).await.unwrap();
        if page.is_empty() {
            break;
        }
        met.extend(page);
    }
    met.retain(|key| *key != account(3, "new"));
    assert_eq!(met.len(), accounts().len());
    assert_eq!(met.into_iter().collect::<BTreeSet<_>>(), accounts());
}

/// All that a walk finds: accounts with a bit for the mark they have, chat groups, counts.
#[derive(Debug, Default, PartialEq)]
struct Everything {
    accounts: Vec<(AccountKey, u64)>,
    chat_groups: Vec<(AppId, ChatGroupSeq, ChatGroupId, bool)>,
    counts: BTreeMap<AppId, RegisterCounts>,
}

async fn everything(mut walk: Snapshot) -> Everything {
    let mut everything = Everything::default();
    while let Some(found) = walk.next().await.unwrap() {
        match found {
            SnapshotItem::Account(account, state) => {
                assert!(everything.chat_groups.is_empty(), "accounts come first");
                everything.accounts.push((account, state.arrangement(&one("bob")).standard.0));
            }
            SnapshotItem::ChatGroup(app, ListedChatGroup { seq, id, chat_group }) => {
                everything.chat_groups.push((app, seq, id, chat_group.destroyed));
            }
            SnapshotItem::Counts(app, counts) => assert!(everything.counts.insert(app, counts).is_none()),
            SnapshotItem::Entry(..) | SnapshotItem::Change(..) | SnapshotItem::ChatGroupTime(..) => {}
            SnapshotItem::LostHistory(_, damage) | SnapshotItem::Damage(damage) => panic!("{damage:?}"),
        }
    }
    everything
}

/// More of everything than a walk holds ready, in two apps.
async fn fill(backend: &dyn Backend) {
    for number in 0..300 {
        mark(backend, &account(1 + number % 2, &format!("user {number}")), &one("bob"), 1).await;
    }
    for number in 0..300 {
        put(backend, AppId(1 + number % 2), &format!("team {number}"), &team("T")).await;
    }
}

async fn a_walk_over_everything_is_of_one_instant(open: &impl Open) {
    let backend = open("one instant").await;
    assert_eq!(everything(backend.snapshot(None, OnDamage::Stop, false).await.unwrap()).await, Everything::default());
    fill(&*backend).await;
    let walk = backend.snapshot(None, OnDamage::Stop, false).await.unwrap();
    let before = everything(backend.snapshot(None, OnDamage::Skip, false).await.unwrap()).await;
    for number in 0..300 {
        let key = account(1 + number % 2, &format!("user {number}"));
        if number % 3 == 0 { delete(&*backend, &key).await } else { mark(&*backend, &key, &one("bob"), 2).await }
    }
    mark(&*backend, &account(1, "new"), &one("bob"), 2).await;
    let gone = ChatGroup { destroyed: true, ..team("T") };
    let changed = backend.put_chat_group(AppId(1), &chat_group_id("team 0"), Some(&team("T")), &gone).await.unwrap();
    assert_eq!(changed, Commit::Committed);
    put(&*backend, AppId(3), "new", &team("T")).await;
    assert_eq!(everything(walk).await, before, "the walk that began before");
    assert!(before.accounts.len() == 300 && before.accounts.iter().all(|(_, bits)| *bits == 1));
    let of_app =
        |app| before.chat_groups.iter().filter(move |(of, ..)| *of == AppId(app)).map(|(_, serial, ..)| serial.0);
    assert!(of_app(1).eq(1..=150) && of_app(2).eq(1..=150), "in the order of their numbers");
    let counts = RegisterCounts { live: 150, last_serial: 150 };
    assert_eq!(before.counts, [(AppId(1), counts), (AppId(2), counts)].into());
    let after = everything(backend.snapshot(None, OnDamage::Stop, false).await.unwrap()).await;
    assert!(after.accounts.len() == 201 && after.accounts.iter().all(|(_, bits)| *bits == 2));
    assert_eq!(after.counts[&AppId(1)], RegisterCounts { live: 149, last_serial: 150 });
    assert_eq!(after.counts[&AppId(3)], RegisterCounts { live: 1, last_serial: 1 });
}

async fn a_walk_over_everything_may_begin_behind_any_account(open: &impl Open) {
    let backend = open("after").await;
    fill(&*backend).await;
    let all = everything(backend.snapshot(None, OnDamage::Stop, false).await.unwrap()).await;
    for place in [0, 1, 63, 64, 149, 298, 299] {
        let after =
            everything(backend.snapshot(Some(&all.accounts[place].0), OnDamage::Stop, false).await.unwrap()).await;
        assert_eq!(after.accounts, all.accounts[place + 1..]);
        assert_eq!(after.chat_groups, all.chat_groups, "all of them, they come after every account");
    }
}
