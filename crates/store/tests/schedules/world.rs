//! A store on a disk in memory, callers that change one account, and what must be true in every schedule.

use std::path::Path;
use std::sync::Arc;

use pinfold_core::{AccountState, Draft, PeerStatus, Profile, RecentEntry, Timestamp, Touches};
use pinfold_store::embedded::Settings;
use pinfold_store::embedded::schedules::Disk;
use pinfold_store::{AccountKey, Backend, Embedded, Recents, Scope, Store, StoreError, UpdateError};
use shuttle::future::{JoinHandle, spawn};

use crate::support::{NOW, account, one};

/// The store of one schedule.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) disk: Disk,
    pub(crate) backend: Arc<Embedded>,
    pub(crate) store: Store,
}

impl World {
    pub(crate) fn new(directory: &Path, settings: &Settings) -> Self {
        let disk = Disk::default();
        let backend = Arc::new(Embedded::open_scheduled(&disk, directory, settings).unwrap());
        let store = Store::new(Arc::clone(&backend) as Arc<dyn Backend>);
        Self { disk, backend, store }
    }

    /// The same world for callers that take no turns with those of `self`, as if another instance made the changes.
    pub(crate) fn without_turns(&self) -> Self {
        Self { store: Store::new(Arc::clone(&self.backend) as Arc<dyn Backend>), ..self.clone() }
    }

    /// Runs a rule on alice.
    pub(crate) async fn change<T>(&self, rule: impl Fn(&mut Draft<'_>) -> T) -> Result<T, StoreError> {
        let changed = self.store.update(&alice(), &Scope::All, &[], NOW, |draft| Ok(rule(draft))).await;
        changed.map_err(|error| match error {
            UpdateError::Store(error) => error,
            UpdateError::Refused(refusal) => panic!("{refusal}"),
        })
    }

    /// Sets a mark of alice.
    pub(crate) async fn set(&self, bit: u64) -> Result<(), StoreError> {
        let mark = |draft: &mut Draft<'_>| {
            let mut arrangement = draft.arrangement(&one("bob")).clone();
            arrangement.standard.0 |= bit;
            draft.arrange(&one("bob"), arrangement);
        };
        self.change(mark).await
    }

    /// Sets a mark of alice, who is not deleted, and then reads it.
    pub(crate) async fn mark(&self, bit: u64) -> Result<(), StoreError> {
        self.set(bit).await?;
        let (_, state) = self.disk.account(&alice());
        assert!(bits(&state) & bit == bit, "{bit:#b} was acknowledged before it was durable");
        match self.load().await {
            Ok(loaded) => assert!(loaded & bit == bit, "{bit:#b} was acknowledged and cannot be read"),
            Err(error) => assert_expected(&error),
        }
        Ok(())
    }

    /// Sets these marks of alice one after the other, as a task. Returns those that were acknowledged.
    pub(crate) fn marking(&self, marks: &'static [u64]) -> JoinHandle<u64> {
        let world = self.clone();
        spawn(async move {
            let mut acknowledged = 0;
            for bit in marks {
                match world.mark(*bit).await {
                    Ok(()) => acknowledged |= bit,
                    Err(error) => assert_expected(&error),
                }
            }
            acknowledged
        })
    }

    /// Reads alice; what is found must have been durable. Returns her marks.
    pub(crate) async fn load(&self) -> Result<u64, StoreError> {
        let loaded = self.backend.load(&alice(), &Scope::All).await?;
        assert!(self.disk.had(&alice(), loaded.version), "a state was read that was never durable");
        Ok(bits(&loaded.state))
    }

    /// Runs a rule that changes nothing: its answer is told only if what it is about is durable.
    pub(crate) async fn look(&self) -> Result<u64, StoreError> {
        let found = self.change(|draft| draft.arrangement(&one("bob")).standard.0).await?;
        let (_, durable) = self.disk.account(&alice());
        assert!(bits(&durable) & found == found, "{found:#b} was told before it was durable");
        Ok(found)
    }

    /// Imports alice.
    pub(crate) async fn import(&self) {
        self.change(|draft| draft.import(Profile::default())).await.unwrap();
    }

    /// What others see of alice: she is imported only if that is durable.
    pub(crate) async fn status(&self) -> PeerStatus {
        let peer = one("alice");
        let status = self.backend.peer_statuses(alice().app, std::slice::from_ref(&peer)).await.unwrap().of(&peer);
        let (_, durable) = self.disk.account(&alice());
        let is_imported = status == PeerStatus::of_account(true);
        assert!(!is_imported || durable.head.imported, "an import was told before it was durable");
        status
    }

    /// Touches alice's entry of bob, and then reads it. Whether the time was kept, or one that is later.
    pub(crate) async fn touch(&self, at: u32) -> Result<(), StoreError> {
        let entries = vec![(alice().account, entry(at))];
        let touched = self.backend.touch(alice().app, &Touches { entries, chat_groups: Vec::new() }).await?;
        assert!(touched.absent.is_empty(), "alice was taken for absent");
        assert!(self.disk.entry(&alice(), &one("bob")) >= Some(Timestamp(at)), "{at} was acknowledged and not durable");
        match self.entry().await {
            Ok(kept) => assert!(kept >= Some(Timestamp(at)), "{at} was acknowledged and cannot be read"),
            Err(error) => assert_expected(&error),
        }
        Ok(())
    }

    /// Touches alice's entry of bob at these times one after the other, as a task. Returns the latest that was kept.
    pub(crate) fn touching(&self, times: &'static [u32]) -> JoinHandle<Option<Timestamp>> {
        let world = self.clone();
        spawn(async move {
            let mut acknowledged = None;
            for at in times {
                match world.touch(*at).await {
                    Ok(()) => acknowledged = acknowledged.max(Some(Timestamp(*at))),
                    Err(error) => assert_expected(&error),
                }
            }
            acknowledged
        })
    }

    /// Reads alice's entry of bob, who is not removed: what is found must be durable.
    pub(crate) async fn entry(&self) -> Result<Option<Timestamp>, StoreError> {
        let Some(version) = self.backend.load(&alice(), &Scope::All).await?.version else { return Ok(None) };
        let found = self.backend.entries(&alice(), version.life).await?.first().map(|entry| entry.at);
        assert!(self.disk.entry(&alice(), &one("bob")) >= found, "a time was read before it was durable");
        Ok(found)
    }

    /// Looks at alice several times, as a task. Her marks only ever become more.
    pub(crate) fn watching(&self) -> JoinHandle<()> {
        let world = self.clone();
        spawn(async move {
            let mut seen = 0;
            for _ in 0..2 {
                let loaded = world.load().await.unwrap();
                assert!(loaded & seen == seen, "{seen:#b} was seen before {loaded:#b}");
                seen = loaded;
                match world.look().await {
                    Ok(found) => {
                        assert!(found & seen == seen, "{seen:#b} was seen before {found:#b}");
                        seen = found;
                    }
                    Err(error) => assert_expected(&error),
                }
            }
        })
    }

    /// What must be true when no call is under way: memory has what the disk has, and nothing is in flight.
    pub(crate) async fn assert_at_rest(&self) {
        let (version, state) = self.disk.account(&alice());
        let loaded = self.backend.load(&alice(), &Scope::All).await.unwrap();
        assert_eq!((loaded.version, &*loaded.state), (version, &state), "memory has another state than the disk");
        let (latest, _) = self.backend.latest(&alice(), &Scope::All, &[]).await.unwrap();
        assert_eq!(latest.version, version, "a commit that ended is still in flight");
        assert_eq!(self.backend.in_flight_bytes(), 0);
        let listed = self.entry().await.unwrap();
        assert_eq!(listed, self.disk.entry(&alice(), &one("bob")), "memory has another list than the disk");
    }
}

pub(crate) fn alice() -> AccountKey {
    account(1, "alice")
}

/// Alice's entry of bob.
pub(crate) fn entry(at: u32) -> RecentEntry {
    RecentEntry { conversation: one("bob"), at: Timestamp(at) }
}

pub(crate) fn bits(state: &AccountState) -> u64 {
    state.arrangement(&one("bob")).standard.0
}

/// The answers that a caller may get from a store that failed, is full, or was closed. A timeout is not one of them: a
/// caller could lose 64 races only to another that takes no turns with it, while both run ahead of the writer each time.
pub(crate) fn assert_expected(error: &StoreError) {
    let is_closed = matches!(error, StoreError::Failed(cause) if cause == "the store is closed");
    let is_expected = matches!(error, StoreError::Poisoned(_) | StoreError::Overloaded { .. });
    assert!(is_closed || is_expected, "a waiter was answered: {error}");
}
