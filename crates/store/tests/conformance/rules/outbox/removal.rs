//! Removing what was sent.

use pinfold_store::{Life, SentChange};

use super::super::Open;
use crate::support::history::{life, mark_kept, revisions};
use crate::support::outbox::{mark_unsent, mark_unsent_times, remove_sent, unsent, waiting};
use crate::support::{account, delete};

pub(super) async fn suite(open: &impl Open) {
    changes_that_were_sent_wait_no_more_and_stay_in_the_history(open).await;
    removing_what_is_not_there_is_no_error_and_removes_nothing_else(open).await;
    changes_of_many_accounts_are_removed_together(open).await;
    a_change_that_comes_after_a_removal_waits(open).await;
}

async fn changes_that_were_sent_wait_no_more_and_stay_in_the_history(open: &impl Open) {
    let backend = open("sent").await;
    let alice = account(1, "alice");
    mark_unsent_times(&*backend, &alice, 4).await;
    let life = life(&*backend, &alice).await;
    for (sent, left, first) in [(vec![1], vec![2, 3, 4], 2), (vec![2, 3], vec![4], 4)] {
        remove_sent(&*backend, &alice, life, &sent).await;
        assert_eq!(unsent(&*backend, &alice).await, left);
        assert_eq!(waiting(&*backend, 1).await, [("alice".into(), first)]);
    }
    remove_sent(&*backend, &alice, life, &[4]).await;
    assert_eq!((unsent(&*backend, &alice).await, waiting(&*backend, 1).await), (vec![], vec![]));
    assert_eq!(revisions(&*backend, &alice).await, [1, 2, 3, 4]);
}

async fn removing_what_is_not_there_is_no_error_and_removes_nothing_else(open: &impl Open) {
    let backend = open("sent twice").await;
    let (alice, bob) = (account(1, "alice"), account(1, "bob"));
    mark_unsent_times(&*backend, &alice, 3).await;
    mark_unsent_times(&*backend, &bob, 3).await;
    let of_alice = life(&*backend, &alice).await;
    remove_sent(&*backend, &alice, of_alice, &[1]).await;
    remove_sent(&*backend, &alice, of_alice, &[1, 1, 9]).await;
    remove_sent(&*backend, &alice, Life(of_alice.0 ^ 1), &[2]).await;
    remove_sent(&*backend, &account(1, "unknown"), of_alice, &[2]).await;
    remove_sent(&*backend, &alice, of_alice, &[]).await;
    assert_eq!(unsent(&*backend, &alice).await, [2, 3]);
    assert_eq!(unsent(&*backend, &bob).await, [1, 2, 3]);
    delete(&*backend, &alice).await;
    mark_unsent_times(&*backend, &alice, 3).await;
    remove_sent(&*backend, &alice, of_alice, &[2, 3]).await;
    assert_eq!(unsent(&*backend, &alice).await, [1, 2, 3], "the account of the same name that came later");
}

async fn changes_of_many_accounts_are_removed_together(open: &impl Open) {
    const ACCOUNTS: u32 = 20;
    let backend = open("sent together").await;
    let (mut sent, mut left) = (Vec::new(), Vec::new());
    for number in 0..ACCOUNTS {
        let account = account(1 + number % 2, &format!("user_{number:02}"));
        mark_unsent_times(&*backend, &account, 2).await;
        let life = life(&*backend, &account).await;
        let revision = pinfold_core::Revision(1 + number % 3 % 2);
        left.push((account.clone(), vec![3 - revision.0]));
        sent.push(SentChange { account, life, revision });
    }
    backend.remove_sent(&sent).await.unwrap();
    for (account, left) in left {
        assert_eq!(unsent(&*backend, &account).await, left, "{account:?}");
    }
}

async fn a_change_that_comes_after_a_removal_waits(open: &impl Open) {
    let backend = open("sent and again").await;
    let alice = account(1, "alice");
    for bits in 1..=3 {
        mark_kept(&*backend, &alice, 10 + bits).await;
        let change = mark_unsent(&*backend, &alice, bits).await;
        assert_eq!(unsent(&*backend, &alice).await, [change.revision.0]);
        remove_sent(&*backend, &alice, life(&*backend, &alice).await, &[change.revision.0]).await;
        assert_eq!(unsent(&*backend, &alice).await, [0; 0]);
    }
}
