//! Memory that the heads of requests take, on every connection and together.
//!
//! A head is taken in before anything is known of its sender, so heads have a bound of their own. It covers the head
//! that is coming in, bytes that came after a request, and the heads of requests that are at work.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hyper::Request;

use super::room::Room;

/// What each connection may hold without counting: an idle one has a buffer of this size too, and nearly all heads fit.
const UNCOUNTED_BYTES: usize = 8 * 1024;
/// The bound is shared by all connections, so it is asked for this much at a time.
const STEP_BYTES: usize = 16 * 1024;
/// What a header takes beside its name and value.
const HEADER_BYTES: usize = 128;

/// The heads of one connection.
pub(super) struct Heads {
    room: Arc<Room>,
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
    /// What was taken of the room.
    charged: usize,
    /// Whether there was no room once.
    is_refused: bool,
}

/// The head of a request that is at work; it no longer counts when this is dropped.
pub(crate) struct HeadShare {
    heads: Arc<Heads>,
    bytes: usize,
}

impl Heads {
    pub(super) fn new(room: Arc<Room>) -> Self {
        Self { room, held: Mutex::default() }
    }

    /// Sets how much came of a head; whether there is room for it.
    pub(super) fn come(&self, bytes: usize) -> bool {
        let mut held = self.lock();
        held.coming = bytes;
        held.settle(&self.room)
    }

    /// Sets how much is kept for later; whether there is room for it.
    pub(super) fn keep(&self, bytes: usize) -> bool {
        let mut held = self.lock();
        held.kept = bytes;
        held.settle(&self.room)
    }

    /// A head that came in is complete. `None` if there is no room for what it became.
    pub(super) fn complete<B>(self: &Arc<Self>, request: &Request<B>) -> Option<HeadShare> {
        let bytes = size(request);
        let mut held = self.lock();
        held.at_work += bytes;
        if held.settle(&self.room) {
            return Some(HeadShare { heads: Arc::clone(self), bytes });
        }
        held.at_work -= bytes;
        held.settle(&self.room);
        None
    }

    /// Whether there was no room for a head of this connection.
    pub(super) fn is_refused(&self) -> bool {
        self.lock().is_refused
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    /// Takes of the room what is missing, or gives back what is too much; false if it is not there.
    fn settle(&mut self, room: &Room) -> bool {
        let counted = (self.coming + self.kept + self.at_work).saturating_sub(UNCOUNTED_BYTES);
        let wanted = counted.next_multiple_of(STEP_BYTES);
        if wanted > self.charged && !room.take(wanted - self.charged) {
            self.is_refused = true;
            return false;
        }
        room.give_back(self.charged.saturating_sub(wanted));
        self.charged = wanted;
        true
    }
}

impl Drop for Heads {
    fn drop(&mut self) {
        let charged = self.lock().charged;
        self.room.give_back(charged);
    }
}

impl Drop for HeadShare {
    fn drop(&mut self) {
        let mut held = self.heads.lock();
        held.at_work -= self.bytes;
        held.settle(&self.heads.room);
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

    fn heads(bytes_max: usize) -> (Arc<Room>, Arc<Heads>) {
        let room = Room::new(bytes_max);
        (Arc::clone(&room), Arc::new(Heads::new(room)))
    }

    #[test]
    fn small_heads_are_not_counted_and_larger_ones_until_they_are_gone() {
        let (room, heads) = heads(STEP_BYTES);
        assert!(heads.come(UNCOUNTED_BYTES / 2) && heads.keep(UNCOUNTED_BYTES / 2) && room.is_left());
        assert!(heads.come(UNCOUNTED_BYTES) && !room.is_left());
        assert!(heads.come(0) && heads.keep(0) && room.is_left());
        let share = heads.complete(&request(10_000)).unwrap();
        assert!(!room.is_left());
        drop(share);
        assert!(room.is_left());
    }

    #[test]
    fn the_heads_of_all_connections_have_one_bound() {
        let (room, first) = heads(2 * STEP_BYTES);
        let second = Arc::new(Heads::new(Arc::clone(&room)));
        assert!(first.come(30_000) && !second.come(30_000));
        assert!(second.come(0) && second.complete(&request(30_000)).is_none());
        drop(first);
        assert!(second.complete(&request(30_000)).is_some());
    }
}
