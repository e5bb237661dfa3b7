//! Whether calls can be expected to work, from the start of a process to its end.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use pinfold_store::{Store, StoreError};
use serde::Serialize;
use tokio::time::timeout;

/// Who asks waits about this long: less than the time-out of `pinfold health`.
const STORE_MAX: Duration = Duration::from_secs(2);

/// The health of one process. Clones share it.
#[derive(Clone, Default)]
pub struct Health(Arc<State>);

#[derive(Default)]
struct State {
    /// Set once calls are taken.
    store: OnceLock<Store>,
    /// Why the store cannot be opened yet.
    waits_for: Mutex<Option<String>>,
    drains: AtomicBool,
}

/// Why no calls should be sent here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NotReady {
    /// For programs.
    pub reason: Reason,
    /// A sentence for people.
    pub detail: String,
}

/// What keeps a server from being ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// It does not listen yet; its store is being opened, most likely.
    Starting,
    /// It is draining.
    Draining,
    /// The store takes no writes; reads may work.
    StoreNotWritable,
    /// The store, a database most likely, does not answer in time.
    StoreUnreachable,
}

impl Health {
    /// Calls are taken from now on, over this store.
    pub fn serves(&self, store: Store) {
        // A process serves once.
        let _ = self.0.store.set(store);
    }

    /// The store cannot be opened yet for this reason; the server tries again.
    pub fn waits_for(&self, reason: String) {
        *self.0.waits_for.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason);
    }

    /// The server drains: balancers should send requests elsewhere.
    pub fn drains(&self) {
        self.0.drains.store(true, Ordering::Relaxed);
    }

    /// Whether calls can be expected to work now. Asks the store, for two seconds at most.
    ///
    /// # Errors
    /// Why not.
    pub async fn check(&self) -> Result<(), NotReady> {
        let no = |reason, detail: &str| Err(NotReady { reason, detail: detail.to_owned() });
        if self.0.drains.load(Ordering::Relaxed) {
            return no(Reason::Draining, "the server was told to stop");
        }
        let Some(store) = self.0.store.get() else {
            let waits_for = self.0.waits_for.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let why = waits_for.map(|reason| format!(": {reason}")).unwrap_or_default();
            return no(Reason::Starting, &format!("the server is starting{why}"));
        };
        let answer = timeout(STORE_MAX, store.backend().health()).await;
        answer.unwrap_or(Err(StoreError::Timeout)).or_else(|error| no(reason(&error), &error.to_string()))
    }
}

fn reason(error: &StoreError) -> Reason {
    match error {
        StoreError::Timeout => Reason::StoreUnreachable,
        StoreError::Overloaded { .. }
        | StoreError::OverloadedBytes { .. }
        | StoreError::Poisoned(_)
        | StoreError::OutOfService(_)
        | StoreError::Unreadable(_)
        | StoreError::Damaged(_)
        | StoreError::Failed(_) => Reason::StoreNotWritable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pinfold_store::Memory;

    async fn said(health: &Health) -> String {
        serde_json::to_string(&health.check().await).unwrap()
    }

    #[tokio::test]
    async fn a_server_is_ready_between_its_start_and_its_end() {
        let health = Health::default();
        let starting = r#"{"Err":{"reason":"starting","detail":"the server is starting"}}"#;
        assert_eq!(said(&health).await, starting);
        health.waits_for("the database is down".to_owned());
        assert!(said(&health).await.contains(r#""starting","detail":"the server is starting: the database is down""#));
        health.clone().serves(Store::new(Arc::new(Memory::new())));
        assert_eq!(health.check().await, Ok(()));
        health.clone().drains();
        assert_eq!(health.check().await.unwrap_err().reason, Reason::Draining);
    }

    #[test]
    fn a_store_that_refuses_is_another_reason_than_one_that_does_not_answer() {
        assert_eq!(reason(&StoreError::Poisoned("disk full".into())), Reason::StoreNotWritable);
        assert_eq!(reason(&StoreError::OutOfService("its files are gone".into())), Reason::StoreNotWritable);
        assert_eq!(reason(&StoreError::Timeout), Reason::StoreUnreachable);
    }
}
