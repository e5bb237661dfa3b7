//! Places for connections. A database that has fewer of them than the pool teaches it how many there are.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How long the pool does without the places that the database refused, before it tries them again.
const REFUSED_MAX: Duration = Duration::from_secs(10);
/// Where not even one connection is open, this is waited before the next attempt.
const ALONE: Duration = Duration::from_millis(100);

pub(super) struct Places {
    free: Arc<Semaphore>,
    count: usize,
    /// Places taken away because the database refused them.
    refused: AtomicUsize,
    refused_at: Mutex<Instant>,
}

impl Places {
    pub(super) fn new(count: usize) -> Self {
        let (refused, refused_at) = (AtomicUsize::new(0), Mutex::new(Instant::now()));
        Self { free: Arc::new(Semaphore::new(count)), count, refused, refused_at }
    }

    /// The next place that is free; `None` if the pool was closed.
    pub(super) async fn take(&self) -> Option<OwnedSemaphorePermit> {
        if self.refused.load(Ordering::Relaxed) > 0 && self.refused_at().elapsed() > REFUSED_MAX {
            self.free.add_permits(self.refused.swap(0, Ordering::Relaxed));
        }
        Arc::clone(&self.free).acquire_owned().await.ok()
    }

    /// The database has no connection for this place: it is not used for a while. One place always stays.
    pub(super) async fn refuse(&self, place: OwnedSemaphorePermit) {
        *self.refused_at() = Instant::now();
        let more = |refused| (refused + 1 < self.count).then_some(refused + 1);
        match self.refused.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more) {
            Ok(_) => place.forget(),
            Err(_) => tokio::time::sleep(ALONE).await,
        }
    }

    pub(super) fn close(&self) {
        self.free.close();
    }

    fn refused_at(&self) -> std::sync::MutexGuard<'_, Instant> {
        self.refused_at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_place_that_is_refused_is_missing_and_the_last_one_stays() {
        let places = Places::new(3);
        for free in [2, 1, 1, 1] {
            let place = places.take().await.unwrap();
            places.refuse(place).await;
            assert_eq!(places.free.available_permits(), free);
        }
    }

    #[tokio::test]
    async fn refused_places_are_tried_again_after_a_while() {
        let places = Places::new(3);
        let place = places.take().await.unwrap();
        places.refuse(place).await;
        *places.refused_at() = Instant::now().checked_sub(REFUSED_MAX * 2).unwrap();
        let place = places.take().await.unwrap();
        assert_eq!(places.free.available_permits(), 2);
        drop(place);
    }
}
