//! What happens on a connection, seen from outside, and whether it may go on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::unsent::Unsent;

const NEVER: u64 = u64::MAX;

/// What happens on one connection, seen from outside.
pub(super) struct Activity {
    began: Instant,
    in_flight: AtomicU32,
    /// When the last request ended, in milliseconds since `began`.
    idle_since_ms: AtomicU64,
    /// When the first byte of a head came that is not complete yet, or [`NEVER`].
    head_since_ms: AtomicU64,
    /// HTTP/2 frames come without any request, so heads are not timed there.
    is_http2: AtomicBool,
    /// What the peer does not read.
    pub(super) unsent: Arc<Unsent>,
    /// When the last period of `unsent` ended, in milliseconds since `began`.
    period_since_ms: AtomicU64,
    /// The connection is not worth waiting for what is still in the system's buffers.
    is_given_up: AtomicBool,
}

/// What to do with a connection.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Look again after this time.
    Keep(Duration),
    /// Nothing happened for too long.
    Idle,
    /// A head began and does not end.
    Stalled,
    /// The peer does not read its answers.
    Unread,
}

/// How long a connection may do what.
#[derive(Clone, Copy)]
pub(super) struct Patience {
    pub(super) head: Duration,
    pub(super) idle: Duration,
    pub(super) send: Duration,
}

impl Activity {
    pub(super) fn new() -> Self {
        Self {
            began: Instant::now(),
            in_flight: AtomicU32::new(0),
            idle_since_ms: AtomicU64::new(0),
            head_since_ms: AtomicU64::new(NEVER),
            is_http2: AtomicBool::new(false),
            unsent: Arc::default(),
            period_since_ms: AtomicU64::new(0),
            is_given_up: AtomicBool::new(false),
        }
    }

    fn now_ms(&self) -> u64 {
        self.began.elapsed().as_millis() as u64
    }

    /// A head is complete and its request is being answered.
    pub(super) fn request_begins(&self) {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        self.head_since_ms.store(NEVER, Ordering::Relaxed);
    }

    /// An answer is ready.
    pub(super) fn request_ends(&self) {
        self.idle_since_ms.store(self.now_ms(), Ordering::Relaxed);
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
    }

    pub(super) fn bytes_came(&self, bytes: &[u8]) {
        // Some clients send an empty line after a body; that is not how a head begins.
        let begins_head = bytes.iter().any(|byte| !matches!(byte, b'\r' | b'\n'));
        if begins_head && self.in_flight.load(Ordering::Relaxed) == 0 && !self.is_http2.load(Ordering::Relaxed) {
            let _ = self.head_since_ms.compare_exchange(NEVER, self.now_ms(), Ordering::Relaxed, Ordering::Relaxed);
        }
    }

    pub(super) fn speaks_http2(&self) {
        self.is_http2.store(true, Ordering::Relaxed);
        self.head_since_ms.store(NEVER, Ordering::Relaxed);
    }

    /// What to do now.
    pub(super) fn verdict(&self, patience: Patience) -> Verdict {
        let Some(left) = self.sending(patience.send) else { return Verdict::Unread };
        match self.receiving(patience.head, patience.idle) {
            Verdict::Keep(time) => Verdict::Keep(time.min(left)),
            over @ (Verdict::Idle | Verdict::Stalled | Verdict::Unread) => over,
        }
    }

    /// How long to wait until the period of sending ends; none if something waits for too long.
    fn sending(&self, send_max: Duration) -> Option<Duration> {
        let now_ms = self.now_ms();
        let elapsed = Duration::from_millis(now_ms.saturating_sub(self.period_since_ms.load(Ordering::Relaxed)));
        if let Some(left) = send_max.checked_sub(elapsed).filter(|left| !left.is_zero()) {
            return Some(left);
        }
        self.period_since_ms.store(now_ms, Ordering::Relaxed);
        (!self.unsent.end_period()).then_some(send_max)
    }

    fn receiving(&self, head_max: Duration, idle_max: Duration) -> Verdict {
        // While answers wait to be read, no further head is: that is not its sender's fault, or not this one.
        if self.in_flight.load(Ordering::Relaxed) > 0 || !self.unsent.is_empty() {
            return Verdict::Keep(head_max.min(idle_max));
        }
        let head_since = self.head_since_ms.load(Ordering::Relaxed);
        let (since, max, over) = match head_since {
            NEVER => (self.idle_since_ms.load(Ordering::Relaxed), idle_max, Verdict::Idle),
            since => (since, head_max, Verdict::Stalled),
        };
        let elapsed = Duration::from_millis(self.now_ms().saturating_sub(since));
        match max.checked_sub(elapsed) {
            None | Some(Duration::ZERO) => over,
            // A head may begin just now, and then has less time than an idle connection.
            Some(left) => Verdict::Keep(left.min(head_max).max(Duration::from_millis(1))),
        }
    }

    /// The connection ends now, and what its peer did not read is thrown away.
    pub(super) fn give_up(&self) {
        self.is_given_up.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_given_up(&self) -> bool {
        self.is_given_up.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Patience =
        Patience { head: Duration::from_millis(20), idle: Duration::from_millis(60), send: Duration::from_millis(40) };

    fn after(activity: &Activity, pause_ms: u64) -> Verdict {
        std::thread::sleep(Duration::from_millis(pause_ms));
        activity.verdict(PATIENCE)
    }

    #[test]
    fn a_connection_without_a_request_is_idle_after_its_time() {
        let activity = Activity::new();
        assert!(matches!(after(&activity, 25), Verdict::Keep(_)));
        assert_eq!(after(&activity, 60), Verdict::Idle);
    }

    #[test]
    fn a_head_that_does_not_end_is_stalled_and_a_request_at_work_is_not() {
        let activity = Activity::new();
        activity.bytes_came(b"POST");
        assert_eq!(after(&activity, 25), Verdict::Stalled);
        activity.request_begins();
        assert!(matches!(after(&activity, 70), Verdict::Keep(_)));
        activity.request_ends();
        assert!(matches!(after(&activity, 5), Verdict::Keep(_)));
    }

    #[test]
    fn an_empty_line_between_requests_begins_no_head() {
        let activity = Activity::new();
        activity.bytes_came(b"\r\n");
        assert!(matches!(after(&activity, 25), Verdict::Keep(_)));
    }

    #[test]
    fn a_peer_that_reads_nothing_for_two_periods_is_given_up_while_it_has_requests_at_work() {
        let activity = Activity::new();
        activity.request_begins();
        let waiting = activity.unsent.begin();
        assert!(matches!(after(&activity, 45), Verdict::Keep(_)));
        assert_eq!(after(&activity, 45), Verdict::Unread);
        drop(waiting);
        assert!(matches!(after(&activity, 45), Verdict::Keep(_)));
    }
}
