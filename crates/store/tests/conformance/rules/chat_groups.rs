//! The register of chat groups.

use std::sync::Arc;

use pinfold_core::{AppId, ChatGroup, ChatGroupKind, Timestamp};
use pinfold_store::{Backend, Commit};

use super::Open;
use crate::support::{chat_group_id, id, listed, live};

const APP: AppId = AppId(1);

pub(super) async fn suite(open: &impl Open) {
    a_chat_group_is_read_back_as_it_was_put(open).await;
    a_put_that_expects_something_else_conflicts_and_changes_nothing(open).await;
    of_many_puts_of_one_id_one_is_made(open).await;
    destroyed_chat_groups_stay_listed_and_are_not_counted(open).await;
    pages_hold_every_chat_group_of_the_app_once_in_the_order_of_their_registration(open).await;
    many_are_registered_in_their_order_or_none_of_them(open).await;
}

/// A chat group of this name, alive.
pub(super) fn team(name: &str) -> ChatGroup {
    ChatGroup {
        kind: ChatGroupKind::Public,
        name: name.into(),
        owner: Some(id("owner")),
        created_at: Timestamp(7),
        destroyed: false,
    }
}

/// Puts it in the place of whatever is there.
pub(super) async fn put(backend: &dyn Backend, app: AppId, id: &str, new: &ChatGroup) {
    let existing = get(backend, app, id).await;
    let committed = backend.put_chat_group(app, &chat_group_id(id), existing.as_ref(), new).await.unwrap();
    assert_eq!(committed, Commit::Committed);
}

pub(super) async fn get(backend: &dyn Backend, app: AppId, id: &str) -> Option<ChatGroup> {
    backend.chat_groups(app, &[chat_group_id(id)]).await.unwrap().remove(0)
}

async fn a_chat_group_is_read_back_as_it_was_put(open: &impl Open) {
    let backend = open("put").await;
    for (n, kind) in ChatGroupKind::ALL.into_iter().enumerate() {
        let new = ChatGroup { kind, owner: None, ..team(&format!("team {n} 工作")) };
        put(&*backend, APP, &format!("g{n}"), &new).await;
        assert_eq!(get(&*backend, APP, &format!("g{n}")).await, Some(new));
    }
    let asked = ["g1", "unknown", "g0", "g1"].map(chat_group_id);
    let found = backend.chat_groups(APP, &asked).await.unwrap();
    let names: Vec<_> = found.iter().map(|found| found.as_ref().map(|group| group.name.as_str())).collect();
    assert_eq!(names, [Some("team 1 工作"), None, Some("team 0 工作"), Some("team 1 工作")]);
    assert_eq!(get(&*backend, AppId(2), "g0").await, None);
}

async fn a_put_that_expects_something_else_conflicts_and_changes_nothing(open: &impl Open) {
    let backend = open("expected").await;
    let put_if = |expected: Option<ChatGroup>| {
        let (backend, new) = (Arc::clone(&backend), team("late"));
        async move { backend.put_chat_group(APP, &chat_group_id("g"), expected.as_ref(), &new).await.unwrap() }
    };
    assert_eq!(put_if(Some(team("first"))).await, Commit::Conflict, "nothing is there");
    assert_eq!((get(&*backend, APP, "g").await, live(&*backend, APP).await), (None, 0));
    put(&*backend, APP, "g", &team("first")).await;
    assert_eq!(put_if(None).await, Commit::Conflict, "something is there");
    assert_eq!(put_if(Some(team("other"))).await, Commit::Conflict, "something else is there");
    let destroyed = ChatGroup { destroyed: true, ..team("first") };
    assert_eq!(put_if(Some(destroyed)).await, Commit::Conflict, "it is not destroyed");
    assert_eq!(get(&*backend, APP, "g").await, Some(team("first")));
    assert_eq!(live(&*backend, APP).await, 1);
}

async fn of_many_puts_of_one_id_one_is_made(open: &impl Open) {
    let backend = open("many puts").await;
    let put_new = |n: u32| {
        let backend = Arc::clone(&backend);
        let new = team(&format!("team {n}"));
        async move { (backend.put_chat_group(APP, &chat_group_id("g"), None, &new).await.unwrap(), new) }
    };
    let tasks: Vec<_> = (0..16).map(|n| tokio::spawn(put_new(n))).collect();
    let mut winners = Vec::new();
    for task in tasks {
        let (commit, new) = task.await.unwrap();
        winners.extend((commit == Commit::Committed).then_some(new));
    }
    assert_eq!(winners.len(), 1);
    assert_eq!(get(&*backend, APP, "g").await, winners.pop());
    assert_eq!(live(&*backend, APP).await, 1);
}

async fn destroyed_chat_groups_stay_listed_and_are_not_counted(open: &impl Open) {
    let backend = open("destroyed").await;
    let destroyed = ChatGroup { destroyed: true, ..team("a") };
    for (app, id, new, counted) in [
        (APP, "a", team("a"), 1),
        (APP, "b", team("b"), 2),
        (AppId(2), "a", team("a"), 2),
        (APP, "a", destroyed.clone(), 1),
        (APP, "a", destroyed.clone(), 1),
        (APP, "c", destroyed.clone(), 1),
        (APP, "a", team("again"), 2),
        (APP, "a", destroyed, 1),
    ] {
        put(&*backend, app, id, &new).await;
        assert_eq!(live(&*backend, APP).await, counted);
    }
    assert_eq!(live(&*backend, AppId(2)).await, 1);
    assert_eq!(live(&*backend, AppId(3)).await, 0);
    let listed = listed(&*backend, APP, 0, 10).await;
    let listed: Vec<_> = listed.iter().map(|(place, id, group)| (*place, id.as_str(), group.destroyed)).collect();
    assert_eq!(listed, [(1, "a", true), (2, "b", false), (3, "c", true)]);
}

async fn pages_hold_every_chat_group_of_the_app_once_in_the_order_of_their_registration(open: &impl Open) {
    let backend = open("pages").await;
    let longest = format!("@TGS#{}", "z".repeat(90));
    let ids = ["\u{10ffff}", "a", "ab", "B", "é", "z", "@TGS#1", "b", " ", longest.as_str(), "工"];
    for (n, id) in ids.into_iter().enumerate() {
        put(&*backend, APP, id, &team("early")).await;
        put(&*backend, AppId(2), &format!("{id}x"), &team("other app")).await;
        put(&*backend, APP, ids[n / 2], &team("put again")).await;
        put(&*backend, APP, id, &team(id)).await;
        put(&*backend, APP, ids[n / 2], &team(ids[n / 2])).await;
    }
    let expected: Vec<_> = ids.iter().map(|id| ((*id).to_owned(), team(id))).collect();
    for count_max in [1, 3, 11, 12] {
        assert_eq!(walk(&*backend, count_max).await, expected, "pages of {count_max}");
    }
    assert_eq!(listed(&*backend, APP, 3, 1).await, [(4, "B".into(), team("B"))]);
    for beyond in [11, 12, u32::MAX] {
        assert_eq!(listed(&*backend, APP, beyond, 10).await, []);
    }
}

async fn walk(backend: &dyn Backend, count_max: usize) -> Vec<(String, ChatGroup)> {
    let (mut walked, mut after) = (Vec::new(), 0);
    loop {
        let page = listed(backend, APP, after, count_max).await;
        assert!(page.len() <= count_max);
        let Some((last, ..)) = page.last() else { return walked };
        after = *last;
        walked.extend(page.into_iter().map(|(_, id, group)| (id, group)));
    }
}

async fn many_are_registered_in_their_order_or_none_of_them(open: &impl Open) {
    let backend = open("many at once").await;
    put(&*backend, APP, "first", &team("first")).await;
    let new = |ids: &[&str]| -> Vec<_> {
        let destroyed = |id: &str| ChatGroup { destroyed: id == "b", owner: None, ..team(id) };
        ids.iter().map(|id| (chat_group_id(id), destroyed(id))).collect()
    };
    let register = async |ids: &[&str]| backend.register_chat_groups(APP, &new(ids)).await.unwrap();
    assert_eq!(register(&["c", "b", "a"]).await, Commit::Committed);
    assert_eq!(register(&["d", "first"]).await, Commit::Conflict, "one is there");
    assert_eq!(register(&["d", "e", "d"]).await, Commit::Conflict, "one comes twice");
    assert_eq!(register(&["e"]).await, Commit::Committed);
    assert_eq!(live(&*backend, APP).await, 4);
    let expected = [(chat_group_id("first"), team("first"))].into_iter().chain(new(&["c", "b", "a", "e"]));
    let expected = (1..).zip(expected).map(|(place, (id, group))| (place, id.as_str().to_owned(), group));
    assert_eq!(listed(&*backend, APP, 0, 10).await, expected.collect::<Vec<_>>());
    assert_eq!(get(&*backend, APP, "b").await, Some(ChatGroup { destroyed: true, owner: None, ..team("b") }));
    assert_eq!(get(&*backend, APP, "d").await, None);
}
