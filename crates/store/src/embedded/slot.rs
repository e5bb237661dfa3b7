//! The engine in use: replaced when the store reopens, removed when it is closed.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

use super::engine::Engine;
use crate::StoreError;

/// How long a read waits for an engine that is being opened: replaying full journals takes about two seconds.
const OPENING_MAX: Duration = Duration::from_secs(3);

enum State {
    Open(Engine),
    Opening,
    /// Reopening failed for this cause. Only a restart opens the store.
    Failed(String),
    Closed,
}

pub(super) struct Slot(watch::Sender<State>);

impl Slot {
    pub(super) fn new(engine: Engine) -> Self {
        Self(watch::Sender::new(State::Open(engine)))
    }

    /// The engine. Waits up to [`OPENING_MAX`] for one that is being opened.
    pub(super) async fn engine(&self) -> Result<Engine, StoreError> {
        if let Some(engine) = self.now() {
            return engine;
        }
        let mut states = self.0.subscribe();
        let opened = states.wait_for(|state| !matches!(state, State::Opening));
        drop(timeout(OPENING_MAX, opened).await);
        self.now().unwrap_or_else(|| {
            Err(StoreError::Failed("the store is being reopened; only data in memory can be read".into()))
        })
    }

    /// The engine, or why the store has none; `None` while one is being opened.
    fn now(&self) -> Option<Result<Engine, StoreError>> {
        match &*self.0.borrow() {
            State::Open(engine) => Some(Ok(engine.clone())),
            State::Opening => None,
            State::Failed(cause) => Some(Err(StoreError::OutOfService(cause.clone()))),
            State::Closed => Some(Err(closed())),
        }
    }

    pub(super) fn check(&self) -> Result<(), StoreError> {
        self.now().map_or(Ok(()), |engine| engine.map(drop))
    }

    /// Removes the engine until [`Slot::open`] sets another.
    pub(super) fn opening(&self) {
        self.exchange(State::Opening);
    }

    pub(super) fn open(&self, engine: Engine) {
        self.exchange(State::Open(engine));
    }

    /// No engine can be opened until a restart: reads fail at once, with this cause.
    pub(super) fn fail(&self, cause: String) {
        self.exchange(State::Failed(cause));
    }

    /// Removes the engine for good.
    pub(super) fn close(&self) -> Option<Engine> {
        match self.0.send_replace(State::Closed) {
            State::Open(engine) => Some(engine),
            State::Opening | State::Failed(_) | State::Closed => None,
        }
    }

    /// A store that is closed stays closed.
    fn exchange(&self, to: State) {
        self.0.send_if_modified(|state| {
            let is_closed = matches!(state, State::Closed);
            if !is_closed {
                *state = to;
            }
            !is_closed
        });
    }
}

fn closed() -> StoreError {
    StoreError::Failed("the store is closed".into())
}
