//! Walks over all accounts.

use std::collections::BTreeSet;

use pinfold_store::{AccountKey, Backend};

use super::Open;
use super::chat_groups::{put, team};
use crate::support::{account, delete, mark, one};

pub(super) async fn suite(open: &impl Open) {
    a_walk_meets_every_account_once_and_nobody_else(open).await;
    an_account_that_comes_or_goes_during_a_walk_does_not_hide_another(open).await;
}

fn accounts() -> BTreeSet<AccountKey> {
    let ids = ["a", "ab", "abc", "b", "é", "\u{10ffff}", "z"];
    [1, 2, 256, 257, u32::MAX].into_iter().flat_map(|app| ids.map(|id| account(app, id))).collect()
}

async fn walk(backend: &dyn Backend, count_max: usize) -> Vec<AccountKey> {
    let mut met: Vec<AccountKey> = Vec::new();
    loop {
        let page = backend.accounts_after(met.last(), count_max).await.unwrap();
        assert!(page.len() <= count_max);
        if page.is_empty() {
            return met;
        }
        met.extend(page);
    }
}

async fn a_walk_meets_every_account_once_and_nobody_else(open: &impl Open) {
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
    let mut met = backend.accounts_after(None, 10).await.unwrap();
    let cursor = met.last().cloned().unwrap();
    delete(&*backend, &cursor).await;
    mark(&*backend, &account(3, "new"), &one("bob"), 1).await;
    loop {
        let page = backend.accounts_after(met.last(), 10).await.unwrap();
        if page.is_empty() {
            break;
        }
        met.extend(page);
    }
    met.retain(|key| *key != account(3, "new"));
    assert_eq!(met.len(), accounts().len());
    assert_eq!(met.into_iter().collect::<BTreeSet<_>>(), accounts());
}
