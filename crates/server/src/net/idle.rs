//! What happens on a connection, seen from outside, and whether it may go on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use hyper::Request;
use hyper::body::Body;
use tokio::sync::Notify;

use super::heads::{HeadReservation, Heads};
use super::memory_budget::MemoryBudget;
use super::slow_reader::Unread;
use crate::config::Timeouts;

const NEVER: u64 = u64::MAX;
/// The length of a body that does not say it.
const UNKNOWN: u64 = u64::MAX;

/// What happens on one connection, seen from outside.
pub(crate) struct ConnectionActivity {
    began: Instant,
    in_flight: AtomicU32,
    /// Answers without a length that go on, each one also in `in_flight`.
    long_answers: AtomicU32,
    /// When the last request ended, in milliseconds since `began`.
    idle_since_ms: AtomicU64,
    /// When the first byte of a head came that is not complete yet, or [`NEVER`].
    head_since_ms: AtomicU64,
    /// There the head of one request may come while others are at work.
    is_http2: AtomicBool,
    /// Over HTTP/1, bytes of the body that are to come before the next head; [`UNKNOWN`] for one in pieces.
    body_left: AtomicU64,
    pub(crate) heads: Arc<Heads>,
    /// What the peer does not read.
    pub(crate) unread: Arc<Unread>,
    /// When the last period of `unread` ended, in milliseconds since `began`.
    period_since_ms: AtomicU64,
    /// An answer on this connection watches its reader itself.
    is_self_timed: AtomicBool,
    /// The connection is not worth waiting for what is still in the system's buffers.
    is_given_up: AtomicBool,
    ends: Notify,
}

/// What to do with a connection.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Look again after this time.
    Keep(Duration),
    /// Nothing happened for too long.
    Idle,
    /// A head began and does not end.
    Stalled,
    /// The peer does not read its answers.
    Unread,
}

/// The time-outs of a connection.
#[derive(Clone, Copy)]
pub(crate) struct ConnectionTimeouts {
    pub(crate) head: Duration,
    pub(crate) idle: Duration,
    pub(crate) send: Duration,
    pub(crate) tls_handshake: Duration,
}

impl ConnectionTimeouts {
    /// As it is configured.
    pub(crate) fn of(timeouts: &Timeouts) -> Self {
        Self { head: timeouts.header, idle: timeouts.idle, send: timeouts.send, tls_handshake: timeouts.tls_handshake }
    }
}

impl ConnectionActivity {
    /// A new connection, whose heads are counted in this budget.
    pub(crate) fn new(heads: Arc<MemoryBudget>) -> Self {
        Self {
            began: Instant::now(),
            in_flight: AtomicU32::new(0),
            long_answers: AtomicU32::new(0),
            idle_since_ms: AtomicU64::new(0),
            head_since_ms: AtomicU64::new(NEVER),
            is_http2: AtomicBool::new(false),
            body_left: AtomicU64::new(0),
            heads: Arc::new(Heads::new(heads)),
            unread: Arc::default(),
            period_since_ms: AtomicU64::new(0),
            is_self_timed: AtomicBool::new(false),
            is_given_up: AtomicBool::new(false),
            ends: Notify::new(),
        }
    }

    fn now_ms(&self) -> u64 {
        self.began.elapsed().as_millis() as u64
    }

    /// A head is complete and its request is being answered. `None` if there is not enough memory for the head.
    pub(crate) fn request_begins<B: Body>(&self, request: &Request<B>) -> Option<HeadReservation> {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        if self.is_http2.load(Ordering::Relaxed) {
            return self.heads.complete(request);
        }
        self.body_left.store(request.body().size_hint().exact().unwrap_or(UNKNOWN), Ordering::Relaxed);
        self.head_since_ms.store(NEVER, Ordering::Relaxed);
        self.heads.come(0);
        self.heads.complete(request)
    }

    /// An answer is ready, or a long one has ended.
    pub(crate) fn request_ends(&self) {
        let _ = self.body_left.compare_exchange(UNKNOWN, 0, Ordering::Relaxed, Ordering::Relaxed);
        self.idle_since_ms.store(self.now_ms(), Ordering::Relaxed);
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
    }

    pub(crate) fn long_answer_begins(&self) {
        self.long_answers.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn long_answer_ends(&self) {
        self.long_answers.fetch_sub(1, Ordering::Relaxed);
    }

    /// Whether an answer without a length is sent over HTTP/1, which reads nothing meanwhile.
    pub(crate) fn is_deaf(&self) -> bool {
        self.long_answers.load(Ordering::Relaxed) > 0 && !self.is_http2.load(Ordering::Relaxed)
    }

    /// A part of a head came.
    pub(crate) fn head_comes(&self) {
        let _ = self.head_since_ms.compare_exchange(NEVER, self.now_ms(), Ordering::Relaxed, Ordering::Relaxed);
    }

    /// The connection speaks HTTP/2, and its bytes end outside of a head.
    pub(crate) fn no_head_comes(&self) {
        self.head_since_ms.store(NEVER, Ordering::Relaxed);
    }

    pub(crate) fn speaks_http2(&self) {
        self.is_http2.store(true, Ordering::Relaxed);
    }

    /// Over HTTP/1, how much of the body is to come before the next head; `None` for a body in pieces.
    pub(crate) fn body_left(&self) -> Option<u64> {
        Some(self.body_left.load(Ordering::Relaxed)).filter(|left| *left != UNKNOWN)
    }

    /// Over HTTP/1, so much of a body of known length came.
    pub(crate) fn body_comes(&self, bytes: u64) {
        self.body_left.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Whether an answer on this connection watches its reader itself, and ends the connection of one that is too slow.
    /// Meanwhile the connection is not idle, however long that takes.
    pub(crate) fn times_itself(&self, is_self_timed: bool) {
        self.idle_since_ms.store(self.now_ms(), Ordering::Relaxed);
        self.is_self_timed.store(is_self_timed, Ordering::Relaxed);
    }

    pub(crate) fn is_self_timed(&self) -> bool {
        self.is_self_timed.load(Ordering::Relaxed)
    }

    /// How long nothing was asked; `None` while a request is at work.
    pub(crate) fn idle_ms(&self) -> Option<u64> {
        let is_idle = !self.is_at_work();
        is_idle.then(|| self.now_ms().saturating_sub(self.idle_since_ms.load(Ordering::Relaxed)))
    }

    fn is_at_work(&self) -> bool {
        self.in_flight.load(Ordering::Relaxed) > 0 || self.is_self_timed()
    }

    /// What to do now.
    pub(crate) fn verdict(&self, timeouts: ConnectionTimeouts) -> Verdict {
        let Some(left) = self.sending(timeouts.send) else { return Verdict::Unread };
        match self.receiving(timeouts.head, timeouts.idle) {
            Verdict::Keep(time) => Verdict::Keep(time.min(left)),
            over @ (Verdict::Idle | Verdict::Stalled | Verdict::Unread) => over,
        }
    }

    /// How long to wait until the period of sending ends; none if something waits for too long.
    fn sending(&self, send_max: Duration) -> Option<Duration> {
        if self.is_self_timed() {
            return Some(send_max);
        }
        let now_ms = self.now_ms();
        let elapsed = Duration::from_millis(now_ms.saturating_sub(self.period_since_ms.load(Ordering::Relaxed)));
        if let Some(left) = send_max.checked_sub(elapsed).filter(|left| !left.is_zero()) {
            return Some(left);
        }
        self.period_since_ms.store(now_ms, Ordering::Relaxed);
        (!self.unread.end_period()).then_some(send_max)
    }

    fn receiving(&self, head_max: Duration, idle_max: Duration) -> Verdict {
        let head_since = self.head_since_ms.load(Ordering::Relaxed);
        let is_busy = self.is_at_work() || !self.unread.is_empty();
        // Over HTTP/1 no further head is read while answers wait: that is not its sender's fault, or not this one.
        if is_busy && (head_since == NEVER || !self.is_http2.load(Ordering::Relaxed)) {
            return Verdict::Keep(head_max.min(idle_max));
        }
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

    /// Ends the connection now. What its peer did not read is thrown away.
    pub(crate) fn give_up(&self) {
        self.is_given_up.store(true, Ordering::Relaxed);
        self.end();
    }

    /// Ends the connection now.
    pub(crate) fn end(&self) {
        self.ends.notify_one();
    }

    /// Waits for [`ConnectionActivity::end`] or [`ConnectionActivity::give_up`].
    pub(crate) async fn ended(&self) {
        self.ends.notified().await;
    }

    pub(crate) fn is_given_up(&self) -> bool {
        self.is_given_up.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
impl Default for ConnectionActivity {
    fn default() -> Self {
        Self::new(MemoryBudget::new(usize::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::Empty;

    fn begin(activity: &ConnectionActivity) -> Option<HeadReservation> {
        activity.request_begins(&Request::new(Empty::<&[u8]>::new()))
    }

    const TIMEOUTS: ConnectionTimeouts = ConnectionTimeouts {
        head: Duration::from_millis(20),
        idle: Duration::from_millis(60),
        send: Duration::from_millis(40),
        tls_handshake: Duration::MAX,
    };

    fn after(activity: &ConnectionActivity, pause_ms: u64) -> Verdict {
        std::thread::sleep(Duration::from_millis(pause_ms));
        activity.verdict(TIMEOUTS)
    }

    #[test]
    fn a_connection_without_a_request_is_idle_after_its_time() {
        let activity = ConnectionActivity::default();
        assert!(matches!(after(&activity, 25), Verdict::Keep(_)));
        assert_eq!(after(&activity, 60), Verdict::Idle);
    }

    #[test]
    fn a_head_that_does_not_end_is_stalled_and_a_request_at_work_is_not() {
        let activity = ConnectionActivity::default();
        activity.head_comes();
        assert_eq!(after(&activity, 25), Verdict::Stalled);
        let _reservation = begin(&activity);
        assert!(matches!(after(&activity, 70), Verdict::Keep(_)));
        activity.request_ends();
        assert!(matches!(after(&activity, 5), Verdict::Keep(_)));
    }

    #[test]
    fn over_http2_a_head_that_does_not_end_is_stalled_while_other_requests_are_at_work() {
        let activity = ConnectionActivity::default();
        activity.speaks_http2();
        let _reservation = begin(&activity);
        activity.head_comes();
        let _other = begin(&activity);
        assert_eq!(after(&activity, 25), Verdict::Stalled);
        activity.no_head_comes();
        assert!(matches!(after(&activity, 25), Verdict::Keep(_)));
    }

    #[test]
    fn a_connection_whose_answer_watches_its_reader_itself_is_neither_unread_nor_idle_before_its_end() {
        let activity = ConnectionActivity::default();
        activity.times_itself(true);
        let waiting = activity.unread.begin();
        for _ in 0..3 {
            assert!(matches!(after(&activity, 45), Verdict::Keep(_)));
        }
        drop(waiting);
        assert!(matches!(after(&activity, 1), Verdict::Keep(_)) && activity.idle_ms().is_none());
        activity.times_itself(false);
        assert!(matches!(after(&activity, 25), Verdict::Keep(_)) && activity.idle_ms().is_some());
        assert_eq!(after(&activity, 60), Verdict::Idle);
    }

    #[test]
    fn a_peer_that_reads_nothing_for_two_periods_is_given_up_while_it_has_requests_at_work() {
        let activity = ConnectionActivity::default();
        let _reservation = begin(&activity);
        let waiting = activity.unread.begin();
        assert!(matches!(after(&activity, 45), Verdict::Keep(_)));
        assert_eq!(after(&activity, 45), Verdict::Unread);
        drop(waiting);
        assert!(matches!(after(&activity, 45), Verdict::Keep(_)));
    }
}
