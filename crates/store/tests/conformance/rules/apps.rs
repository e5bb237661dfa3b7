//! Apps: which there are, their accounts, and that all of one can be removed.

use std::collections::BTreeSet;

use pinfold_core::AppId;
use pinfold_store::{Backend, KeptOfApp, RemovedOfApp, apps_besides, count_app, drop_app};

use super::Open;
use super::chat_groups::{get, put, team};
use crate::support::{account, edit, listed, live, marks, one, state};

pub(super) async fn suite(open: &impl Open) {
    apps_are_found_by_an_account_or_a_chat_group_each_once_and_ascending(open).await;
    the_accounts_of_an_app_come_in_pages_without_those_of_its_neighbours(open).await;
    an_app_that_is_dropped_leaves_nothing_and_its_neighbours_are_untouched(open).await;
}

async fn mark(backend: &dyn Backend, app: u32, name: &str) {
    edit(backend, &account(app, name), |draft| {
        draft.arrange(&one("peer"), marks(1));
        Ok(())
    })
    .await;
}

async fn apps_are_found_by_an_account_or_a_chat_group_each_once_and_ascending(open: &impl Open) {
    let backend = open("apps").await;
    assert_eq!(backend.list_apps(None, 9).await.unwrap(), []);
    for app in [7, 256, 1] {
        mark(&*backend, app, "alice").await;
        mark(&*backend, app, "bob").await;
    }
    for app in [7, 3, u32::MAX] {
        put(&*backend, AppId(app), "team", &team("team")).await;
    }
    let apps = [1, 3, 7, 256, u32::MAX].map(AppId);
    assert_eq!(backend.list_apps(None, 9).await.unwrap(), apps);
    assert_eq!(backend.list_apps(None, 2).await.unwrap(), apps[..2]);
    assert_eq!(backend.list_apps(Some(AppId(3)), 2).await.unwrap(), apps[2..4]);
    assert_eq!(backend.list_apps(Some(AppId(u32::MAX)), 2).await.unwrap(), []);

    let found = apps_besides(&*backend, &[1, 256].map(AppId).into(), 2, 1).await.unwrap();
    let kept = |app, accounts| KeptOfApp { app: AppId(app), accounts, chat_groups: 1 };
    assert_eq!(found, [kept(3, 0), kept(7, 1)], "two apps at most, and one account of each");
    assert_eq!(apps_besides(&*backend, &BTreeSet::from(apps), 9, 9).await.unwrap(), []);
}

async fn the_accounts_of_an_app_come_in_pages_without_those_of_its_neighbours(open: &impl Open) {
    let backend = open("accounts of an app").await;
    let names = ["a", "b", "bb", "c"];
    for app in [1, 2, 3] {
        for name in names {
            mark(&*backend, app, name).await;
        }
    }
    let (mut found, mut after) = (BTreeSet::new(), None);
    for _ in 0..names.len() {
        let page = backend.list_accounts(Some(AppId(2)), after.as_ref(), 3).await.unwrap();
        after = page.last().cloned();
        for account in page {
            assert!(found.insert(account), "each comes once");
        }
        if after.is_none() {
            break;
        }
    }
    assert_eq!(found, names.map(|name| account(2, name)).into());
}

async fn an_app_that_is_dropped_leaves_nothing_and_its_neighbours_are_untouched(open: &impl Open) {
    const ACCOUNTS: u32 = 300;
    let backend = open("dropped").await;
    for app in [1, 2, 3] {
        put(&*backend, AppId(app), "gone", &pinfold_core::ChatGroup { destroyed: true, ..team("gone") }).await;
        put(&*backend, AppId(app), "team", &team("team")).await;
        mark(&*backend, app, "alice").await;
    }
    for number in 1..ACCOUNTS {
        mark(&*backend, 2, &format!("account {number}")).await;
    }
    let all = RemovedOfApp { accounts: ACCOUNTS.into(), chat_groups: 2 };
    assert_eq!(count_app(&*backend, AppId(2), |_| ()).await.unwrap(), Some(all));
    // What is remembered of it must go too.
    assert!(get(&*backend, AppId(2), "team").await.is_some());
    assert_eq!(drop_app(&*backend, AppId(2), |_| ()).await.unwrap(), all);
    assert_eq!(drop_app(&*backend, AppId(2), |_| ()).await.unwrap(), RemovedOfApp::default());
    assert_eq!(count_app(&*backend, AppId(2), |_| ()).await.unwrap(), None);

    assert_eq!(backend.list_apps(None, 9).await.unwrap(), [1, 3].map(AppId));
    assert!(state(&*backend, &account(2, "alice")).await.is_empty());
    assert_eq!(get(&*backend, AppId(2), "team").await, None);
    assert_eq!(live(&*backend, AppId(2)).await, 0);
    for app in [1, 3] {
        assert!(!state(&*backend, &account(app, "alice")).await.is_empty());
        assert_eq!(
            count_app(&*backend, AppId(app), |_| ()).await.unwrap(),
            Some(RemovedOfApp { accounts: 1, chat_groups: 2 })
        );
    }
    put(&*backend, AppId(2), "team", &team("again")).await;
    assert_eq!(listed(&*backend, AppId(2), 0, 9).await, [(1, "team".into(), team("again"))]);
    let mut damaged = Vec::new();
    pinfold_store::check(&*backend, |_| (), |damage| damaged.push(damage.clone())).await.unwrap();
    assert_eq!(damaged, []);
}
