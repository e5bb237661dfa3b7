//! Small reads that share a thread. One for each read would cost more processor time to wake than most reads take.

use std::collections::VecDeque;
use std::sync::{Arc, PoisonError};

use tokio::sync::oneshot;

use super::engine::Engine;
use crate::StoreError;
use crate::sync::{Mutex, MutexGuard, spawn_blocking};

/// Reads that wait for each reader; with more, another one is started, so that a slow disk is asked for several rows at
/// once.
const WAITING_FOR_EACH: usize = 16;

type Read = Box<dyn FnOnce() + Send>;

/// Reads that wait, at most one for each call. Clones share them.
#[derive(Clone, Default)]
pub(super) struct GatheredReads(Arc<Mutex<Gathered>>);

#[derive(Default)]
struct Gathered {
    waiting: VecDeque<Read>,
    readers: usize,
}

/// A read that is not made if its caller went away.
fn answering<T: Send + 'static>(done: oneshot::Sender<T>, read: impl FnOnce() -> T + Send + 'static) -> Read {
    Box::new(move || {
        if !done.is_closed() {
            drop(done.send(read()));
        }
    })
}

impl GatheredReads {
    /// Runs a read on a thread that may block, after those that wait.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        engine: Engine,
        read: impl FnOnce(&Engine) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (done, found) = oneshot::channel();
        if let Some(mut reader) = self.add(answering(done, move || read(&engine))) {
            drop(spawn_blocking(move || {
                while let Some(read) = reader.next() {
                    read();
                }
            }));
        }
        found.await.map_err(|_| StoreError::Failed("a read ended early".into()))?
    }

    /// The reader to be started for it, if those at work are not enough.
    fn add(&self, read: Read) -> Option<Reader> {
        let mut gathered = self.gathered();
        gathered.waiting.push_back(read);
        (gathered.waiting.len() > gathered.readers * WAITING_FOR_EACH).then(|| {
            gathered.readers += 1;
            Reader { reads: self.clone(), has_ended: false }
        })
    }

    fn gathered(&self) -> MutexGuard<'_, Gathered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A thread that reads.
struct Reader {
    reads: GatheredReads,
    has_ended: bool,
}

impl Reader {
    /// The next read; after `None` the reader does not count any more, in one step, so that a read that is added then
    /// has another one started.
    fn next(&mut self) -> Option<Read> {
        let mut gathered = self.reads.gathered();
        let next = gathered.waiting.pop_front();
        if next.is_none() {
            gathered.readers -= 1;
            self.has_ended = true;
        }
        next
    }
}

impl Drop for Reader {
    /// Of a reader that panicked, or was never run: without another one what waits is answered with an error.
    fn drop(&mut self) {
        if !self.has_ended {
            let mut gathered = self.reads.gathered();
            gathered.readers -= 1;
            if gathered.readers == 0 {
                gathered.waiting.clear();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nothing() -> Read {
        Box::new(|| ())
    }

    #[test]
    fn one_reader_reads_for_several_and_more_come_with_what_waits() {
        let reads = GatheredReads::default();
        let mut first = reads.add(nothing()).expect("the first");
        let others: Vec<_> = (0..WAITING_FOR_EACH).filter_map(|_| reads.add(nothing())).collect();
        assert_eq!(others.len(), 1);
        assert_eq!(std::iter::from_fn(|| first.next()).count(), WAITING_FOR_EACH + 1);
    }

    #[test]
    fn a_read_that_comes_after_the_last_one_was_taken_has_a_reader_started() {
        let reads = GatheredReads::default();
        let mut first = reads.add(nothing()).expect("the first");
        assert!(first.next().is_some() && first.next().is_none());
        assert!(reads.add(nothing()).is_some());
    }

    #[test]
    fn a_read_whose_caller_went_away_is_not_made() {
        let (done, found) = oneshot::channel();
        drop(found);
        answering(done, || panic!("it was read"))();
    }

    #[test]
    fn what_waits_for_a_reader_that_is_gone_is_dropped_and_not_forgotten() {
        let reads = GatheredReads::default();
        let (done, mut found) = oneshot::channel::<()>();
        let reader = reads.add(Box::new(move || done.send(()).unwrap())).expect("the first");
        assert!(reads.add(nothing()).is_none());
        drop(reader);
        assert!(found.try_recv().is_err_and(|error| error == oneshot::error::TryRecvError::Closed));
        assert!(reads.add(nothing()).is_some());
    }
}
