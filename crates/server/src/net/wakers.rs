//! Tasks that wait until something about their connection changes.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

/// The wakers of the tasks that wait; at most one for each stream of the connection.
#[derive(Default)]
pub(crate) struct Wakers {
    is_awaited: AtomicBool,
    wakers: Mutex<Vec<Waker>>,
}

impl Wakers {
    /// Waits until `is_met`, which is looked at again after each [`Wakers::wake`]. What it reads, and what is written
    /// before a wake, has to be sequentially consistent.
    pub(crate) fn poll_until(&self, cx: &mut Context<'_>, is_met: impl Fn() -> bool) -> Poll<()> {
        if is_met() {
            return Poll::Ready(());
        }
        let mut wakers = self.wakers.lock().unwrap_or_else(PoisonError::into_inner);
        if !wakers.iter().any(|waker| waker.will_wake(cx.waker())) {
            wakers.push(cx.waker().clone());
        }
        self.is_awaited.store(true, Ordering::SeqCst);
        drop(wakers);
        // It may have been met before the waker was there.
        if is_met() { Poll::Ready(()) } else { Poll::Pending }
    }

    /// Wakes all that wait.
    pub(crate) fn wake(&self) {
        if !self.is_awaited.load(Ordering::SeqCst) {
            return;
        }
        let mut wakers = self.wakers.lock().unwrap_or_else(PoisonError::into_inner);
        self.is_awaited.store(false, Ordering::SeqCst);
        let woken = std::mem::take(&mut *wakers);
        drop(wakers);
        woken.into_iter().for_each(Waker::wake);
    }
}
