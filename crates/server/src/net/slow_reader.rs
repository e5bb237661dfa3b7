//! What waits to be sent on one connection, and for how long: a peer may ask and never read the answers.
//!
//! Two things are counted: answers of which a part is still in memory of ours, whether the connection is stuck or an
//! HTTP/2 peer gives no window, and a connection that takes no bytes. Both are counted by periods instead of by the
//! clock: what is left of the period before the last has waited for one whole period at least, and less than two.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

use super::memory_budget::{MemoryBudget, Reservation};
use super::wakers::Wakers;

/// What an answer, or a part of a long one, holds until it has left.
pub(super) type Held = (InFlight, Option<Reservation<Arc<MemoryBudget>>>);

/// The counts of one connection.
#[derive(Default)]
pub(crate) struct Unread {
    /// The period that runs, as the index of its count.
    period: AtomicUsize,
    waiting: [AtomicU32; 2],
    /// The HTTP layer has bytes of a long answer that it did not write yet. It copies small parts, so these are not in
    /// `waiting`.
    is_unwritten: AtomicBool,
    /// Long answers that wait for all of this to be gone.
    wakers: Wakers,
}

/// Counts as waiting while it lives.
pub(crate) struct InFlight {
    unread: Arc<Unread>,
    since: usize,
}

impl Unread {
    pub(crate) fn begin(self: &Arc<Self>) -> InFlight {
        let since = self.period.load(Ordering::Relaxed);
        self.waiting[since].fetch_add(1, Ordering::Relaxed);
        InFlight { unread: Arc::clone(self), since }
    }

    /// Whether nothing waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.iter().all(|count| count.load(Ordering::SeqCst) == 0)
    }

    /// A part of a long answer is handed to the HTTP layer.
    pub(crate) fn hand_over(&self) {
        self.is_unwritten.store(true, Ordering::SeqCst);
    }

    /// The HTTP layer has written all that it had.
    pub(crate) fn written(&self) {
        if self.is_unwritten.swap(false, Ordering::SeqCst) {
            self.wakers.wake();
        }
    }

    /// Waits until nothing waits, with the HTTP layer neither.
    pub(crate) fn poll_empty(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.wakers.poll_until(cx, || !self.is_unwritten.load(Ordering::SeqCst) && self.is_empty())
    }

    /// Ends a period; whether something waits since before it began.
    pub(crate) fn end_period(&self) -> bool {
        let next = 1 - self.period.load(Ordering::Relaxed);
        let is_late = self.waiting[next].load(Ordering::Relaxed) > 0;
        self.period.store(next, Ordering::Relaxed);
        is_late
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.unread.waiting[self.since].fetch_sub(1, Ordering::SeqCst);
        self.unread.wakers.wake();
    }
}

/// The body of an answer. It waits and reserves memory until the last byte of its first part has left or the answer is
/// given up; nearly every answer has one part.
pub(crate) struct Answer<B> {
    body: B,
    held: Option<Held>,
}

/// Bytes that HTTP/1 and HTTP/2 keep until they have written them.
struct HeldBytes {
    bytes: Bytes,
    _held: Held,
}

/// Bytes that hold something until the last of them is dropped.
pub(super) fn held(bytes: Bytes, held: Held) -> Bytes {
    Bytes::from_owner(HeldBytes { bytes, _held: held })
}

impl<B: Body> Answer<B> {
    pub(crate) fn new(body: B, unread: &Arc<Unread>, budget: &Arc<MemoryBudget>) -> Self {
        let bytes = body.size_hint().lower() as usize;
        Self { body, held: Some((unread.begin(), budget.force_reserve(bytes))) }
    }
}

impl AsRef<[u8]> for HeldBytes {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for Answer<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let polled = ready!(Pin::new(&mut self.body).poll_frame(cx));
        let Some(until_left) = self.held.take() else { return Poll::Ready(polled) };
        Poll::Ready(polled.map(|frame| frame.map(|frame| frame.map_data(|bytes| held(bytes, until_left)))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::{BodyExt, Full};

    use super::*;

    #[test]
    fn what_waits_for_a_whole_period_is_late() {
        let unread = Arc::new(Unread::default());
        assert!(!unread.end_period());
        let waiting = unread.begin();
        assert!(!unread.end_period() && unread.end_period());
        drop(waiting);
        assert!(!unread.end_period() && !unread.end_period());
    }

    #[test]
    fn what_comes_and_goes_is_never_late_however_much_it_is() {
        let unread = Arc::new(Unread::default());
        let mut waiting = unread.begin();
        for _ in 0..10 {
            assert!(!unread.end_period());
            let next = unread.begin();
            drop(std::mem::replace(&mut waiting, next));
        }
    }

    #[tokio::test]
    async fn an_answer_waits_until_its_last_bytes_are_dropped() {
        let unread = Arc::new(Unread::default());
        let mut answer = Answer::new(Full::<Bytes>::from("answer"), &unread, &MemoryBudget::new(1));
        assert_eq!((unread.is_empty(), answer.size_hint().exact()), (false, Some(6)));
        let mut bytes = answer.frame().await.unwrap().unwrap().into_data().unwrap();
        drop(answer);
        drop(bytes.split_to(2));
        assert_eq!((unread.is_empty(), &bytes[..]), (false, &b"swer"[..]));
        drop(bytes);
        assert!(unread.is_empty());
    }

    #[test]
    fn an_answer_without_a_body_or_given_up_does_not_wait() {
        let unread = Arc::new(Unread::default());
        let empty = Answer::new(Full::<Bytes>::default(), &unread, &MemoryBudget::new(1));
        assert!(empty.is_end_stream());
        drop((empty, Answer::new(Full::<Bytes>::from("answer"), &unread, &MemoryBudget::new(1))));
        assert!(unread.is_empty());
    }

    #[tokio::test]
    async fn a_long_answer_reserves_memory_until_its_last_bytes_are_dropped() {
        let budget = MemoryBudget::new(20_000);
        let mut answer = Answer::new(Full::<Bytes>::from(vec![b' '; 20_000]), &Arc::default(), &budget);
        let mut bytes = answer.frame().await.unwrap().unwrap().into_data().unwrap();
        drop(answer);
        drop(bytes.split_to(19_999));
        assert!(!budget.has_room());
        drop(bytes);
        assert!(budget.has_room());
    }
}
