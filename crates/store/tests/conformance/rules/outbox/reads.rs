//! Reading what waits.

use std::collections::BTreeSet;

use pinfold_core::{AppId, HistoryChange, Revision};
use pinfold_store::{Backlog, Life, PageBounds, SHARES, SentUpTo, Shares, UnsentPage, share_of};

use super::super::Open;
use crate::support::history::life;
use crate::support::outbox::{mark_unsent, mark_unsent_at, mark_unsent_times, remove_sent, unsent_by, waiting_by};
use crate::support::{account, delete};

pub(super) async fn suite(open: &impl Open) {
    unsent_changes_come_by_pages_in_their_order(open).await;
    a_page_begins_after_a_change_that_was_sent_unless_that_is_of_another_life(open).await;
    a_page_ends_with_the_change_that_has_it_reach_so_many_bytes_and_has_one_at_least(open).await;
    accounts_that_wait_come_by_pages_in_the_order_of_accounts(open).await;
    accounts_that_wait_are_those_of_the_shares_asked_for(open).await;
    a_backlog_counts_up_to_a_bound(open).await;
}

const ALL: PageBounds = PageBounds { count_max: 100, bytes_max: usize::MAX };

fn revisions(page: &UnsentPage) -> Vec<u32> {
    page.changes.iter().map(|change| change.revision.0).collect()
}

async fn unsent_changes_come_by_pages_in_their_order(open: &impl Open) {
    let backend = open("webhook pages").await;
    let (alice, neighbour) = (account(1, "alice"), account(1, "alice2"));
    for account in [&alice, &neighbour] {
        mark_unsent_times(&*backend, account, 7).await;
    }
    for count_max in [1, 3, 7, 8] {
        let read = unsent_by(&*backend, &alice, count_max).await;
        assert_eq!(read.iter().map(|change| change.revision.0).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6, 7]);
    }
    let page = |count_max| PageBounds { count_max, ..ALL };
    let is_last = async |count_max| backend.unsent(&alice, None, page(count_max)).await.unwrap().is_last;
    assert_eq!([is_last(6).await, is_last(7).await, is_last(8).await], [false, true, true]);
}

async fn a_page_begins_after_a_change_that_was_sent_unless_that_is_of_another_life(open: &impl Open) {
    let backend = open("webhook after").await;
    let alice = account(1, "alice");
    mark_unsent_times(&*backend, &alice, 4).await;
    let current = life(&*backend, &alice).await;
    let after = async |life, revision| {
        let page = backend.unsent(&alice, Some(SentUpTo { life, revision: Revision(revision) }), ALL).await.unwrap();
        assert_eq!((page.life, page.is_last), (Some(current), true));
        revisions(&page)
    };
    assert_eq!(after(current, 0).await, [1, 2, 3, 4]);
    assert_eq!(after(current, 2).await, [3, 4]);
    assert_eq!(after(current, 4).await, [0; 0]);
    assert_eq!(after(Life(current.0 ^ 1), 2).await, [1, 2, 3, 4]);
    let nothing = UnsentPage { life: None, changes: Vec::new(), is_last: true };
    assert_eq!(backend.unsent(&account(1, "unknown"), None, ALL).await.unwrap(), nothing);
    delete(&*backend, &alice).await;
    assert_eq!(backend.unsent(&alice, None, ALL).await.unwrap(), nothing);
}

async fn a_page_ends_with_the_change_that_has_it_reach_so_many_bytes_and_has_one_at_least(open: &impl Open) {
    let backend = open("webhook bytes").await;
    let alice = account(1, "alice");
    let mut weights = Vec::new();
    for bits in 1..=4 {
        weights.push(HistoryChange::weight(&*mark_unsent(&*backend, &alice, bits).await));
    }
    let weight = |changes: usize| weights[..changes].iter().sum::<usize>();
    for (bytes_max, expected) in [(1, 1), (weight(1), 1), (weight(1) + 1, 2), (weight(3), 3), (weight(3) + 1, 4)] {
        let page = backend.unsent(&alice, None, PageBounds { bytes_max, ..ALL }).await.unwrap();
        assert_eq!((page.changes.len(), page.is_last), (expected, expected == 4), "{bytes_max}");
    }
}

async fn accounts_that_wait_come_by_pages_in_the_order_of_accounts(open: &impl Open) {
    let backend = open("webhook accounts").await;
    let names = ["a", "ab", "b", "longer than the others", "z", "卡罗尔"];
    for name in names {
        mark_unsent_times(&*backend, &account(1, name), 3).await;
    }
    for other in [account(0x0100, "a"), account(2, "m")] {
        mark_unsent(&*backend, &other, 1).await;
    }
    delete(&*backend, &account(1, "b")).await;
    let sent = account(1, "z");
    remove_sent(&*backend, &sent, life(&*backend, &sent).await, &[1, 2, 3]).await;
    let listed = backend.list_accounts(Some(AppId(1)), None, 100).await.unwrap();
    let expected: Vec<_> = listed.into_iter().map(|key| key.account).filter(|id| *id != sent.account).collect();
    assert_eq!(expected.len(), 4);
    for count_max in [1, 2, 4, 5] {
        let waiting = waiting_by(&*backend, AppId(1), Shares::ALL, count_max).await;
        assert_eq!(waiting.into_iter().map(|waiting| waiting.account).collect::<Vec<_>>(), expected, "{count_max}");
    }
}

async fn accounts_that_wait_are_those_of_the_shares_asked_for(open: &impl Open) {
    const ACCOUNTS: usize = 48;
    let backend = open("webhook shares").await;
    for number in 0..ACCOUNTS {
        mark_unsent(&*backend, &account(1, &format!("user_{number}")), 1).await;
    }
    let mut found = BTreeSet::new();
    for share in 0..SHARES {
        for waiting in waiting_by(&*backend, AppId(1), Shares::NONE.with(share), 3).await {
            assert_eq!(share_of(&waiting.account), share);
            assert!(found.insert(waiting.account), "an account has one share");
        }
    }
    assert_eq!(found.len(), ACCOUNTS);
    assert_eq!(waiting_by(&*backend, AppId(1), Shares::NONE, 3).await, []);
}

async fn a_backlog_counts_up_to_a_bound(open: &impl Open) {
    let backend = open("webhook backlog").await;
    assert_eq!(backend.backlog(AppId(1), 10).await.unwrap(), Backlog::default());
    for (name, at) in [("alice", 5000), ("alice", 6000), ("bob", 3000), ("carol", 4000)] {
        let revision = backend.positions(&[account(1, name)]).await.unwrap()[0].map_or(0, |at| at.revision.0);
        mark_unsent_at(&*backend, &account(1, name), u64::from(revision) + 1, at).await;
    }
    mark_unsent_at(&*backend, &account(2, "alice"), 1, 1000).await;
    let counted = backend.backlog(AppId(1), 10).await.unwrap();
    assert_eq!((counted.changes, counted.accounts, counted.oldest.unwrap().0), (4, 3, 3000));
    let bounded = backend.backlog(AppId(1), 2).await.unwrap();
    assert_eq!(bounded.changes, 2);
    assert!((1..=2).contains(&bounded.accounts) && bounded.oldest.is_some(), "{bounded:?}");
}
