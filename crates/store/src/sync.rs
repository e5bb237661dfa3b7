//! Threads, locks, channels and the clock of the code that tests run under a scheduler: those of the system, or with the
//! feature `schedules` those of `shuttle`, which decides at each of them which thread runs next.

#[cfg(not(feature = "schedules"))]
mod system {
    pub(crate) use std::sync::{Mutex, MutexGuard, atomic, mpsc};
    pub(crate) use std::thread;
    pub(crate) use std::time::Instant;

    pub(crate) use quick_cache::DefaultHashBuilder as HashBuilder;
    pub(crate) use tokio::task::spawn_blocking;
}

#[cfg(feature = "schedules")]
mod scheduled;

#[cfg(feature = "schedules")]
pub(crate) use scheduled::*;
#[cfg(not(feature = "schedules"))]
pub(crate) use system::*;
