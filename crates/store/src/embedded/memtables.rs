//! Memtables of the engine, freed away from its locks.
//!
//! The engine drops a memtable that was flushed under the lock that every read and every write takes, and freeing it node
//! by node takes 35 ms and more. So the writer holds each memtable until the engine has let go of it, and a thread of its
//! own frees it (decisions/0016).

use std::any::Any;
use std::sync::Arc;

use super::free;

/// The engine lets writes wait while it has four sealed memtables; besides there are the active one, and the last one
/// flushed, which it keeps until the next is sealed.
const HELD_MAX: usize = 6;

/// A memtable, of which only the owners matter.
pub(super) type Memtable = Arc<dyn Any + Send + Sync>;

/// The memtables that the engine was seen to write into and has not let go of, oldest first.
#[derive(Default)]
pub(super) struct HeldMemtables(Vec<Memtable>);

impl HeldMemtables {
    /// Holds the active memtable too, and has those freed that the engine has let go of. Never waits.
    pub(super) fn hold(&mut self, active: Memtable) {
        if !self.0.last().is_some_and(|newest| Arc::ptr_eq(newest, &active)) {
            self.0.push(active);
        }
        let excess = self.0.len().saturating_sub(HELD_MAX);
        self.0.drain(..excess).for_each(free::elsewhere);
        self.0.extract_if(.., |held| Arc::strong_count(held) == 1).for_each(free::elsewhere);
    }
}

#[cfg(all(test, not(feature = "schedules")))]
mod tests {
    use std::path::Path;
    use std::sync::mpsc::{Sender, channel};
    use std::thread::ThreadId;
    use std::time::{Duration, Instant};

    use super::*;
    use crate::embedded::engine::{Engine, numbered};
    use crate::embedded::{Embedded, Settings};

    /// Generous, for a loaded machine.
    const PATIENCE: Duration = Duration::from_secs(60);

    /// Tells which thread drops it.
    struct Told(Sender<ThreadId>);

    impl Drop for Told {
        fn drop(&mut self) {
            let _ = self.0.send(std::thread::current().id());
        }
    }

    fn engine(place: &Path) -> Engine {
        Engine::open(&place.join("data"), true).expect("the directory is new")
    }

    #[test]
    fn a_memtable_is_freed_on_another_thread_once_only_the_holder_has_it() {
        let (sender, freed) = channel();
        let mut held = HeldMemtables::default();
        let in_engine: Memtable = Arc::new(Told(sender));
        held.hold(Arc::clone(&in_engine));
        held.hold(Arc::new(()));
        assert!(freed.try_recv().is_err(), "the engine has it");
        drop(in_engine);
        held.hold(Arc::new(()));
        assert_ne!(freed.recv_timeout(PATIENCE).unwrap(), std::thread::current().id());
    }

    #[test]
    fn a_bounded_number_of_memtables_is_held() {
        let in_engine: Vec<Memtable> = (0..HELD_MAX + 3).map(|n| Arc::new(n) as Memtable).collect();
        let mut held = HeldMemtables::default();
        in_engine.iter().for_each(|memtable| held.hold(Arc::clone(memtable)));
        assert_eq!(held.0.len(), HELD_MAX);
        assert!(Arc::ptr_eq(&held.0[HELD_MAX - 1], &in_engine[HELD_MAX + 2]), "the newest ones are");
    }

    /// If this fails with another version of the engine, read decisions/0016 again.
    #[test]
    fn the_engine_lets_go_of_a_memtable_whose_table_it_wrote_and_leaves_the_last_owner_to_free_it() {
        let place = tempfile::tempdir().unwrap();
        let engine = engine(place.path());
        let commit = |number| engine.commit(numbered(Vec::new(), number)).unwrap();
        commit(1);
        let first = engine.active_memtable();
        assert!(Arc::ptr_eq(&first, &engine.active_memtable()), "it is the same one until it is sealed");
        engine.flush().unwrap();
        commit(2);
        assert!(!Arc::ptr_eq(&first, &engine.active_memtable()), "another one is written into");
        engine.flush().unwrap();
        commit(3);
        engine.flush().unwrap();
        assert_eq!(Arc::strong_count(&first), 1);
    }

    #[tokio::test]
    async fn the_writer_holds_the_memtable_that_it_writes_into() {
        let (alone, served) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let unheld = engine(alone.path());
        let owners = |engine: &Engine| Arc::strong_count(&engine.active_memtable());
        let store = Embedded::open(served.path(), &Settings::default()).unwrap();
        let serving = store.slot.engine().await.unwrap();
        let began = Instant::now();
        while owners(&serving) != owners(&unheld) + 1 {
            assert!(began.elapsed() < PATIENCE, "{} owners", owners(&serving));
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}
