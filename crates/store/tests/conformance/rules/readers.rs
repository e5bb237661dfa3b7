//! Reads during writes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use pinfold_core::StandardMarks;
use pinfold_store::{AccountKey, Backend, Scope};

use super::Open;
use crate::support::{account, edit, load, marks, one};

const RECORDS: u32 = 200;
const COMMITS: u64 = 60;

pub(super) async fn suite(open: &impl Open) {
    a_reader_sees_whole_commits_only_and_never_an_older_one_after_a_newer(open).await;
    the_next_reader_sees_a_commit(open).await;
}

/// Each commit puts the same bits on every record, so a mixture shows.
async fn a_reader_sees_whole_commits_only_and_never_an_older_one_after_a_newer(open: &impl Open) {
    let backend = open("whole commits").await;
    let alice = account(1, "alice");
    let writing = Arc::new(AtomicBool::new(true));
    let readers: Vec<_> =
        (0..3).map(|_| tokio::spawn(read_on(Arc::clone(&backend), alice.clone(), Arc::clone(&writing)))).collect();
    for bits in 1..=COMMITS {
        mark_everybody(&*backend, &alice, bits).await;
    }
    writing.store(false, Ordering::Relaxed);
    for reader in readers {
        reader.await.expect("a reader saw something wrong");
    }
}

async fn mark_everybody(backend: &dyn Backend, account: &AccountKey, bits: u64) {
    edit(backend, account, |draft| {
        (0..RECORDS).for_each(|n| draft.arrange(&one(&format!("peer {n}")), marks(bits)));
        Ok(())
    })
    .await;
}

async fn read_on(backend: Arc<dyn Backend>, account: AccountKey, writing: Arc<AtomicBool>) {
    let mut newest = 0;
    while writing.load(Ordering::Relaxed) {
        let loaded = backend.load(&account, &Scope::All).await.unwrap();
        let seen: Vec<_> = loaded.state.records.values().map(|record| record.arrangement.standard).collect();
        let bits = seen.first().map_or(0, |bits| bits.0);
        assert!(seen.iter().all(|other| *other == StandardMarks(bits)), "records of two commits at once");
        let in_head = u64::from(loaded.state.head.last_change.0 / RECORDS);
        assert_eq!((in_head, loaded.version.is_some()), (bits, bits > 0), "head and records of two commits");
        assert!(bits >= newest, "commit {bits} was read after {newest}");
        newest = bits;
    }
}

async fn the_next_reader_sees_a_commit(open: &impl Open) {
    let backend = open("next reader").await;
    let bob = account(1, "bob");
    for bits in 1..=20 {
        mark_everybody(&*backend, &bob, bits).await;
        let loaded = load(&*backend, &bob).await;
        assert!(loaded.state.records.values().all(|record| record.arrangement.standard.0 == bits));
    }
}
