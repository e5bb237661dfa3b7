//! The history through a [`Store`]: what is recorded of a change, how it is read in pages, and what an undo is given.

#![allow(clippy::unwrap_used, reason = "these are tests")]

mod support;

use std::sync::{Arc, Mutex};

use pinfold_core::{
    ChangesQuery, Event, HistoryChange, Origin, RecentEntry, Refusal, Revision, Timestamp, Touches, Via,
};
use pinfold_store::{AccountKey, CommitSink, Memory, Position, Scope, Store, Updated};
use support::{NOW, account, id, marks, one};

fn by(caller: &str) -> Origin {
    Origin { caller: Some(id(caller)), via: Via::Call, command: "mark_contact".into() }
}

fn store() -> Store {
    Store::new(Arc::new(Memory::new()))
}

/// Marks a conversation of alice.
async fn mark(store: &Store, origin: &Origin, keep: bool, bits: u64) -> Updated<()> {
    let alice = account(1, "alice");
    let mark = |draft: &mut pinfold_core::Draft<'_>| {
        draft.arrange(&one("bob"), marks(bits));
        Ok(())
    };
    store.acting(origin, keep).update(&alice, &Scope::All, &[], NOW, mark).await.unwrap()
}

/// The revisions of a page of alice's history, and whether it is the last one.
async fn page(store: &Store, before: Option<u32>, count_max: usize) -> (Vec<u32>, bool) {
    let query = ChangesQuery { before: before.map(Revision), count_max };
    let page = store.changes(&account(1, "alice"), &query).await.unwrap();
    (page.changes.iter().map(|change| change.revision.0).collect(), page.is_complete)
}

#[tokio::test]
async fn a_change_is_kept_with_who_asked_for_it_and_given_to_the_caller() {
    let (store, alice) = (store(), account(1, "alice"));
    let change = mark(&store, &by("carol"), true, 1).await.change.unwrap();
    assert_eq!((change.revision, &change.caller, &*change.command), (Revision(1), &Some(id("carol")), "mark_contact"));
    assert!(matches!(&change.events[..], [Event::MarkChanged { .. }]));
    let query = ChangesQuery { before: None, count_max: 1 };
    assert_eq!(store.changes(&alice, &query).await.unwrap().changes, [change]);
    let position = store.position(&alice).await.unwrap().unwrap();
    assert_eq!((position.revision, position.history_from), (Revision(1), 1));
    assert_eq!(store.position(&account(1, "bob")).await.unwrap(), None);
}

#[tokio::test]
async fn what_changes_nothing_leaves_no_change() {
    let store = store();
    mark(&store, &by("carol"), true, 1).await;
    assert!(mark(&store, &by("carol"), true, 1).await.change.is_none());
    assert_eq!(page(&store, None, 9).await, (vec![1], true));
}

#[tokio::test]
async fn the_history_begins_anew_after_a_change_that_is_not_kept() {
    let store = store();
    for (bits, keep) in [(1, true), (2, true), (3, false)] {
        mark(&store, &by("carol"), keep, bits).await;
    }
    assert_eq!(page(&store, None, 9).await, (vec![], true));
    mark(&store, &by("carol"), true, 4).await;
    mark(&store, &by("carol"), true, 5).await;
    assert_eq!(page(&store, None, 9).await, (vec![5, 4], true));
    let edit = |draft: &mut pinfold_core::Draft<'_>| draft.pin(&one("dave"));
    store.update(&account(1, "alice"), &Scope::All, &[], NOW, edit).await.unwrap();
    assert_eq!(page(&store, None, 9).await, (vec![], true));
}

#[tokio::test]
async fn pages_go_back_from_a_revision_and_the_last_one_says_so() {
    let store = store();
    for bits in 1..=5 {
        mark(&store, &by("carol"), true, bits).await;
    }
    assert_eq!(page(&store, None, 2).await, (vec![5, 4], false));
    assert_eq!(page(&store, Some(4), 2).await, (vec![3, 2], false));
    assert_eq!(page(&store, Some(3), 2).await, (vec![2, 1], true));
    assert_eq!(page(&store, Some(1), 2).await, (vec![], true));
    assert_eq!(page(&store, Some(i32::MAX as u32), 5).await, (vec![5, 4, 3, 2, 1], true));
}

#[tokio::test]
async fn a_page_ends_where_a_change_is_missing_and_where_retention_took_those_before() {
    let (store, alice) = (store(), account(1, "alice"));
    for bits in 1..=5 {
        mark(&store, &by("carol"), true, bits).await;
    }
    let life = store.position(&alice).await.unwrap().unwrap().life;
    let bounds =
        pinfold_store::HistoryBounds { not_before: pinfold_core::TimeMs(0), changes_max: 3, bytes_max: usize::MAX };
    store.backend().trim_changes(&alice, life, bounds).await.unwrap();
    assert_eq!(page(&store, None, 9).await, (vec![5, 4, 3], true));
    assert_eq!(page(&store, None, 2).await, (vec![5, 4], false));
    let change = page_of(&store, 5).await;
    let first = HistoryChange { revision: Revision(1), ..HistoryChange::clone(&change) };
    store.backend().put_changes(&alice, life, &[first]).await.unwrap();
    assert_eq!(page(&store, None, 9).await, (vec![5, 4, 3], true));
}

/// One change of alice.
async fn page_of(store: &Store, revision: u32) -> Arc<HistoryChange> {
    let query = ChangesQuery { before: Some(Revision(revision + 1)), count_max: 1 };
    store.changes(&account(1, "alice"), &query).await.unwrap().changes.remove(0)
}

/// Remembers what it is told, of the accounts that it listens to.
#[derive(Default)]
struct Told {
    listens_to: Option<AccountKey>,
    commits: Mutex<Vec<(u32, bool)>>,
}

impl CommitSink for Told {
    fn listens(&self, account: &AccountKey) -> bool {
        self.listens_to.as_ref() == Some(account)
    }

    fn committed(&self, _: &AccountKey, position: Position, change: Option<&Arc<HistoryChange>>) {
        self.commits.lock().unwrap().push((position.revision.0, change.is_some()));
    }

    fn deleted(&self, _: &AccountKey) {}
}

#[tokio::test]
async fn without_a_history_a_change_is_made_only_for_those_who_listen() {
    for (listens_to, is_told) in [(account(1, "alice"), true), (account(2, "alice"), false)] {
        let store = store();
        let sink = Arc::new(Told { listens_to: Some(listens_to), ..Told::default() });
        store.listen(sink.clone());
        assert_eq!(mark(&store, &by("carol"), false, 1).await.change.is_some(), is_told);
        assert_eq!(*sink.commits.lock().unwrap(), [(1, true)][usize::from(!is_told)..]);
        assert_eq!(page(&store, None, 9).await, (vec![], true));
    }
}

#[tokio::test]
async fn an_undo_is_given_the_change_and_the_entries_that_it_deleted() {
    let (store, alice) = (store(), account(1, "alice"));
    mark(&store, &by("carol"), true, 1).await;
    let touched = |at| RecentEntry { conversation: one("bob"), at: Timestamp(at) };
    let touch = async |at| {
        let touches = Touches { entries: vec![(id("alice"), touched(at))], ..Touches::default() };
        store.backend().touch(alice.app, &touches).await.unwrap();
    };
    touch(5).await;
    let origin = by("carol");
    let delete = |draft: &mut pinfold_core::Draft<'_>, at: Option<Timestamp>| {
        draft.delete_conversation(&one("bob"), at);
        Ok(())
    };
    store.acting(&origin, true).update_with_entry(&alice, &one("bob"), NOW, delete).await.unwrap();
    touch(3).await;
    for (revision, entry) in [(2, Some(Timestamp(3))), (1, None)] {
        let undo = async |revision| {
            let given = Mutex::new(None);
            let rule =
                |_: &mut pinfold_core::Draft<'_>, change: Option<&HistoryChange>, entries: &pinfold_core::Entries| {
                    *given.lock().unwrap() =
                        Some((change.map(|change| change.revision), entries.get(&one("bob")).copied()));
                    Ok::<_, Refusal>(())
                };
            store.acting(&origin, true).undo(&alice, Revision(revision), NOW, rule).await.unwrap();
            given.into_inner().unwrap().unwrap()
        };
        assert_eq!(undo(revision).await, (Some(Revision(revision)), entry));
        assert_eq!(undo(9).await, (None, None));
    }
}
