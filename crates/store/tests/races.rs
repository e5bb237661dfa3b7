//! 64 tasks at one account. Two stores share the backend, so that the turns which one store keeps do not
//! hide the races.
#![allow(clippy::unwrap_used, reason = "the helpers are part of tests")]

mod support;

use std::collections::BTreeSet;
use std::sync::Arc;

use pinfold_core::rules::{NewChatGroup, create_chat_group};
use pinfold_core::{AccountState, AppId, ChatGroupKind, Refusal, Timestamp};
use pinfold_store::{Backend, Loaded, Memory, Store, UpdateError};

use support::folded::Folded;
use support::history::stored;
use support::rules::{Caller, policy};
use support::{account, chat_group_id, embedded, embedded_without_cache, listed, live, load, one, state};

const TASKS: u32 = 64;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn in_memory_no_update_is_lost_and_no_limit_passed() {
    races(&async || Arc::new(Memory::new()) as Arc<dyn Backend>).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn in_the_embedded_store_no_update_is_lost_and_no_limit_passed() {
    let place = tempfile::tempdir().unwrap();
    let backend = embedded(place.path());
    races(&async || Arc::clone(&backend)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_a_cache_no_update_is_lost_and_no_limit_passed() {
    let place = tempfile::tempdir().unwrap();
    let backend = embedded_without_cache(place.path());
    races(&async || Arc::clone(&backend)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn in_postgres_no_update_is_lost_and_no_limit_passed() {
    let backend = support::postgres(&support::postgres::shared().new_schema()).await;
    races(&async || Arc::clone(&backend)).await;
}

/// The races use an account each, so that they may share a backend.
async fn races(open: &impl AsyncFn() -> Arc<dyn Backend>) {
    every_bit_set_at_once_on_one_conversation_stays(&open().await).await;
    marks_stop_at_the_limit(&open().await).await;
    members_of_a_group_stop_at_the_limit(&open().await).await;
    groups_and_pins_stop_at_the_limit(&open().await).await;
    changes_amid_deletions_leave_counters_that_are_right(&open().await).await;
    one_of_many_registers_a_chat_group_and_each_gets_its_own_serial(&open().await).await;
}

/// Runs the call as task 0 to 63 at once, by turns over two stores, and gives back the answers.
async fn at_once<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
    backend: &Arc<dyn Backend>,
    call: impl Fn(Store, u32) -> F,
) -> Vec<T> {
    let stores = [Store::new(Arc::clone(backend)), Store::new(Arc::clone(backend))];
    let tasks: Vec<_> = (0..TASKS).map(|n| tokio::spawn(call(stores[n as usize % 2].clone(), n))).collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    answers
}

fn caller(store: Store, name: &str, max: usize) -> Caller {
    Caller { store, account: account(1, name), policy: policy(max) }
}

/// How many calls were granted; the others must have been refused by this limit and by nothing else.
fn granted<T>(answers: &[Result<T, UpdateError>], limit: impl Fn(&Refusal) -> bool) -> usize {
    for answer in answers {
        match answer {
            Ok(_) => {}
            Err(UpdateError::Refused(refusal)) => assert!(limit(refusal), "{refusal}"),
            Err(UpdateError::Store(error)) => panic!("{error}"),
        }
    }
    answers.iter().filter(|answer| answer.is_ok()).count()
}

/// Counters equal a recount, numbers are given once.
fn assert_consistent(state: &AccountState) {
    let records = || state.records.values();
    let grouped = records().filter(|record| record.arrangement.is_grouped()).count();
    let marked = records().filter(|record| record.arrangement.is_marked()).count();
    assert_eq!((state.head.grouped as usize, state.head.marked as usize), (grouped, marked));
    let numbers = records().map(|record| record.change.0).chain(state.pins.values().map(|pin| pin.change.0));
    let unique: BTreeSet<_> = numbers.collect();
    assert_eq!(unique.len(), state.records.len() + state.pins.len(), "a change number was given twice");
    assert!(unique.iter().all(|number| *number <= state.head.last_change.0));
}

/// Whatever the tasks did, in whatever order: the changes of the account are numbered without gaps, and their events lead
/// from nothing to what is kept.
async fn assert_history_leads_here(backend: &dyn Backend, name: &str) {
    let (account, mut folded) = (account(1, name), Folded::default());
    let Loaded { version, state, .. } = load(backend, &account).await;
    let kept = if version.is_some() { stored(backend, &account).await } else { Vec::new() };
    let revisions: Vec<_> = kept.iter().map(|change| change.revision.0).collect();
    assert_eq!(revisions, (1..=state.head.revision).collect::<Vec<_>>());
    assert!(kept.is_sorted_by_key(|change| change.at));
    kept.iter().for_each(|change| folded.apply(change));
    assert_eq!(folded, Folded::of(&state));
}

async fn every_bit_set_at_once_on_one_conversation_stays(backend: &Arc<dyn Backend>) {
    let answers =
        at_once(backend, |store, n| async move { caller(store, "bits", 1).mark(one("bob"), 0, 1 << n).await }).await;
    assert_eq!(granted(&answers, |_| false), 64);
    let after = state(&**backend, &account(1, "bits")).await;
    assert_eq!(after.arrangement(&one("bob")).standard.0, u64::MAX);
    assert_eq!(after.head.last_change.0, 64, "each change has its number");
    assert_consistent(&after);
    assert_history_leads_here(&**backend, "bits").await;
}

async fn marks_stop_at_the_limit(backend: &Arc<dyn Backend>) {
    let answers =
        at_once(
            backend,
            |store, n| async move { caller(store, "marks", 40).mark(one(&format!("peer {n}")), 0, 1).await },
        )
        .await;
    assert_eq!(granted(&answers, |refusal| matches!(refusal, Refusal::ConversationsFull { max: 40, .. })), 40);
    let after = state(&**backend, &account(1, "marks")).await;
    assert_consistent(&after);
    for (n, answer) in answers.iter().enumerate() {
        assert_eq!(after.records.contains_key(&one(&format!("peer {n}"))), answer.is_ok());
    }
    assert_history_leads_here(&**backend, "marks").await;
}

async fn members_of_a_group_stop_at_the_limit(backend: &Arc<dyn Backend>) {
    let answers = at_once(backend, |store, n| async move {
        caller(store, "members", 40).create("Work", &[one(&format!("peer {n}"))]).await
    })
    .await;
    assert_eq!(granted(&answers, |refusal| matches!(refusal, Refusal::ConversationsFull { max: 40, .. })), 40);
    let after = state(&**backend, &account(1, "members")).await;
    assert_eq!((after.records.len(), after.conversation_groups.len()), (40, 1));
    assert_consistent(&after);
    assert_history_leads_here(&**backend, "members").await;
}

async fn groups_and_pins_stop_at_the_limit(backend: &Arc<dyn Backend>) {
    let answers =
        at_once(
            backend,
            |store, n| async move { caller(store, "groups", 20).create(&format!("group {n}"), &[]).await },
        )
        .await;
    assert_eq!(granted(&answers, |refusal| matches!(refusal, Refusal::ConversationGroupsFull { max: 20 })), 20);
    let ids: BTreeSet<_> = answers.iter().flatten().map(|id| id.0).collect();
    assert_eq!(ids, (1..=20).collect());
    let answers =
        at_once(
            backend,
            |store, n| async move { caller(store, "groups", 20).pin(true, one(&format!("peer {n}"))).await },
        )
        .await;
    assert_eq!(granted(&answers, |refusal| matches!(refusal, Refusal::PinsFull { max: 20 })), 20);
    let after = state(&**backend, &account(1, "groups")).await;
    assert_eq!((after.conversation_groups.len(), after.pins.len()), (20, 20));
    assert_consistent(&after);
    assert_history_leads_here(&**backend, "groups").await;
}

async fn changes_amid_deletions_leave_counters_that_are_right(backend: &Arc<dyn Backend>) {
    let answers = at_once(backend, |store, n| async move {
        let caller = caller(store, "deleted", 1000);
        let group = format!("group {}", n % 2);
        match n % 8 {
            0 => caller.delete_account().await,
            1 => caller.delete_conversation_group(&group).await.map(drop),
            2 | 3 => caller.mark(one(&format!("peer {}", n % 5)), 0, 1).await,
            4 => caller.mark(one(&format!("peer {}", n % 5)), 1, 0).await,
            5 => caller.pin(n % 3 > 0, one(&format!("peer {}", n % 5))).await,
            _ => caller.create(&group, &[one(&format!("peer {}", n % 5)), one("bob")]).await.map(drop),
        }
    })
    .await;
    granted(&answers, |refusal| matches!(refusal, Refusal::AccountUnknown(_) | Refusal::ConversationGroupUnknown(_)));
    let after = state(&**backend, &account(1, "deleted")).await;
    assert_consistent(&after);
    let named = after.records.values().flat_map(|record| &record.arrangement.conversation_groups);
    assert!(named.into_iter().all(|id| after.conversation_groups.contains_key(id)));
    assert_history_leads_here(&**backend, "deleted").await;
}

async fn one_of_many_registers_a_chat_group_and_each_gets_its_own_serial(backend: &Arc<dyn Backend>) {
    let new = NewChatGroup { kind: ChatGroupKind::Work, name: "Team".into(), owner: None };
    let answers = at_once(backend, |store, n| {
        let new = new.clone();
        // Every fourth wants the same id as three others.
        async move {
            let id = chat_group_id(&format!("team {}", n / 4));
            let rule = |existing: Option<&_>| create_chat_group(&id, existing, &new, Timestamp(1));
            store.update_chat_group(AppId(9), &id, rule).await
        }
    })
    .await;
    assert_eq!(granted(&answers, |refusal| matches!(refusal, Refusal::ChatGroupTaken { .. })), 16);
    assert_eq!(live(&**backend, AppId(9)).await, 16);
    let places: Vec<_> = listed(&**backend, AppId(9), 0, 100).await.into_iter().map(|(place, ..)| place).collect();
    assert_eq!(places, (1..=16).collect::<Vec<_>>());
}
