//! A change that is kept in the history costs the same in small and large accounts. Alone in its binary: it counts every allocation.
#![allow(clippy::unwrap_used, reason = "the helpers are part of tests")]

mod support;

use std::alloc::System;

use pinfold_store::{Backend, Memory};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use support::history::edit_kept;
use support::{account, edit, embedded, marks, one};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const MARKS: usize = 100;

/// The bytes that a mark allocates in an account of so many records.
async fn bytes_of_a_mark(backend: &dyn Backend, records: usize) -> usize {
    let account = account(1, &format!("alice-{records}"));
    let peer = |number: usize| one(&format!("peer{}", number % records));
    edit(backend, &account, |draft| {
        (0..records).for_each(|number| draft.arrange(&peer(number), marks(1)));
        Ok(())
    })
    .await;
    let region = Region::new(ALLOCATOR);
    for number in 0..MARKS {
        edit_kept(backend, &account, |draft| {
            draft.arrange(&peer(number * 7), marks(2 + number as u64));
            Ok(())
        })
        .await;
    }
    region.change().bytes_allocated / MARKS
}

#[tokio::test]
async fn a_mark_in_an_account_of_1000_records_allocates_less_than_twice_what_it_does_in_one_of_20() {
    let place = tempfile::tempdir().unwrap();
    for backend in [std::sync::Arc::new(Memory::new()), embedded(place.path())] {
        let (small, large) = (bytes_of_a_mark(&*backend, 20).await, bytes_of_a_mark(&*backend, 1000).await);
        assert!(large < 2 * small, "{small} bytes in the small account, {large} in the large one");
    }
}
