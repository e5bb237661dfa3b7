//! Limits the lines of one kind: callers and peers can cause any number of them.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use pinfold_server::LOG_COUNTERS;
use tracing::{Event, Level};

use super::origin::{self, Origin};

/// Lines are counted anew after this.
pub(super) const PERIOD: Duration = Duration::from_secs(10);
/// Lines of one kind in a period.
const LINES_MAX: u32 = 10;
/// The same at the levels debug and trace, where single calls are looked for.
const DETAIL_LINES_MAX: u32 = 100;
/// Kinds that are counted separately in a period; the code has fewer. All others count as one.
const KINDS_MAX: usize = 1024;
/// Kinds that a summary names.
const NAMED_MAX: usize = 8;

/// The kind that stands for all beyond [`KINDS_MAX`].
const OTHERS: u64 = 0;

/// Lines of this period by kind: the place in the code, and where it sets one, the field `kind`.
pub(super) struct Throttle(Mutex<HashMap<u64, Kind>>);

struct Kind {
    name: String,
    level: Level,
    logged: u32,
    left_out: u64,
}

impl Throttle {
    pub(super) fn new() -> Self {
        Self(Mutex::default())
    }

    /// Counts an event; whether it may be logged.
    pub(super) fn admit(&self, event: &Event<'_>) -> bool {
        let (level, key) = (*event.metadata().level(), origin::key(event));
        let mut kinds = self.lock();
        let is_known = kinds.len() < KINDS_MAX || kinds.contains_key(&key);
        let kind = kinds.entry(if is_known { key } else { OTHERS }).or_insert_with(|| Kind {
            name: if is_known { Origin::of(event).name() } else { "others".to_owned() },
            level,
            logged: 0,
            left_out: 0,
        });
        let lines_max = if level <= Level::INFO { LINES_MAX } else { DETAIL_LINES_MAX };
        let is_admitted = kind.logged < lines_max;
        if is_admitted {
            kind.logged += 1;
        } else {
            kind.left_out += 1;
            LOG_COUNTERS.throttled.fetch_add(1, Ordering::Relaxed);
        }
        is_admitted
    }

    /// Begins a new period. Returns the lines left out in the one before, if there were any.
    pub(super) fn next_period(&self) -> Option<String> {
        let kinds = std::mem::take(&mut *self.lock());
        let mut kinds: Vec<_> = kinds.into_values().filter(|kind| kind.left_out > 0).collect();
        let lines: u64 = kinds.iter().map(|kind| kind.left_out).sum();
        kinds.sort_by_key(|kind| (kind.level, std::cmp::Reverse(kind.left_out)));
        let named: Vec<_> = kinds
            .iter()
            .take(NAMED_MAX)
            .map(|kind| format!("{} {} {}", kind.level, kind.name, kind.left_out))
            .collect();
        let more = if kinds.len() > NAMED_MAX { ", …" } else { "" };
        (lines > 0)
            .then(|| format!("{lines} log lines were left out, too many of one kind: {}{more}", named.join(", ")))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Kind>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
