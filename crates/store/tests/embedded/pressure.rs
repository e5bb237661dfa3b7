//! More writes than may wait, and less memory than accounts.

use futures_util::future::join_all;
use pinfold_store::embedded::Settings;
use pinfold_store::{AccountKey, Backend, Commit, Embedded, Loaded, StoreError, Version};

use crate::support::{account, changes, load, mark, marks, one, state};

/// Marks two conversations in one commit, so that half of one would show.
async fn mark_two(backend: &Embedded, account: &AccountKey) -> Result<Commit, StoreError> {
    let Loaded { version, state, .. } = load(backend, account).await;
    let changes = changes(&state, |draft| {
        draft.arrange(&one("bob"), marks(1));
        draft.arrange(&one("carol"), marks(1));
        Ok(())
    });
    backend.commit(account, version, Version::after(version), changes).await
}

/// On one thread and with every account in the cache, all calls come to the queue before any is answered.
#[tokio::test]
async fn more_writes_than_may_wait_are_refused_as_overload_and_the_others_are_made_whole() {
    let place = tempfile::tempdir().unwrap();
    let settings = Settings { waiting_max: 1, ..Settings::default() };
    let backend = Embedded::open(place.path(), &settings).unwrap();
    let accounts: Vec<_> = (0..500).map(|n| account(1, &format!("account {n}"))).collect();
    for account in &accounts {
        load(&backend, account).await;
    }
    let commits = join_all(accounts.iter().map(|account| mark_two(&backend, account))).await;
    let mut made = 0;
    for (account, commit) in accounts.iter().zip(&commits) {
        let records = state(&backend, account).await.records.len();
        match commit {
            Ok(commit) => assert_eq!((*commit, records), (Commit::Committed, 2)),
            Err(error) => {
                assert!(matches!(error, StoreError::Overloaded { waiting_max: 1 }), "{error}");
                assert_eq!(records, 0, "a refused call changes nothing");
            }
        }
        made += usize::from(commit.is_ok());
    }
    assert!(made > 0 && made < accounts.len(), "{made} of {} were made", accounts.len());
    assert_eq!(mark_two(&backend, &account(2, "later")).await.unwrap(), Commit::Committed);
    assert!(backend.health().await.is_ok());
}

/// Accounts grow out of the cache and shrink back into it, and push each other out all the time.
#[tokio::test]
async fn answers_do_not_depend_on_what_is_in_the_cache() {
    let place = tempfile::tempdir().unwrap();
    let settings = Settings { cache_bytes_max: 10_000, ..Settings::default() };
    let backend = Embedded::open(place.path(), &settings).unwrap();
    for round in 1..=6 {
        for n in 0..8 {
            let key = account(1, &format!("account {n}"));
            let records = if (round + n) % 2 == 0 { 2 } else { 120 };
            crate::support::edit(&backend, &key, |draft| {
                (0..120).for_each(|n| draft.arrange(&one(&format!("peer {n}")), marks(0)));
                (0..records).for_each(|n| draft.arrange(&one(&format!("peer {n}")), marks(round)));
                Ok(())
            })
            .await;
            let after = state(&backend, &key).await;
            let marked = after.records.values().filter(|record| record.arrangement.standard.0 == round);
            assert_eq!((marked.count() as u64, after.records.len() as u64), (records, records));
        }
    }
}

#[tokio::test]
async fn a_commit_whose_caller_has_left_is_still_whole() {
    let place = tempfile::tempdir().unwrap();
    let backend = Embedded::open(place.path(), &Settings::default()).unwrap();
    for n in 0..50 {
        let key = account(1, &format!("account {n}"));
        load(&backend, &key).await;
        let gone = tokio::time::timeout(std::time::Duration::ZERO, mark_two(&backend, &key)).await;
        drop(gone);
    }
    mark(&backend, &account(1, "last"), &one("bob"), 1).await;
    for n in 0..50 {
        let records = state(&backend, &account(1, &format!("account {n}"))).await.records.len();
        assert!(records == 0 || records == 2, "{records} records");
    }
}
