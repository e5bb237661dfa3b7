//! Recovery from shortages, as far as it can be tested without a full disk.

use std::os::unix::fs::symlink;

use pinfold_core::{AccountId, AppId, Conversation, Head, RecentEntry, StateDiff, Timestamp, Touches};

use super::*;
use crate::embedded::format::{heads, keys, times, values};
use crate::embedded::{Embedded, Settings};
use crate::{AccountKey, Backend, OnDamage, Recents, Scope, StoreError, Version};

/// Generous, for a loaded machine.
const PATIENCE: Duration = Duration::from_secs(60);

fn account(number: u32) -> AccountKey {
    AccountKey { app: AppId(1), account: AccountId::parse(&format!("account {number:03}")).unwrap() }
}

fn head(imported: bool) -> Head {
    Head { imported, ..Head::default() }
}

async fn import(backend: &Embedded, account: &AccountKey) -> Version {
    let (base, next) = (backend.load(account, &Scope::All).await.unwrap().version, Version::after(None));
    let changes = StateDiff { head: Some(head(true)), ..StateDiff::default() };
    backend.commit(account, base, next, changes).await.unwrap();
    next
}

/// A store with some accounts.
async fn store(directory: &Path) -> Embedded {
    let backend = Embedded::open(directory, &Settings::default()).unwrap();
    for number in 0..100 {
        import(&backend, &account(number)).await;
    }
    backend
}

/// Waits until the shortage has ended or the store is out of service for good.
async fn wait_durable(backend: &Embedded) -> Result<(), StoreError> {
    let began = Instant::now();
    while backend.health.is_short() {
        assert!(began.elapsed() < PATIENCE, "{:?}", backend.health().await);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    backend.health().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stalled_snapshot_does_not_keep_the_store_from_healing_itself() {
    let place = tempfile::tempdir().unwrap();
    let backend = store(place.path()).await;
    let mut snapshot = backend.snapshot(None, OnDamage::Stop, false).await.unwrap();
    assert!(snapshot.next().await.unwrap().is_some());
    backend.health.run_short("of the test".into());
    assert!(Embedded::open(place.path(), &Settings::default()).is_err(), "the directory stays locked");
    wait_durable(&backend).await.unwrap();
    let ended = loop {
        match snapshot.next().await {
            Ok(Some(_)) => {}
            ended => break ended,
        }
    };
    assert!(ended.is_err(), "it does not look complete");
    import(&backend, &account(1)).await;
    assert!(Embedded::open(place.path(), &Settings::default()).is_err());
    backend.close().await.unwrap();
}

/// The outcome of a failed batch is unknown: here it is on the disk, and no cache holds it.
#[tokio::test(flavor = "multi_thread")]
async fn a_failed_batch_that_reached_the_disk_is_read_after_the_store_healed_itself() {
    let place = tempfile::tempdir().unwrap();
    let backend = store(place.path()).await;
    let key = account(7);
    assert!(backend.load(&key, &Scope::All).await.unwrap().state.head.imported);
    let engine = backend.slot.engine().await.unwrap();
    let last = values::decode_number(&engine.get(keys::LAST_COMMIT).unwrap().unwrap()).unwrap();
    let row = keys::row(&keys::account_prefix(&key), &keys::Row::Head);
    let left = vec![(row.into(), Some(heads::encode_head(&head(false), Version::numbered(9)).into()))];
    engine.commit(numbered(left, last + 1)).unwrap();
    drop(engine);
    assert!(backend.load(&key, &Scope::All).await.unwrap().state.head.imported, "from the cache");
    backend.health.run_short("of the test".into());
    wait_durable(&backend).await.unwrap();
    let found = backend.load(&key, &Scope::All).await.unwrap();
    assert_eq!((found.version, found.state.head.imported), (Some(Version::numbered(9)), false));
    let next = import(&backend, &key).await;
    backend.close().await.unwrap();
    drop(backend);
    let backend = Embedded::open(place.path(), &Settings::default()).unwrap();
    assert_eq!(backend.load(&key, &Scope::All).await.unwrap().version, Some(next));
}

/// What the writer remembers of the rows it wrote says nothing of a batch whose outcome it does not know.
#[tokio::test(flavor = "multi_thread")]
async fn a_time_that_a_failed_batch_left_is_what_the_next_touch_goes_by() {
    let place = tempfile::tempdir().unwrap();
    let backend = store(place.path()).await;
    let (key, bob) = (account(7), Conversation::OneToOne(AccountId::parse("bob").unwrap()));
    let life = backend.load(&key, &Scope::Head).await.unwrap().version.unwrap().life;
    let touch = async |at| {
        let entries = vec![(key.account.clone(), RecentEntry { conversation: bob.clone(), at: Timestamp(at) })];
        backend.touch(key.app, &Touches { entries, chat_groups: Vec::new() }).await.unwrap();
        backend.entry(&key, life, &bob).await.unwrap()
    };
    assert_eq!(touch(5).await, Some(Timestamp(5)));
    fail_and_leave(&backend, (&times::entry(&key, life, &bob), Timestamp(3))).await;
    assert_eq!(touch(4).await, Some(Timestamp(4)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_was_read_before_a_failed_batch_is_read_again() {
    let place = tempfile::tempdir().unwrap();
    let backend = store(place.path()).await;
    let (key, bob) = (account(7), Conversation::OneToOne(AccountId::parse("bob").unwrap()));
    let life = backend.load(&key, &Scope::Head).await.unwrap().version.unwrap().life;
    assert_eq!(*backend.entries(&key, life).await.unwrap(), []);
    fail_and_leave(&backend, (&times::entry(&key, life, &bob), Timestamp(3))).await;
    assert_eq!(*backend.entries(&key, life).await.unwrap(), [RecentEntry { conversation: bob, at: Timestamp(3) }]);
}

/// Has a batch fail that nevertheless is on the disk, with this time, and waits until the store takes writes again.
async fn fail_and_leave(backend: &Embedded, (row, at): (&[u8], Timestamp)) {
    let engine = backend.slot.engine().await.unwrap();
    let last = values::decode_number(&engine.get(keys::LAST_COMMIT).unwrap().unwrap()).unwrap();
    engine.commit(numbered(vec![(row.into(), Some(times::encode(at).into()))], last + 1)).unwrap();
    drop(engine);
    backend.health.run_short("of the test".into());
    wait_durable(backend).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_finds_another_number_of_commits_stays_out_of_service() {
    let place = tempfile::tempdir().unwrap();
    let backend = store(place.path()).await;
    let engine = backend.slot.engine().await.unwrap();
    engine.commit(numbered(Vec::new(), 1000)).unwrap();
    drop(engine);
    backend.health.run_short("of the test".into());
    let error = wait_durable(&backend).await.unwrap_err().to_string();
    assert!(error.ends_with("commit 100 was the last one, and 1000 was found"), "{error}");
    let read = backend.load(&account(500), &Scope::All).await.map(drop);
    assert!(matches!(read, Err(StoreError::OutOfService(cause)) if cause.ends_with("1000 was found")));
    assert!(backend.close().await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_whose_data_was_removed_meanwhile_is_not_created_again() {
    let place = tempfile::tempdir().unwrap();
    let backend = store(place.path()).await;
    std::fs::remove_dir_all(place.path().join("data")).unwrap();
    backend.health.run_short("of the test".into());
    let error = wait_durable(&backend).await.unwrap_err().to_string();
    assert!(error.starts_with("the store is out of service: ") && error.ends_with("data is gone"), "{error}");
    assert!(backend.load(&account(7), &Scope::All).await.is_err(), "not from the cache either");
    assert!(!place.path().join("data").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_whose_files_cannot_be_synced_stays_out_of_service() {
    let place = tempfile::tempdir().unwrap();
    let backend = store(place.path()).await;
    symlink("nowhere", place.path().join("data/left")).unwrap();
    backend.health.run_short("of the test".into());
    let error = wait_durable(&backend).await.unwrap_err().to_string();
    assert!(error.contains("the files of the engine cannot be synced: "), "{error}");
}
