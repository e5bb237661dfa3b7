//! The cache takes about the memory that it was given. Alone in its binary: it counts every allocation.
#![allow(clippy::unwrap_used, reason = "the helpers are part of tests")]

mod support;

use std::alloc::System;
use std::path::Path;

use pinfold_core::{Arrangement, Draft, Refusal, StandardMarks};
use pinfold_store::embedded::Settings;
use pinfold_store::{Backend, Embedded};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use support::{account, edit, load, name, one};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const CACHE_BYTES: u64 = 4 << 20;
const ACCOUNTS: usize = 2_000;

/// Bytes that are allocated now.
fn allocated() -> i64 {
    let stats = ALLOCATOR.stats();
    stats.bytes_allocated as i64 - stats.bytes_deallocated as i64
}

/// As the app of a customer has them: long ids, some records in a conversation group, some with a custom mark.
fn arrange(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    let group = draft.create_conversation_group(&name("Projects"))?;
    for number in 0..20 {
        let conversation_groups = if number % 2 == 0 { vec![group] } else { Vec::new() };
        let arrangement = Arrangement { standard: StandardMarks(7), custom: None, conversation_groups };
        draft.arrange(&one(&format!("somebody-with-a-longer-id-{number:03}")), arrangement);
    }
    Ok(())
}

async fn fill(directory: &Path) {
    let backend = Embedded::open(directory, &Settings::default()).unwrap();
    for number in 0..ACCOUNTS {
        edit(&backend, &account(1, &format!("account-{number}")), arrange).await;
    }
    backend.close().await.unwrap();
}

/// The bytes that stay allocated after every account was read, with a cache of this size.
async fn kept(directory: &Path, cache_bytes_max: u64) -> i64 {
    let backend = Embedded::open(directory, &Settings { cache_bytes_max, ..Settings::default() }).unwrap();
    let before = allocated();
    for number in 0..ACCOUNTS {
        load(&backend, &account(1, &format!("account-{number}"))).await;
    }
    let kept = allocated() - before;
    backend.close().await.unwrap();
    kept
}

#[tokio::test]
async fn a_full_cache_takes_the_memory_it_was_given() {
    let place = tempfile::tempdir().unwrap();
    fill(place.path()).await;
    let (small, large) = (kept(place.path(), CACHE_BYTES / 64).await, kept(place.path(), CACHE_BYTES).await);
    let share = (large - small) as f64 / CACHE_BYTES as f64;
    assert!((0.8..1.1).contains(&share), "the cache takes {share:.2} of its setting");
}
