//! What the hub tells streams.

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use bytes::Bytes;
use pinfold_core::HistoryChange;
use pinfold_store::Position;

use crate::changes;

/// What happened to an account.
#[derive(Clone)]
pub(super) enum Told {
    /// It was changed.
    Change(Arc<LiveChange>),
    /// It stands here now.
    Moved(Position),
    /// It was deleted.
    Deleted,
    /// It may be gone: a stream has to look where it stands.
    Unsure,
}

/// A change that just became durable. All streams share its text.
pub(super) struct LiveChange {
    pub(super) position: Position,
    change: Arc<HistoryChange>,
    json: OnceLock<Bytes>,
    pub(super) durable_at: Instant,
}

impl LiveChange {
    pub(super) fn new(position: Position, change: Arc<HistoryChange>) -> Self {
        Self { position, change, json: OnceLock::new(), durable_at: Instant::now() }
    }

    /// The change as streams tell it; the first one of them writes it.
    pub(super) fn json(&self) -> &[u8] {
        self.json.get_or_init(|| json(&self.change).into())
    }
}

/// A change as streams tell it.
pub(super) fn json(change: &HistoryChange) -> Vec<u8> {
    serde_json::to_vec(&changes::change(change)).expect("texts and numbers can be written")
}
