//! An answer without a length, which goes on for as long as its client wants to hear more.
//!
//! Its connection is not idle meanwhile. Its parts are handed out one by one: the next one is asked for when nothing of
//! the connection is unread, so that one part at most is in memory for a client that does not read.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

use super::connection::AtWork;
use super::memory_budget::MemoryBudget;
use super::slow_reader::{InFlight, held};

/// The body of a long answer. Its request is at work until this is dropped.
pub(crate) struct LongAnswer<B> {
    body: B,
    at_work: AtWork,
    answers: Arc<MemoryBudget>,
    /// The HTTP layer does not ask for the next part, because the client gives no window. That counts as not reading.
    unasked: Option<InFlight>,
}

impl<B> LongAnswer<B> {
    pub(crate) fn new(body: B, at_work: AtWork, answers: &Arc<MemoryBudget>) -> Self {
        at_work.0.long_answer_begins();
        let unasked = Some(at_work.0.unread.begin());
        Self { body, at_work, answers: Arc::clone(answers), unasked }
    }

    /// A part that is unread until its last byte has left.
    fn part(&mut self, bytes: Bytes) -> Bytes {
        let unread = &self.at_work.0.unread;
        unread.hand_over();
        self.unasked = Some(unread.begin());
        let reservation = self.answers.force_reserve(bytes.len());
        held(bytes, (unread.begin(), reservation))
    }
}

impl<B> Drop for LongAnswer<B> {
    fn drop(&mut self) {
        self.at_work.0.long_answer_ends();
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for LongAnswer<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        self.unasked = None;
        ready!(self.at_work.0.unread.poll_empty(cx));
        let polled = ready!(Pin::new(&mut self.body).poll_frame(cx));
        Poll::Ready(polled.map(|frame| frame.map(|frame| frame.map_data(|bytes| self.part(bytes)))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests;
