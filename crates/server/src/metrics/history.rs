//! The history: what is kept and what is removed.

use super::Meters;

/// Why changes are removed from the history of accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HistoryRemoval {
    /// They are too old, or their account was deleted.
    Age,
    /// Their account has too many of them, or too large ones.
    Bounds,
}

impl HistoryRemoval {
    const ALL: [Self; 2] = [Self::Age, Self::Bounds];

    fn as_str(self) -> &'static str {
        match self {
            Self::Age => "age",
            Self::Bounds => "bounds",
        }
    }
}

impl Meters {
    /// Makes the counters of removals begin at 0.
    pub(super) fn begin_history(&self) {
        HistoryRemoval::ALL.into_iter().for_each(|reason| self.history_removed(reason, 0));
    }

    /// A change of so many bytes was kept.
    pub(crate) fn history_kept(&self, bytes: usize) {
        self.counted.history_kept.inc();
        self.counted.history_bytes.inc_by(bytes as u64);
    }

    /// So many changes were removed.
    pub(crate) fn history_removed(&self, reason: HistoryRemoval, changes: u64) {
        self.counted.history_removed.with_label_values(&[reason.as_str()]).inc_by(changes);
    }
}
