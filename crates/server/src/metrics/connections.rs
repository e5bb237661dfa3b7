//! Connections of the REST plane.

use prometheus::IntGauge;

use super::Meters;

/// Counts as an open connection until it is dropped.
pub(crate) struct OpenConnection(IntGauge);

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Meters {
    /// A connection was accepted.
    pub(crate) fn connection(&self) -> OpenConnection {
        self.counted.connections_accepted.inc();
        self.counted.connections_open.inc();
        OpenConnection(self.counted.connections_open.clone())
    }
}
