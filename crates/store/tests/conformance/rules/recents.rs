//! Entries of recent conversations, and the last messages of chat groups.

use std::collections::BTreeMap;

use pinfold_core::{AppId, ChatGroupSeq, Conversation, RecentEntry, Timestamp, Touches};
use pinfold_store::{
    AccountKey, Backend, Commit, KeptOfApp, Life, OnDamage, RemovedOfApp, SnapshotItem, Touched, Version, apps_besides,
    count_app, drop_app,
};

use super::Open;
use super::chat_groups::{put, team};
use crate::support::{account, changes, chat_group, chat_group_id, delete, edit, id, load, mark, marking, one};

pub(super) async fn suite(open: &impl Open) {
    the_later_of_two_times_is_kept_in_whatever_order_they_come(open).await;
    of_a_conversation_that_comes_twice_in_one_call_the_later_time_is_kept(open).await;
    racing_touches_end_at_the_latest_time(open).await;
    an_account_that_nothing_is_kept_for_is_reported_and_keeps_nothing(open).await;
    only_an_entry_that_was_not_there_makes_an_account_grow_for_certain(open).await;
    touches_are_no_commits(open).await;
    an_account_that_comes_after_a_deletion_has_no_entries(open).await;
    an_entry_and_a_pin_are_removed_by_one_commit(open).await;
    a_trim_leaves_what_was_touched_since_and_counts_what_it_removed(open).await;
    a_chat_group_has_the_time_of_its_last_message_whether_it_is_registered_or_not(open).await;
    an_app_that_only_has_a_time_of_a_chat_group_is_listed_until_it_is_forgotten(open).await;
    an_app_that_only_has_times_of_chat_groups_is_found_and_dropped(open).await;
    an_app_that_is_dropped_leaves_no_entries(open).await;
    a_walk_over_everything_meets_the_entries_of_accounts_that_are_there_and_the_times(open).await;
    a_sweep_ends_and_removes_nothing_that_can_be_read(open).await;
}

pub(super) fn entry(conversation: Conversation, at: u32) -> RecentEntry {
    RecentEntry { conversation, at: Timestamp(at) }
}

/// Touches entries of accounts of app 1.
pub(super) async fn touch(backend: &dyn Backend, touched: &[(&str, Conversation, u32)]) -> Touched {
    let entries = touched.iter().map(|(account, conversation, at)| (id(account), entry(conversation.clone(), *at)));
    let touches = Touches { entries: entries.collect(), chat_groups: Vec::new() };
    backend.touch(AppId(1), &touches).await.unwrap()
}

pub(super) async fn touch_chat_group(backend: &dyn Backend, app: u32, chat_group: &str, at: u32) {
    let touches = Touches { entries: Vec::new(), chat_groups: vec![(chat_group_id(chat_group), Timestamp(at))] };
    assert_eq!(backend.touch(AppId(app), &touches).await.unwrap(), Touched::default());
}

async fn life(backend: &dyn Backend, account: &AccountKey) -> Life {
    load(backend, account).await.version.unwrap().life
}

/// The entries of an account, by conversation.
pub(super) async fn entries(backend: &dyn Backend, account: &AccountKey) -> Vec<RecentEntry> {
    let life = life(backend, account).await;
    let mut entries = backend.entries(account, life).await.unwrap().to_vec();
    entries.sort();
    for RecentEntry { conversation, at } in &entries {
        assert_eq!(backend.entry(account, life, conversation).await.unwrap(), Some(*at));
    }
    entries
}

pub(super) async fn times(backend: &dyn Backend, app: u32, ids: &[&str]) -> Vec<Option<u32>> {
    let ids: Vec<_> = ids.iter().map(|id| chat_group_id(id)).collect();
    let times = backend.chat_group_times(AppId(app), &ids).await.unwrap();
    times.into_iter().map(|at| at.map(|at| at.0)).collect()
}

async fn the_later_of_two_times_is_kept_in_whatever_order_they_come(open: &impl Open) {
    let backend = open("later").await;
    let alice = account(1, "alice");
    mark(&*backend, &alice, &one("bob"), 1).await;
    for (given, kept) in [(5, 5), (3, 5), (5, 5), (9, 9), (8, 9)] {
        touch(&*backend, &[("alice", one("bob"), given)]).await;
        assert_eq!(entries(&*backend, &alice).await, [entry(one("bob"), kept)], "after {given}");
    }
    touch(&*backend, &[("alice", chat_group("bob"), 2)]).await;
    assert_eq!(entries(&*backend, &alice).await, [entry(one("bob"), 9), entry(chat_group("bob"), 2)]);
}

async fn of_a_conversation_that_comes_twice_in_one_call_the_later_time_is_kept(open: &impl Open) {
    let backend = open("twice").await;
    mark(&*backend, &account(1, "alice"), &one("bob"), 1).await;
    let twice = [("alice", one("bob"), 7), ("alice", one("carol"), 1), ("alice", one("bob"), 6)];
    touch(&*backend, &twice).await;
    let kept = entries(&*backend, &account(1, "alice")).await;
    assert_eq!(kept, [entry(one("bob"), 7), entry(one("carol"), 1)]);
}

async fn racing_touches_end_at_the_latest_time(open: &impl Open) {
    const ROUNDS: u32 = 40;
    let backend = open("racing touches").await;
    mark(&*backend, &account(1, "alice"), &one("bob"), 1).await;
    for round in 1..=ROUNDS {
        let touched = (0..8).map(|n| {
            let (backend, at) = (backend.clone(), round * 10 + (n * 3) % 8);
            tokio::spawn(async move {
                touch(&*backend, &[("alice", one("bob"), at)]).await;
                // What was touched is never newer than what is read afterwards.
                let alice = account(1, "alice");
                let read = backend.entries(&alice, life(&*backend, &alice).await).await.unwrap();
                assert!(read[0].at.0 >= at);
            })
        });
        for ended in touched.collect::<Vec<_>>() {
            ended.await.unwrap();
        }
        assert_eq!(entries(&*backend, &account(1, "alice")).await, [entry(one("bob"), round * 10 + 7)]);
    }
}

async fn an_account_that_nothing_is_kept_for_is_reported_and_keeps_nothing(open: &impl Open) {
    let backend = open("absent").await;
    mark(&*backend, &account(1, "alice"), &one("bob"), 1).await;
    let touched = [("nobody", one("bob"), 5), ("alice", one("bob"), 5), ("nobody", one("carol"), 5)];
    assert_eq!(touch(&*backend, &touched).await.absent, [id("nobody")]);
    assert_eq!(entries(&*backend, &account(1, "alice")).await, [entry(one("bob"), 5)]);
    edit(&*backend, &account(1, "nobody"), |draft| {
        draft.ensure_exists();
        Ok(())
    })
    .await;
    assert_eq!(entries(&*backend, &account(1, "nobody")).await, []);
    assert_eq!(touch(&*backend, &touched).await.absent, []);
    assert_eq!(entries(&*backend, &account(1, "nobody")).await.len(), 2);
}

async fn only_an_entry_that_was_not_there_makes_an_account_grow_for_certain(open: &impl Open) {
    let backend = open("grown").await;
    mark(&*backend, &account(1, "alice"), &one("bob"), 1).await;
    assert_eq!(touch(&*backend, &[("alice", one("bob"), 5)]).await.grown, [id("alice")]);
    assert_eq!(touch(&*backend, &[("alice", one("bob"), 4)]).await.grown, []);
}

async fn touches_are_no_commits(open: &impl Open) {
    let backend = open("no commits").await;
    let alice = account(1, "alice");
    mark(&*backend, &alice, &one("bob"), 1).await;
    let before = load(&*backend, &alice).await;
    touch(&*backend, &[("alice", one("bob"), 5)]).await;
    let after = load(&*backend, &alice).await;
    assert_eq!((after.version, &after.state), (before.version, &before.state));
    let change = marking(&before.state, &one("bob"), 2);
    let commit = backend.commit(&alice, before.version, Version::after(before.version), change).await.unwrap();
    assert_eq!(commit, Commit::Committed);
    assert_eq!(entries(&*backend, &alice).await, [entry(one("bob"), 5)]);
}

async fn an_account_that_comes_after_a_deletion_has_no_entries(open: &impl Open) {
    let backend = open("life").await;
    let alice = account(1, "alice");
    mark(&*backend, &alice, &one("bob"), 1).await;
    let first = life(&*backend, &alice).await;
    touch(&*backend, &[("alice", one("bob"), 5), ("alice", one("carol"), 5)]).await;
    delete(&*backend, &alice).await;
    assert_eq!(touch(&*backend, &[("alice", one("bob"), 6)]).await.absent, [id("alice")]);
    mark(&*backend, &alice, &one("bob"), 1).await;
    assert_ne!(life(&*backend, &alice).await, first);
    assert_eq!(entries(&*backend, &alice).await, []);
    touch(&*backend, &[("alice", one("bob"), 2)]).await;
    assert_eq!(entries(&*backend, &alice).await, [entry(one("bob"), 2)]);
    assert_eq!(backend.entry(&alice, life(&*backend, &alice).await, &one("carol")).await.unwrap(), None);
}

async fn an_entry_and_a_pin_are_removed_by_one_commit(open: &impl Open) {
    let backend = open("removed entries").await;
    let alice = account(1, "alice");
    edit(&*backend, &alice, |draft| draft.pin(&one("bob"))).await;
    touch(&*backend, &[("alice", one("bob"), 5), ("alice", one("carol"), 6)]).await;
    let before = load(&*backend, &alice).await;
    let removed = changes(&before.state, |draft| {
        draft.unpin(&one("bob"));
        draft.remove_entry(entry(one("bob"), 5));
        Ok(())
    });
    let stale = backend.commit(&alice, None, Version::after(None), removed.clone()).await.unwrap();
    assert_eq!((stale, entries(&*backend, &alice).await.len()), (Commit::Conflict, 2));
    let version = Version::after(before.version);
    assert_eq!(backend.commit(&alice, before.version, version, removed).await.unwrap(), Commit::Committed);
    assert!(load(&*backend, &alice).await.state.pins.is_empty());
    assert_eq!(entries(&*backend, &alice).await, [entry(one("carol"), 6)]);
    touch(&*backend, &[("alice", one("bob"), 3)]).await;
    assert_eq!(entries(&*backend, &alice).await[0], entry(one("bob"), 3));
}

async fn a_trim_leaves_what_was_touched_since_and_counts_what_it_removed(open: &impl Open) {
    let backend = open("trim").await;
    let alice = account(1, "alice");
    mark(&*backend, &alice, &one("bob"), 1).await;
    touch(&*backend, &[("alice", one("bob"), 1), ("alice", one("carol"), 2), ("alice", one("dave"), 3)]).await;
    let seen = entries(&*backend, &alice).await;
    touch(&*backend, &[("alice", one("carol"), 9)]).await;
    let life = life(&*backend, &alice).await;
    assert_eq!(backend.trim(&alice, Life(life.0 ^ 1), &seen).await.unwrap(), 0);
    assert_eq!(entries(&*backend, &alice).await.len(), 3);
    assert_eq!(backend.trim(&alice, life, &seen[..2]).await.unwrap(), 1);
    assert_eq!(entries(&*backend, &alice).await, [entry(one("carol"), 9), entry(one("dave"), 3)]);
}

async fn a_chat_group_has_the_time_of_its_last_message_whether_it_is_registered_or_not(open: &impl Open) {
    let backend = open("times").await;
    put(&*backend, AppId(1), "team", &team("Team")).await;
    assert_eq!(times(&*backend, 1, &["team", "other"]).await, [None, None]);
    for (given, kept) in [(5, 5), (4, 5), (6, 6)] {
        touch_chat_group(&*backend, 1, "team", given).await;
        touch_chat_group(&*backend, 1, "other", given + 1).await;
        assert_eq!(times(&*backend, 1, &["other", "team"]).await, [Some(kept + 1), Some(kept)]);
    }
    assert_eq!(times(&*backend, 2, &["team"]).await, [None]);
    assert_eq!(times(&*backend, 1, &[]).await, []);
}

async fn an_app_that_only_has_a_time_of_a_chat_group_is_listed_until_it_is_forgotten(open: &impl Open) {
    let backend = open("time of an app").await;
    touch_chat_group(&*backend, 7, "team", 5).await;
    touch_chat_group(&*backend, 8, "team", 5).await;
    put(&*backend, AppId(7), "other", &team("Team")).await;
    assert_eq!(backend.list_apps(None, 10).await.unwrap(), [AppId(7), AppId(8)]);
    for _ in 0..2 {
        backend.forget_chat_groups(AppId(7), 10).await.unwrap();
    }
    assert_eq!(backend.list_apps(None, 10).await.unwrap(), [AppId(8)]);
    assert_eq!(
        (times(&*backend, 7, &["team"]).await, times(&*backend, 8, &["team"]).await),
        (vec![None], vec![Some(5)])
    );
    assert!(backend.list_chat_groups(AppId(7), ChatGroupSeq::default(), 9).await.unwrap().page.is_empty());
}

async fn an_app_that_only_has_times_of_chat_groups_is_found_and_dropped(open: &impl Open) {
    let backend = open("dropped times").await;
    for app in [6, 7, 8] {
        touch_chat_group(&*backend, app, "team", 5).await;
    }
    let found = apps_besides(&*backend, &[6, 8].map(AppId).into(), 9, 9).await.unwrap();
    assert_eq!(found, [KeptOfApp { app: AppId(7), accounts: 0, chat_groups: 0 }]);
    let nothing_else = RemovedOfApp::default();
    assert_eq!(count_app(&*backend, AppId(7), |_| ()).await.unwrap(), Some(nothing_else));
    assert_eq!(drop_app(&*backend, AppId(7), |_| ()).await.unwrap(), nothing_else);
    assert_eq!(count_app(&*backend, AppId(7), |_| ()).await.unwrap(), None);
    assert_eq!(backend.list_apps(None, 9).await.unwrap(), [6, 8].map(AppId));
    assert_eq!(times(&*backend, 8, &["team"]).await, [Some(5)]);
}

async fn an_app_that_is_dropped_leaves_no_entries(open: &impl Open) {
    let backend = open("dropped entries").await;
    for name in ["alice", "bob"] {
        mark(&*backend, &account(1, name), &one("peer"), 1).await;
        touch(&*backend, &[(name, one("peer"), 5), (name, chat_group("team"), 6)]).await;
    }
    delete(&*backend, &account(1, "bob")).await;
    assert_eq!(drop_app(&*backend, AppId(1), |_| ()).await.unwrap(), RemovedOfApp { accounts: 1, chat_groups: 0 });
    assert_eq!(backend.list_apps(None, 9).await.unwrap(), []);
    assert_eq!(backend.sweep(None, 1000).await.unwrap().removed, 0);
}

async fn a_walk_over_everything_meets_the_entries_of_accounts_that_are_there_and_the_times(open: &impl Open) {
    let backend = open("walk over entries").await;
    for name in ["alice", "bob", "gone"] {
        mark(&*backend, &account(1, name), &one("peer"), 1).await;
        touch(&*backend, &[(name, one("peer"), 5), (name, chat_group("team"), 6)]).await;
    }
    touch_chat_group(&*backend, 1, "team", 9).await;
    delete(&*backend, &account(1, "gone")).await;
    mark(&*backend, &account(1, "gone"), &one("peer"), 1).await;
    let mut snapshot = backend.snapshot(None, OnDamage::Stop, false).await.unwrap();
    let (mut met, mut times) = (BTreeMap::<_, Vec<_>>::new(), Vec::new());
    let mut accounts = 0;
    while let Some(item) = snapshot.next().await.unwrap() {
        match item {
            SnapshotItem::Account(..) => {
                assert!(met.is_empty(), "an account after an entry");
                accounts += 1;
            }
            SnapshotItem::Entry(account, entry) => met.entry(account).or_default().push(entry),
            SnapshotItem::ChatGroupTime(app, id, at) => times.push((app, id, at)),
            SnapshotItem::Change(..) | SnapshotItem::ChatGroup(..) | SnapshotItem::Counts(..) => {}
            SnapshotItem::LostHistory(_, damage) | SnapshotItem::Damage(damage) => panic!("{damage:?}"),
        }
    }
    met.values_mut().for_each(|entries| entries.sort());
    let both = || vec![entry(one("peer"), 5), entry(chat_group("team"), 6)];
    assert_eq!(accounts, 3);
    assert_eq!(met, BTreeMap::from([(account(1, "alice"), both()), (account(1, "bob"), both())]));
    assert_eq!(times, [(AppId(1), chat_group_id("team"), Timestamp(9))]);
}

async fn a_sweep_ends_and_removes_nothing_that_can_be_read(open: &impl Open) {
    const STEPS_MAX: usize = 50;
    let backend = open("sweep").await;
    for n in 0..7 {
        let name = format!("account {n}");
        mark(&*backend, &account(1, &name), &one("peer"), 1).await;
        touch(&*backend, &[(&name, one("peer"), 5), (&name, chat_group("team"), 6)]).await;
        if n % 2 == 0 {
            delete(&*backend, &account(1, &name)).await;
        }
    }
    mark(&*backend, &account(1, "account 0"), &one("peer"), 1).await;
    touch(&*backend, &[("account 0", one("new"), 5)]).await;
    let mut after = None;
    for step in 0.. {
        assert!(step < STEPS_MAX, "the sweep does not end");
        let swept = backend.sweep(after.as_ref(), 2).await.unwrap();
        after = swept.last;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(backend.sweep(None, 1000).await.unwrap().removed, 0, "a round leaves nothing for the next one");
    assert_eq!(entries(&*backend, &account(1, "account 0")).await, [entry(one("new"), 5)]);
    for n in [1, 3, 5] {
        assert_eq!(entries(&*backend, &account(1, &format!("account {n}"))).await.len(), 2);
    }
}
