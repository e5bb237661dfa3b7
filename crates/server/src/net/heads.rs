//! Memory that the heads of requests take, on every connection and together.
//!
//! A head is taken in before anything is known of its sender, so heads have a bound of their own. It covers the head
//! that is coming in, bytes that came after a request, and the heads of requests that are at work.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hyper::Request;

use super::memory_budget::MemoryBudget;

/// What each connection may hold without counting: an idle one has a buffer of this size too, and nearly all heads fit.
const UNCOUNTED_BYTES: usize = 8 * 1024;
/// The bound is shared by all connections, so it is asked for this much at a time.
const STEP_BYTES: usize = 16 * 1024;
/// What a header takes beside its name and value.
const HEADER_BYTES: usize = 128;

/// The heads of one connection.
pub(crate) struct Heads {
    budget: Arc<MemoryBudget>,
    held: Mutex<Held>,
}

/// Bytes.
#[derive(Default)]
struct Held {
    /// The head that is coming in.
    coming: usize,
    /// What came after the request that is at work, and is not looked at yet.
    kept: usize,
    at_work: usize,
    /// What is reserved of the budget.
    charged: usize,
    /// Whether there was no room once.
    is_refused: bool,
}

/// The head of a request that is at work; it no longer counts when this is dropped.
pub(crate) struct HeadReservation {
    heads: Arc<Heads>,
    bytes: usize,
}

impl Heads {
    pub(crate) fn new(budget: Arc<MemoryBudget>) -> Self {
        Self { budget, held: Mutex::default() }
    }

    /// Sets how much came of a head; whether there is room for it.
    pub(crate) fn come(&self, bytes: usize) -> bool {
        let mut held = self.lock();
        held.coming = bytes;
        held.settle(&self.budget)
    }

    /// Sets how much is kept for later; whether there is room for it.
    pub(crate) fn keep(&self, bytes: usize) -> bool {
        let mut held = self.lock();
        held.kept = bytes;
        held.settle(&self.budget)
    }

    /// A head is complete. `None` if there is not enough memory for it when it is parsed.
    pub(crate) fn complete<B>(self: &Arc<Self>, request: &Request<B>) -> Option<HeadReservation> {
        let bytes = size(request);
        let mut held = self.lock();
        held.at_work += bytes;
        if held.settle(&self.budget) {
            return Some(HeadReservation { heads: Arc::clone(self), bytes });
        }
        held.at_work -= bytes;
        held.settle(&self.budget);
        None
    }

    /// Whether there was no room for a head of this connection.
    pub(crate) fn is_refused(&self) -> bool {
        self.lock().is_refused
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    /// Reserves what is missing, or releases what is too much; false if it does not fit.
    fn settle(&mut self, budget: &MemoryBudget) -> bool {
        let counted = (self.coming + self.kept + self.at_work).saturating_sub(UNCOUNTED_BYTES);
        let wanted = counted.next_multiple_of(STEP_BYTES);
        if wanted > self.charged && !budget.reserve(wanted - self.charged) {
            self.is_refused = true;
            return false;
        }
        budget.release(self.charged.saturating_sub(wanted));
        self.charged = wanted;
        true
    }
}

impl Drop for Heads {
    fn drop(&mut self) {
        let charged = self.lock().charged;
        self.budget.release(charged);
    }
}

impl Drop for HeadReservation {
    fn drop(&mut self) {
        let mut held = self.heads.lock();
        held.at_work -= self.bytes;
        held.settle(&self.heads.budget);
    }
}

/// The memory of a head that was read.
fn size<B>(request: &Request<B>) -> usize {
    let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    let headers = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + HEADER_BYTES);
    target + headers.sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(bytes: usize) -> Request<()> {
        Request::builder().uri("/").header("x", "x".repeat(bytes)).body(()).unwrap()
    }

    fn heads(bytes_max: usize) -> (Arc<MemoryBudget>, Arc<Heads>) {
        let budget = MemoryBudget::new(bytes_max);
        (Arc::clone(&budget), Arc::new(Heads::new(budget)))
    }

    #[test]
    fn small_heads_are_not_counted_and_larger_ones_until_they_are_gone() {
        let (budget, heads) = heads(STEP_BYTES);
        assert!(heads.come(UNCOUNTED_BYTES / 2) && heads.keep(UNCOUNTED_BYTES / 2) && budget.has_room());
        assert!(heads.come(UNCOUNTED_BYTES) && !budget.has_room());
        assert!(heads.come(0) && heads.keep(0) && budget.has_room());
        let reservation = heads.complete(&request(10_000)).unwrap();
        assert!(!budget.has_room());
        drop(reservation);
        assert!(budget.has_room());
    }

    #[test]
    fn the_heads_of_all_connections_have_one_bound() {
        let (budget, first) = heads(2 * STEP_BYTES);
        let second = Arc::new(Heads::new(Arc::clone(&budget)));
        assert!(first.come(30_000) && !second.come(30_000));
        assert!(second.come(0) && second.complete(&request(30_000)).is_none());
        drop(first);
        assert!(second.complete(&request(30_000)).is_some());
    }
}
