//! Data after a restart.

use pinfold_core::{AppId, ChatGroup, ConversationGroupId, Fingerprint, Repeat, RepeatedAnswer};
use pinfold_store::{Commit, Version};

use super::Open;
use super::accounts::{everything, imported};
use super::chat_groups::{get, put, team};
use super::recents::{entries, times, touch, touch_chat_group};
use crate::support::{account, delete, edit, listed, live, load, mark, marking, one, state};

pub(super) async fn suite(open: &impl Open) {
    everything_kept_for_an_account_survives(open).await;
    a_deleted_account_stays_deleted(open).await;
    a_lost_race_leaves_nothing_behind(open).await;
    a_version_survives_so_that_a_race_across_a_restart_is_seen(open).await;
    chat_groups_survive_with_their_count(open).await;
    entries_and_times_of_chat_groups_survive(open).await;
    after_the_close_calls_fail(open).await;
}

async fn everything_kept_for_an_account_survives(open: &impl Open) {
    let backend = open("survives").await;
    let alice = account(1, "alice");
    edit(&*backend, &alice, |draft| {
        let answer = RepeatedAnswer::Renamed(ConversationGroupId(2));
        draft.may_be_repeated(Repeat { fingerprint: Fingerprint([9; 32]), answer });
        everything(draft)
    })
    .await;
    let before = load(&*backend, &alice).await;
    assert!(before.state.head.repeat.is_some() && before.state.pins.len() == 2 && before.state.head.imported);
    backend.close().await.unwrap();
    drop(backend);
    let backend = open("survives").await;
    let after = load(&*backend, &alice).await;
    assert_eq!((after.version, after.state), (before.version, before.state));
    assert_eq!(imported(&*backend, AppId(1), &["alice"]).await, [true]);
}

async fn a_deleted_account_stays_deleted(open: &impl Open) {
    let backend = open("stays deleted").await;
    let (alice, bob) = (account(1, "alice"), account(1, "bob"));
    edit(&*backend, &alice, everything).await;
    edit(&*backend, &bob, everything).await;
    delete(&*backend, &alice).await;
    backend.close().await.unwrap();
    drop(backend);
    let backend = open("stays deleted").await;
    let after = load(&*backend, &alice).await;
    assert_eq!((after.version, after.state.is_empty()), (None, true));
    assert_eq!(backend.list_accounts(None, None, 10).await.unwrap(), [bob]);
}

async fn entries_and_times_of_chat_groups_survive(open: &impl Open) {
    let backend = open("entries survive").await;
    let alice = account(1, "alice");
    mark(&*backend, &alice, &one("bob"), 1).await;
    touch(&*backend, &[("alice", one("bob"), 5), ("alice", one("carol"), 6)]).await;
    touch(&*backend, &[("alice", one("bob"), 8)]).await;
    touch_chat_group(&*backend, 1, "team", 9).await;
    let before = entries(&*backend, &alice).await;
    backend.close().await.unwrap();
    drop(backend);
    let backend = open("entries survive").await;
    assert_eq!((entries(&*backend, &alice).await, before.len()), (before, 2));
    assert_eq!(times(&*backend, 1, &["team"]).await, [Some(9)]);
}

async fn a_lost_race_leaves_nothing_behind(open: &impl Open) {
    let backend = open("lost race and restart").await;
    let alice = account(1, "alice");
    mark(&*backend, &alice, &one("bob"), 1).await;
    let late = marking(&Default::default(), &one("carol"), 4);
    assert_eq!(backend.commit(&alice, None, Version::numbered(1), late).await.unwrap(), Commit::Conflict);
    let before = state(&*backend, &alice).await;
    backend.close().await.unwrap();
    drop(backend);
    assert_eq!(state(&*open("lost race and restart").await, &alice).await, before);
}

async fn a_version_survives_so_that_a_race_across_a_restart_is_seen(open: &impl Open) {
    let backend = open("race across a restart").await;
    let alice = account(1, "alice");
    mark(&*backend, &alice, &one("bob"), 1).await;
    let old = load(&*backend, &alice).await;
    mark(&*backend, &alice, &one("bob"), 2).await;
    let new = load(&*backend, &alice).await;
    backend.close().await.unwrap();
    drop(backend);
    let backend = open("race across a restart").await;
    let next = || marking(&new.state, &one("bob"), 3);
    let late = backend.commit(&alice, old.version, Version::after(old.version), next()).await.unwrap();
    let right = backend.commit(&alice, new.version, Version::after(new.version), next()).await.unwrap();
    assert_eq!((late, right), (Commit::Conflict, Commit::Committed));
}

async fn chat_groups_survive_with_their_count(open: &impl Open) {
    let backend = open("chat groups").await;
    let destroyed = ChatGroup { destroyed: true, ..team("b") };
    put(&*backend, AppId(1), "a", &team("a")).await;
    put(&*backend, AppId(1), "b", &destroyed).await;
    backend.close().await.unwrap();
    drop(backend);
    let backend = open("chat groups").await;
    assert_eq!(get(&*backend, AppId(1), "a").await, Some(team("a")));
    assert_eq!(get(&*backend, AppId(1), "b").await, Some(destroyed));
    assert_eq!(live(&*backend, AppId(1)).await, 1);
    put(&*backend, AppId(1), "c", &team("c")).await;
    assert_eq!(listed(&*backend, AppId(1), 2, 10).await, [(3, "c".into(), team("c"))], "no place is given twice");
}

async fn after_the_close_calls_fail(open: &impl Open) {
    let backend = open("closed").await;
    let alice = account(1, "alice");
    mark(&*backend, &alice, &one("bob"), 1).await;
    let before = load(&*backend, &alice).await;
    backend.close().await.unwrap();
    let next = marking(&before.state, &one("bob"), 2);
    assert!(backend.commit(&alice, before.version, Version::after(before.version), next).await.is_err());
    assert!(backend.load(&alice, &pinfold_store::Scope::All).await.is_err());
    assert!(backend.health().await.is_err());
    backend.close().await.expect("closing again is not an error");
}
