//! Reading changes, and where accounts stand.

use pinfold_core::{HistoryChange, Revision};
use pinfold_store::{Backend, ChangeRange, Life, Position};

use super::super::Open;
use crate::support::history::{EVERYTHING, change, edit_kept, every_change, life, mark_kept, put, revisions, stored};
use crate::support::{account, delete, edit, mark, one};

pub(super) async fn suite(open: &impl Open) {
    every_event_is_read_as_it_was_put(open).await;
    changes_are_read_from_either_end_of_a_range_until_there_are_so_many(open).await;
    a_read_ends_with_the_change_that_has_it_reach_so_many_bytes_and_has_one_at_least(open).await;
    a_change_that_is_put_again_is_replaced(open).await;
    changes_that_are_put_for_another_life_cannot_be_read(open).await;
    positions_are_told_in_the_order_they_are_asked_for(open).await;
}

async fn every_event_is_read_as_it_was_put(open: &impl Open) {
    let backend = open("every event").await;
    let (alice, kept) = (account(1, "alice"), every_change());
    put(&*backend, &alice, kept.len() as u32, &kept).await;
    let read = stored(&*backend, &alice).await;
    for (read, kept) in read.iter().zip(&kept) {
        assert_eq!(**read, *kept);
    }
    assert_eq!(read.len(), kept.len());
}

async fn read(backend: &dyn Backend, range: ChangeRange) -> Vec<u32> {
    let alice = account(1, "alice");
    let read = backend.changes(&alice, life(backend, &alice).await, &range).await.unwrap();
    read.iter().map(|change| change.revision.0).collect()
}

async fn changes_are_read_from_either_end_of_a_range_until_there_are_so_many(open: &impl Open) {
    const CHANGES: u32 = 300;
    let backend = open("ranges").await;
    let kept: Vec<_> = (1..=CHANGES).map(|revision| change(revision, revision.into(), 0)).collect();
    put(&*backend, &account(1, "alice"), CHANGES, &kept).await;
    assert_eq!(read(&*backend, EVERYTHING).await, (1..=CHANGES).collect::<Vec<_>>());
    let backward = ChangeRange { descending: true, ..EVERYTHING };
    assert_eq!(read(&*backend, backward).await, (1..=CHANGES).rev().collect::<Vec<_>>());
    for (from, until, count_max, ascending, descending) in [
        (3, 6, 9, vec![3, 4, 5], vec![5, 4, 3]),
        (3, 6, 2, vec![3, 4], vec![5, 4]),
        (299, u32::MAX, 9, vec![299, 300], vec![300, 299]),
        (0, 2, 9, vec![1], vec![1]),
        (255, 258, 9, vec![255, 256, 257], vec![257, 256, 255]),
        (6, 6, 9, vec![], vec![]),
        (301, 400, 9, vec![], vec![]),
    ] {
        let range = ChangeRange { from: Revision(from), until: Revision(until), count_max, ..EVERYTHING };
        assert_eq!(read(&*backend, range).await, ascending, "{range:?}");
        assert_eq!(read(&*backend, ChangeRange { descending: true, ..range }).await, descending, "{range:?}");
    }
}

async fn a_read_ends_with_the_change_that_has_it_reach_so_many_bytes_and_has_one_at_least(open: &impl Open) {
    let backend = open("bytes").await;
    let kept: Vec<_> = [0, 5000, 0, 0].into_iter().zip(1..).map(|(more, n)| change(n, n.into(), more)).collect();
    put(&*backend, &account(1, "alice"), 4, &kept).await;
    let weight = |until: usize| kept[..until].iter().map(HistoryChange::weight).sum::<usize>();
    for (bytes_max, expected) in [
        (1, vec![1]),
        (weight(1), vec![1]),
        (weight(1) + 1, vec![1, 2]),
        (weight(2) + 1, vec![1, 2, 3]),
        (usize::MAX, vec![1, 2, 3, 4]),
    ] {
        assert_eq!(read(&*backend, ChangeRange { bytes_max, ..EVERYTHING }).await, expected, "{bytes_max}");
    }
    let large_one = ChangeRange { from: Revision(2), bytes_max: 1, ..EVERYTHING };
    assert_eq!(read(&*backend, large_one).await, [2]);
}

async fn a_change_that_is_put_again_is_replaced(open: &impl Open) {
    let backend = open("put again").await;
    let alice = account(1, "alice");
    put(&*backend, &alice, 2, &[change(1, 1, 0), change(2, 2, 0)]).await;
    let again = change(2, 2, 9);
    backend.put_changes(&alice, life(&*backend, &alice).await, std::slice::from_ref(&again)).await.unwrap();
    let stored = stored(&*backend, &alice).await;
    assert_eq!((stored.len(), &*stored[1]), (2, &again));
    backend.put_changes(&alice, life(&*backend, &alice).await, &[]).await.unwrap();
    assert_eq!(revisions(&*backend, &alice).await, [1, 2]);
}

async fn changes_that_are_put_for_another_life_cannot_be_read(open: &impl Open) {
    let backend = open("put late").await;
    let alice = account(1, "alice");
    mark(&*backend, &alice, &one("bob"), 1).await;
    let other = Life(life(&*backend, &alice).await.0 ^ 1);
    backend.put_changes(&alice, other, &[change(1, 1, 0)]).await.unwrap();
    for life in [other, life(&*backend, &alice).await] {
        assert_eq!(backend.changes(&alice, life, &EVERYTHING).await.unwrap(), []);
    }
}

async fn positions_are_told_in_the_order_they_are_asked_for(open: &impl Open) {
    let backend = open("positions").await;
    let [alice, bob, gone, empty] = ["alice", "bob", "gone", "empty"].map(|name| account(1, name));
    mark_kept(&*backend, &alice, 1).await;
    edit_kept(&*backend, &alice, |draft| draft.pin(&one("carol"))).await;
    mark(&*backend, &bob, &one("carol"), 1).await;
    mark_kept(&*backend, &gone, 1).await;
    delete(&*backend, &gone).await;
    edit(&*backend, &empty, |draft| {
        draft.ensure_exists();
        Ok(())
    })
    .await;
    let stands = async |account, revision, history_from| {
        let life = life(&*backend, account).await;
        Some(Position { life, revision: Revision(revision), history_from, imported: false })
    };
    let (of_alice, of_bob, of_empty) =
        (stands(&alice, 2, 1).await, stands(&bob, 1, 0).await, stands(&empty, 0, 0).await);
    let unknown = account(2, "alice");
    let asked = [bob, gone, unknown, alice.clone(), empty, alice];
    let told = backend.positions(&asked).await.unwrap();
    assert_eq!(told, [of_bob, None, None, of_alice, of_empty, of_alice]);
    assert_eq!(backend.positions(&[]).await.unwrap(), []);
}
