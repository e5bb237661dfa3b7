//! Connections of the REST plane, and the certificate they are shown.

use prometheus::IntGauge;

use super::{Meters, table};

/// Why connections are refused. Who adds a reason adds it here: one word, never anything that a client sent.
const REASONS: [&str; 2] = ["tls_handshake", "tls_handshake_timeout"];

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
        self.connections_accepted.inc();
        self.connections_open.inc();
        OpenConnection(self.connections_open.clone())
    }

    /// Makes the counters of refusals begin at 0.
    pub(super) fn begin_connection_refusals(&self) {
        for reason in REASONS {
            self.connections_refused.with_label_values(&[reason]);
        }
    }

    /// A connection is ended before its first call. The reason becomes a label.
    pub(crate) fn connection_refused(&self, reason: &'static str) {
        self.connections_refused.with_label_values(&[reason]).inc();
    }

    /// The certificate in use expires at this unix time. The metric is there from the first time on; say it again
    /// whenever another certificate is taken into use.
    #[allow(dead_code, reason = "for whoever reads the certificate")]
    pub(crate) fn certificate_expires(&self, unix_seconds: i64) {
        let gauge = self.certificate_expiry.get_or_init(|| table::CERTIFICATE_EXPIRY.gauge(&self.registry));
        gauge.set(unix_seconds);
    }
}
