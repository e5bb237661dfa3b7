//! Connections and calls that were rejected, counted by reason: for metrics, and as a line in the log.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The time between two log lines. A flood makes no more lines than this.
const LOG_EVERY: Duration = Duration::from_secs(60);

/// Connections and calls that were rejected since the start, by reason (docs/operate/limits.md). Each number
/// only grows.
#[derive(Debug, Default)]
pub struct RejectionCounters {
    /// Connections closed because `allow_from` does not hold their address, or because a peer that is not a
    /// trusted proxy connected to an address of `proxy_protocol`.
    pub not_allowed: AtomicU64,
    /// Connections of a trusted proxy that did not begin with a header of the PROXY protocol as they should.
    pub no_proxy_header: AtomicU64,
    /// Connections closed because their caller has `connections_per_address_max` of them.
    pub per_address: AtomicU64,
    /// Connections that had to wait because `connections_max` were open.
    pub total: AtomicU64,
    /// Calls answered 60021.
    pub calls_not_allowed: AtomicU64,
    /// Calls answered 70050.
    pub throttled: AtomicU64,
    /// Connections closed because a head, a TLS handshake or a header of the PROXY protocol did not come to its end
    /// in time.
    pub slow_senders: AtomicU64,
    /// Connections whose TLS handshake failed.
    pub tls_handshakes: AtomicU64,
    /// Connections closed because answers were not read in time.
    pub slow_readers: AtomicU64,
    /// Connections closed, and calls refused, because the heads of all together took `heads_mib_max`.
    pub heads: AtomicU64,
    /// HTTP/2 connections closed because of too many resets, or of other frames that only make work.
    pub reset: AtomicU64,
}

/// Counts one more.
pub(crate) fn count(reason: &AtomicU64) {
    reason.fetch_add(1, Ordering::Relaxed);
}

impl RejectionCounters {
    /// Every number with the name of its field.
    pub fn by_reason(&self) -> [(&'static str, u64); 11] {
        [
            ("not_allowed", &self.not_allowed),
            ("no_proxy_header", &self.no_proxy_header),
            ("per_address", &self.per_address),
            ("total", &self.total),
            ("calls_not_allowed", &self.calls_not_allowed),
            ("throttled", &self.throttled),
            ("slow_senders", &self.slow_senders),
            ("tls_handshakes", &self.tls_handshakes),
            ("slow_readers", &self.slow_readers),
            ("heads", &self.heads),
            ("reset", &self.reset),
        ]
        .map(|(name, count)| (name, count.load(Ordering::Relaxed)))
    }

    /// Logs once a minute how many were rejected in it, if any were. Never returns.
    pub(crate) async fn log_every_minute(&self) {
        let mut logged = self.by_reason();
        loop {
            tokio::time::sleep(LOG_EVERY).await;
            let now = self.by_reason();
            if let Some(reasons) = more(&logged, &now) {
                tracing::warn!(reasons, "rejected in the last minute");
            }
            logged = now;
        }
    }
}

/// The counts that have grown, as `per_address=3 reset=1`; `None` if none has.
fn more(before: &[(&'static str, u64)], now: &[(&'static str, u64)]) -> Option<String> {
    let grown = before.iter().zip(now).filter(|(before, now)| now.1 > before.1);
    let texts: Vec<_> = grown.map(|(before, now)| format!("{}={}", now.0, now.1 - before.1)).collect();
    (!texts.is_empty()).then(|| texts.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_docs_name_every_reason() {
        let page = include_str!("../../../../docs/operate/limits.md");
        for (name, _) in RejectionCounters::default().by_reason() {
            assert!(page.contains(&format!("`{name}`")), "{name}");
        }
    }

    #[test]
    fn only_counts_that_have_grown_are_logged() {
        let rejections = RejectionCounters::default();
        count(&rejections.reset);
        let before = rejections.by_reason();
        assert_eq!(more(&before, &rejections.by_reason()), None);
        count(&rejections.per_address);
        count(&rejections.reset);
        count(&rejections.reset);
        assert_eq!(more(&before, &rejections.by_reason()).unwrap(), "per_address=1 reset=2");
    }
}
