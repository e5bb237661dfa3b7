//! Metrics of the streams of `watch`.

use std::sync::Arc;
use std::time::Instant;

use prometheus::{Histogram, IntCounter, IntCounterVec, IntGauge};

use super::{AppMetrics, Meters};

/// Where a stream began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WatchStart {
    /// Where its account stood.
    Now,
    /// At its client's cursor.
    Cursor,
    /// Where its account stood, as what came after its client's cursor is not kept.
    Reset,
}

/// Why a client has to load anew while it watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WatchReset {
    /// The account was deleted.
    Deleted,
    /// There is another account of this name now.
    Replaced,
    /// Changes that the stream missed are not kept.
    NotKept,
}

/// Why a stream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WatchEnd {
    /// Its client left, or did not read.
    Left,
    /// The signature expired, or its key is not the app's any more.
    Signature,
    /// The app is disabled or gone, or does not let the signer watch any more.
    Permission,
    /// The account was deleted.
    Deleted,
    /// The server stops.
    Draining,
    /// The account could not be read.
    Store,
}

impl WatchStart {
    const ALL: [Self; 3] = [Self::Now, Self::Cursor, Self::Reset];

    fn label(self) -> &'static str {
        match self {
            Self::Now => "now",
            Self::Cursor => "cursor",
            Self::Reset => "reset",
        }
    }
}

impl WatchReset {
    const ALL: [Self; 3] = [Self::Deleted, Self::Replaced, Self::NotKept];

    fn label(self) -> &'static str {
        match self {
            Self::Deleted => "deleted",
            Self::Replaced => "replaced",
            Self::NotKept => "not_kept",
        }
    }
}

impl WatchEnd {
    const ALL: [Self; 6] = [Self::Left, Self::Signature, Self::Permission, Self::Deleted, Self::Draining, Self::Store];

    /// The word in metrics and in the log.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Signature => "signature",
            Self::Permission => "permission",
            Self::Deleted => "deleted",
            Self::Draining => "draining",
            Self::Store => "store",
        }
    }
}

/// One stream, which counts as open until this is dropped.
pub(crate) struct WatchMeter {
    app: Arc<AppMetrics>,
    open: IntGauge,
    events: IntCounter,
    delivery: Histogram,
    resets: IntCounterVec,
    ends: IntCounterVec,
}

impl Meters {
    /// A stream of this app begins.
    pub(crate) fn watch(&self, app: &Arc<AppMetrics>, start: WatchStart) -> WatchMeter {
        let label = app.label();
        let open = self.counted.watchers.with_label_values(&[label]);
        open.inc();
        self.counted.watch_starts.with_label_values(&[label, start.label()]).inc();
        WatchMeter {
            open,
            events: self.counted.watch_events.with_label_values(&[label]),
            delivery: self.counted.watch_delivery.clone(),
            resets: self.counted.watch_resets.clone(),
            ends: self.counted.watch_ends.clone(),
            app: Arc::clone(app),
        }
    }

    /// Makes the counters of an app begin at 0.
    pub(super) fn begin_watchers(&self, app: &str) {
        self.counted.watchers.with_label_values(&[app]);
        self.counted.watch_events.with_label_values(&[app]);
        for start in WatchStart::ALL {
            self.counted.watch_starts.with_label_values(&[app, start.label()]);
        }
        for reason in WatchReset::ALL {
            self.counted.watch_resets.with_label_values(&[app, reason.label()]);
        }
        for reason in WatchEnd::ALL {
            self.counted.watch_ends.with_label_values(&[app, reason.label()]);
        }
    }
}

impl WatchMeter {
    /// A change is sent.
    pub(crate) fn event(&self) {
        self.events.inc();
    }

    /// A change that became durable then is handed to the connection.
    pub(crate) fn delivers(&self, durable_at: Instant) {
        self.delivery.observe(durable_at.elapsed().as_secs_f64());
    }

    /// The client has to load anew.
    pub(crate) fn resets(&self, reason: WatchReset) {
        self.resets.with_label_values(&[self.app.label(), reason.label()]).inc();
    }

    /// The stream ends.
    pub(crate) fn ends(&self, reason: WatchEnd) {
        self.ends.with_label_values(&[self.app.label(), reason.label()]).inc();
    }
}

impl Drop for WatchMeter {
    fn drop(&mut self) {
        self.open.dec();
    }
}
