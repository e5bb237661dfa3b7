//! Thousands of interleavings of callers, readers and the embedded backend's writer, each decided by a scheduler and
//! each checked: nothing can be read before it is durable, no update is lost, and every waiter is answered (a schedule
//! in which one is not ends as a deadlock, which the scheduler reports).
//!
//! `PINFOLD_SCHEDULES` is the number of schedules of each kind for each test. A failure prints its schedule;
//! `PINFOLD_SCHEDULE=… cargo test … NAME_OF_THE_TEST` runs that one again.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod failures;
mod history;
mod listener;
mod outbox;
mod races;
mod registers;
mod runner;
#[path = "../support/mod.rs"]
mod support;
mod touches;
mod world;
