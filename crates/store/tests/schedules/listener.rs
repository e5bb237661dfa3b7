//! A listener to commits, in a minimal form, and what it may be told.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use pinfold_core::{HistoryChange, Revision};
use pinfold_store::embedded::schedules::Disk;
use pinfold_store::{AccountKey, ChangeRange, CommitSink, History, Position};
use shuttle::future::yield_now;

use crate::history::EVERYTHING;
use crate::world::{World, alice};

/// What a listener is told: a commit, or a deletion.
pub(crate) type Told = Option<(Position, Option<Arc<HistoryChange>>)>;

/// Listeners to alice, in a minimal form.
pub(crate) struct Hub {
    disk: Disk,
    pub(crate) listens: AtomicBool,
    told: Mutex<Vec<Told>>,
}

impl Hub {
    /// The hub that this world's commits are told.
    pub(crate) fn of(world: &World) -> Arc<Self> {
        let hub = Arc::new(Self { disk: world.disk.clone(), listens: AtomicBool::new(false), told: Mutex::default() });
        world.store.listen(hub.clone());
        hub
    }

    pub(crate) fn told(&self) -> Vec<Told> {
        self.told.lock().unwrap().clone()
    }
}

impl CommitSink for Hub {
    fn listens(&self, _: &AccountKey) -> bool {
        self.listens.load(Ordering::Relaxed)
    }

    fn committed(&self, account: &AccountKey, position: Position, change: Option<&Arc<HistoryChange>>) {
        if let Some((head, _)) = self.disk.history(account) {
            assert!(head.revision >= position.revision.0, "it was told before it was durable");
        }
        self.told.lock().unwrap().push(Some((position, change.cloned())));
    }

    fn deleted(&self, _: &AccountKey) {
        self.told.lock().unwrap().push(None);
    }
}

/// Listens, reads where alice stands, and follows what is told for a while. Returns where it stands then.
pub(crate) async fn follow(world: &World, hub: &Hub) -> u32 {
    hub.listens.store(true, Ordering::Relaxed);
    // Whatever is committed meanwhile is told, and read.
    yield_now().await;
    let position = world.backend.positions(&[alice()]).await.unwrap()[0];
    let mut standing = position.map_or(0, |position| position.revision.0);
    for _ in 0..3 {
        let told = assert_follows(standing, &hub.told());
        if told > standing {
            // Who is told of a change can read it.
            let position = world.backend.positions(&[alice()]).await.unwrap()[0].unwrap();
            assert!(position.revision.0 >= told, "{told} was told and cannot be read");
            let range = ChangeRange { from: Revision(standing + 1), until: Revision(told + 1), ..EVERYTHING };
            let changes = world.backend.changes(&alice(), position.life, &range).await.unwrap();
            assert_eq!(changes.len() as u32, told - standing);
            standing = told;
        }
        world.load().await.unwrap();
    }
    standing
}

/// That what was told goes on from there: each change once, in order; where it ends.
pub(crate) fn assert_follows(standing: u32, told: &[Told]) -> u32 {
    let told = told.iter().map(|told| told.as_ref().expect("nothing is deleted"));
    let mut last = standing;
    let mut before = 0;
    for (position, change) in told {
        let revision = position.revision.0;
        assert!(revision > before, "{revision} was told after {before}");
        assert_eq!(change.as_ref().map(|change| change.revision), Some(position.revision));
        before = revision;
        if revision > standing {
            assert_eq!(revision, last + 1, "a change was not told");
            last = revision;
        }
    }
    last
}
